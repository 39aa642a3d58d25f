package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Table is the stores.Table of a Store.
type Table struct {
	pool *pgxpool.Pool
	sql  sqlstore.Statements
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
	st, err := sqlstore.Postgres().Statements(l)
	if err != nil {
		panic(err)
	}
	return &Table{pool, st}
}

// Migrate makes the table and its indexes where they are missing, and fails if a table of that name lacks a column. It
// may be called at every start, by several processes at once. Whoever has made a table of their own needn't call it.
func (t *Table) Migrate(ctx context.Context) error {
	steps := append(append([]string{t.sql.Lock}, t.sql.Schema...), t.sql.Check)
	for tries := 1; ; tries++ {
		err := pgx.BeginFunc(ctx, t.pool, func(tx pgx.Tx) error {
			for _, s := range steps {
				if _, err := tx.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		switch {
		case err == nil:
			return nil
		case !again(err, tries):
			return failed("migrate", err)
		}
	}
}

// most is how often a statement is sent that is given up each time. Another transaction is through then, so there is
// mostly one more.
const most = 10

// again reports whether a statement is to be sent once more: it was given up in favour of another transaction, and so has
// done nothing. A statement is a transaction of its own.
func again(err error, tries int) bool { return tries < most && gaveWay(err) }

// gaveWay reports whether a statement has failed because of another transaction. With the server's default isolation that
// is a deadlock. With a stricter one it is each statement that finds a row changed by a transaction which had not
// committed when the statement began.
func gaveWay(err error) bool {
	const serializationFailure, deadlockDetected = "40001", "40P01"
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

// exec executes a statement that writes, and returns how many rows that changed.
func (t *Table) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	for tries := 1; ; tries++ {
		if tag, err := t.pool.Exec(ctx, statement, args...); !again(err, tries) {
			return tag.RowsAffected(), err
		}
	}
}

// found is a row as it was read. A table of one's own may let a column be NULL. That makes the row one that can't be
// read, and not the query one that fails.
type found struct {
	handle                 string
	version, seen, expires pgtype.Int8
	record                 []byte
}

// row returns what was found. Without a record, it can't be parsed.
func (f *found) row() sqlstore.Row {
	r := sqlstore.Row{Handle: f.handle, Version: f.version.Int64, Seen: f.seen.Int64, Expires: f.expires.Int64}
	if f.version.Valid && f.seen.Valid && f.expires.Valid {
		r.Record = f.record
	}
	return r
}

// Load implements stores.Table.
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	var f found
	var err error
	for tries := 1; ; tries++ {
		err = t.pool.QueryRow(ctx, t.sql.Load, h.String()).Scan(&f.version, &f.seen, &f.expires, &f.record)
		if !again(err, tries) {
			break
		}
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return stores.Record{}, stores.ErrNotFound
	case err != nil:
		return stores.Record{}, failed("load", err)
	}
	rec, err := f.row().Parse(h)
	if err != nil {
		return stores.Record{}, failed("load", err)
	}
	return rec, nil
}

// Save implements stores.Table. A save that is refused costs a second round trip, to tell why.
func (t *Table) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	r, err := sqlstore.RowOf(h, rec)
	if err != nil {
		return failed("save", err)
	}
	if expected == 0 {
		n, err := t.exec(ctx, t.sql.Insert, r.Handle, r.Version, r.Owner, r.Seen, r.Expires, r.Record)
		switch {
		case err != nil:
			return failed("save", err)
		case n == 0:
			return stores.ErrConflict
		}
		return nil
	}
	n, err := t.exec(ctx, t.sql.Replace, r.Version, r.Owner, r.Seen, r.Expires, r.Record, r.Handle, int64(expected))
	switch {
	case gaveWay(err):
		return stores.ErrConflict // whoever is in the way writes to it again and again
	case err != nil:
		return failed("save", err)
	case n == 0:
		return t.refused(ctx, r.Handle)
	}
	return nil
}

// refused says why an update found no row.
func (t *Table) refused(ctx context.Context, handle string) error {
	var one int
	var err error
	for tries := 1; ; tries++ {
		if err = t.pool.QueryRow(ctx, t.sql.Exists, handle).Scan(&one); !again(err, tries) {
			break
		}
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return stores.ErrNotFound
	case err != nil:
		return failed("save", err)
	}
	return stores.ErrConflict
}

// Touch implements stores.Table.
func (t *Table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	e := expires.UnixMicro()
	if _, err := t.exec(ctx, t.sql.Touch, seen.UnixMicro(), e, h.String(), int64(version), e); err != nil {
		return failed("touch", err)
	}
	return nil
}

// Delete implements stores.Table.
func (t *Table) Delete(ctx context.Context, h stores.Handle) error {
	if _, err := t.exec(ctx, t.sql.Delete, h.String()); err != nil {
		return failed("delete", err)
	}
	return nil
}

// List implements stores.Lister. A row that can't be read is listed without its content, so that it can be deleted.
func (t *Table) List(ctx context.Context, owner string) ([]stores.Record, error) {
	if owner == "" {
		return nil, ctx.Err()
	}
	for tries := 1; ; tries++ {
		if recs, err := t.listOnce(ctx, owner); !again(err, tries) {
			return recs, err
		}
	}
}

func (t *Table) listOnce(ctx context.Context, owner string) ([]stores.Record, error) {
	rows, err := t.pool.Query(ctx, t.sql.List, []byte(owner))
	if err != nil {
		return nil, failed("list", err)
	}
	defer rows.Close()
	var recs []stores.Record
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.handle, &f.version, &f.seen, &f.expires, &f.record); err != nil {
			return recs, failed("list", err)
		}
		if rec, ok := f.row().Listed(owner); ok {
			recs = append(recs, rec)
		}
	}
	if err := rows.Err(); err != nil {
		return recs, failed("list", err)
	}
	return recs, nil
}

// Sweep implements stores.Sweeper, in steps of [sqlstore.SweepRows] rows, each a statement of its own that passes over
// rows somebody writes to just now. With an error it returns what was removed before.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for {
		n, err := t.exec(ctx, t.sql.Sweep, sqlstore.SweepBefore(now))
		if err != nil {
			return total, failed("sweep", err)
		}
		total += int(n)
		if n < sqlstore.SweepRows {
			return total, nil
		}
	}
}

func failed(verb string, err error) error { return fmt.Errorf("postgres: %s: %w", verb, err) }
