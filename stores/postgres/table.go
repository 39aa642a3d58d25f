package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Table is the stores.Table of a Store. A sweep passes over rows that somebody writes to just now.
type Table struct {
	*sqlstore.Table
	pool *pgxpool.Pool
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Sweeper = (*Table)(nil)
)

// NewTable makes the table of [New], for tests of tables and for those who put something in front of it.
func NewTable(pool *pgxpool.Pool, l sqlstore.Layout) *Table {
	if pool == nil {
		panic("postgres: no pool")
	}
	return &Table{sqlstore.NewTableConn(conn{pool}, sqlstore.Postgres(), l), pool}
}

// conn is the sqlstore.Conn of a pool. The pool prepares statements by itself.
type conn struct{ *pgxpool.Pool }

// found is a row as the client scans it, without an allocation for a number. A column may be NULL in a table of one's own.
type found struct {
	handle                 string
	version, seen, expires pgtype.Int8
	owner, body            []byte
}

func (f *found) columns(c *sqlstore.Columns) {
	integer := func(n pgtype.Int8) sqlstore.Integer { return sqlstore.Integer{N: n.Int64, OK: n.Valid} }
	text := func(b []byte) sqlstore.Text { return sqlstore.Text{S: string(b), OK: b != nil} }
	*c = sqlstore.Columns{
		Handle: f.handle, Version: integer(f.version), Owner: text(f.owner), Seen: integer(f.seen), Expires: integer(f.expires), Body: text(f.body),
	}
}

func (c conn) Load(ctx context.Context, statement, handle string, to *sqlstore.Columns) (bool, error) {
	var f found
	err := c.QueryRow(ctx, statement, handle).Scan(&f.version, &f.owner, &f.seen, &f.expires, &f.body)
	f.columns(to)
	return isThere(err)
}

// isThere tells the error of a query without a row from others.
func isThere(err error) (bool, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (c conn) List(ctx context.Context, statement string, key any, each func(*sqlstore.Columns)) error {
	rows, err := c.Query(ctx, statement, key)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f found
		var columns sqlstore.Columns
		if err := rows.Scan(&f.handle, &f.version, &f.owner, &f.seen, &f.expires, &f.body); err != nil {
			return err
		}
		f.columns(&columns)
		each(&columns)
	}
	return rows.Err()
}

func (c conn) Exists(ctx context.Context, statement string, args ...any) (bool, error) {
	var one int
	return isThere(c.QueryRow(ctx, statement, args...).Scan(&one))
}

func (c conn) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	tag, err := c.Pool.Exec(ctx, statement, args...)
	return tag.RowsAffected(), err
}

func (c conn) Transact(ctx context.Context, statements []string) error {
	return pgx.BeginFunc(ctx, c.Pool, func(tx pgx.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}
