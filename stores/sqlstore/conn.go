package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// A Conn is how a table reaches its database: database/sql, or a client of another kind, as stores/postgres has one. It is
// safe for concurrent use, honours contexts, and sends each statement once.
type Conn interface {
	Writer

	// Load reads the columns of a handle. It reports whether there is a row.
	Load(ctx context.Context, statement, handle string, c *Columns) (bool, error)

	// List calls each for every row that a statement selects: List of an owner, as bytes, or Page after a handle, as a string.
	// It keeps nothing of the Columns.
	List(ctx context.Context, statement string, key any, each func(*Columns)) error

	// Exists reports whether a statement selects a row.
	Exists(ctx context.Context, statement string, args ...any) (bool, error)

	// Transact executes all of the statements in one transaction.
	Transact(ctx context.Context, statements []string) error
}

// A Writer executes the statements that write. They can go another way than those that read: stores/sqlite has a Writer that
// commits in one transaction what is waiting. An error must mean that the statement may or may not have been executed, and 0 rows
// that it was, and changed none. The args are the Writer's: integers of 64 bits, strings and bytes that nobody changes. It is safe
// for concurrent use.
type Writer interface {
	Exec(ctx context.Context, statement string, args ...any) (rows int64, err error)
}

// pool is the Conn of database/sql. A statement is prepared when it is first needed: the table may be made after the store.
type pool struct {
	db       *sql.DB
	writer   Writer // nil: db
	prepared map[string]*prepared
}

func newPool(db *sql.DB, w Writer, st Statements) *pool {
	p := &pool{db, w, map[string]*prepared{}}
	for _, text := range []string{st.Load, st.List, st.Page, st.Insert, st.Replace, st.Exists, st.Touch, st.Delete, st.Sweep} {
		p.prepared[text] = &prepared{text: text}
	}
	return p
}

func (p *pool) Load(ctx context.Context, statement, handle string, c *Columns) (bool, error) {
	st, err := p.prepared[statement].on(ctx, p.db)
	if err != nil {
		return false, err
	}
	return isThere(st.QueryRowContext(ctx, handle).Scan(&c.Version, &c.Owner, &c.Seen, &c.Expires, &c.Body))
}

// isThere tells the error of a query without a row from others.
func isThere(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (p *pool) List(ctx context.Context, statement string, key any, each func(*Columns)) error {
	st, err := p.prepared[statement].on(ctx, p.db)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, key)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Columns
		if err := rows.Scan(&c.Handle, &c.Version, &c.Owner, &c.Seen, &c.Expires, &c.Body); err != nil {
			return err
		}
		each(&c)
	}
	return rows.Err()
}

func (p *pool) Exists(ctx context.Context, statement string, args ...any) (bool, error) {
	var one int
	prep := p.prepared[statement]
	if prep == nil {
		return isThere(p.db.QueryRowContext(ctx, statement, args...).Scan(&one))
	}
	st, err := prep.on(ctx, p.db)
	if err != nil {
		return false, err
	}
	return isThere(st.QueryRowContext(ctx, args...).Scan(&one))
}

func (p *pool) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if p.writer != nil {
		return p.writer.Exec(ctx, statement, args...)
	}
	prep := p.prepared[statement]
	if prep == nil {
		return affected(p.db.ExecContext(ctx, statement, args...))
	}
	st, err := prep.on(ctx, p.db)
	if err != nil {
		return 0, err
	}
	return affected(st.ExecContext(ctx, args...))
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (p *pool) Transact(ctx context.Context, statements []string) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Close closes the prepared statements.
func (p *pool) Close() error {
	var errs []error
	for _, prep := range p.prepared {
		errs = append(errs, prep.close())
	}
	return errors.Join(errs...)
}
