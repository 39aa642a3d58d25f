package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/signet-go/signet/stores"
)

// Table is the stores.Table of a Store.
type Table struct {
	name       string
	conn       Conn
	dialect    Dialect
	statements Statements
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Sweeper = (*Table)(nil)
	_ stores.Scanner = (*Table)(nil)
)

// NewTable makes the table of [New], for tests of tables and for those who put something in front of it. The
// pool should be large enough for the requests that are served at once, and the driver should honour contexts. It panics if the
// layout has names that it can't use.
func NewTable(db *sql.DB, d Dialect, l Layout) *Table { return NewTableWriter(db, nil, d, l) }

// NewTableWriter is NewTable with another way for what writes; nil means db.
func NewTableWriter(db *sql.DB, w Writer, d Dialect, l Layout) *Table {
	if db == nil {
		panic("sqlstore: no database")
	}
	t := NewTableConn(nil, d, l)
	t.conn = newPool(db, w, t.statements)
	return t
}

// NewTableConn is NewTable with another client than database/sql.
func NewTableConn(c Conn, d Dialect, l Layout) *Table {
	st, err := d.Statements(l)
	if err != nil {
		panic(err)
	}
	return &Table{cmp.Or(l.Table, defaultTable), c, d, st}
}

// most is how often a statement is sent that is given up each time. Another transaction is through then, so there is
// mostly one more.
const most = 10

// again reports whether a statement is to be sent once more: it was given up in favour of another transaction, and so has
// done nothing. A statement is a transaction of its own.
func (t *Table) again(err error, tries int) bool { return tries < most && t.gaveWay(err) }

func (t *Table) gaveWay(err error) bool {
	return err != nil && t.dialect.givenUp != nil && t.dialect.givenUp(err)
}

// Load implements stores.Table.
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	for tries := 1; ; tries++ {
		var c Columns
		found, err := t.conn.Load(ctx, t.statements.Load, h.String(), &c)
		switch {
		case t.again(err, tries):
			continue
		case err != nil:
			return stores.Row{}, failed("load", err)
		case !found:
			return stores.Row{}, stores.ErrNotFound
		}
		return c.Row(), nil
	}
}

// Save implements stores.Table. A save that is refused costs a second call, to tell why.
func (t *Table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	handle, version, owner, body := h.String(), int64(row.Version), []byte(row.Owner), row.Body.Bytes()
	seen, expires := row.Seen.UnixMicro(), row.Expires.UnixMicro()
	if expected == 0 {
		n, err := t.exec(ctx, t.statements.Insert, handle, version, owner, seen, expires, body)
		switch {
		case err == nil && n == 1:
			return nil
		case err == nil:
			return stores.ErrConflict
		case t.dialect.duplicate != nil && t.dialect.duplicate(err) && errors.Is(t.refused(ctx, handle), stores.ErrConflict):
			return stores.ErrConflict // and not a duplicate of what else is unique in a table of one's own
		}
		return failed("save", err)
	}
	n, err := t.exec(ctx, t.statements.Replace, version, owner, seen, expires, body, handle, int64(expected))
	switch {
	case t.gaveWay(err):
		return stores.ErrConflict // whoever is in the way writes to it again and again
	case err != nil:
		return failed("save", err)
	case n == 0:
		return t.refused(ctx, handle)
	}
	return nil
}

// refused says why an update found no row. The row may be deleted between the two statements: then it is gone, too.
func (t *Table) refused(ctx context.Context, handle string) error {
	for tries := 1; ; tries++ {
		found, err := t.conn.Exists(ctx, t.statements.Exists, handle)
		switch {
		case t.again(err, tries):
			continue
		case err != nil:
			return failed("save", err)
		case !found:
			return stores.ErrNotFound
		}
		return stores.ErrConflict
	}
}

// Touch implements stores.Table.
func (t *Table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	e := expires.UnixMicro()
	if _, err := t.exec(ctx, t.statements.Touch, seen.UnixMicro(), e, h.String(), int64(version), e); err != nil {
		return failed("touch", err)
	}
	return nil
}

// Delete implements stores.Table.
func (t *Table) Delete(ctx context.Context, h stores.Handle) error {
	if _, err := t.exec(ctx, t.statements.Delete, h.String()); err != nil {
		return failed("delete", err)
	}
	return nil
}

// List implements stores.Lister. A row whose handle is none is left out.
func (t *Table) List(ctx context.Context, owner string) ([]stores.Row, error) {
	if owner == "" {
		return nil, ctx.Err()
	}
	rows, _, err := t.list(ctx, t.statements.List, []byte(owner))
	return rows, err
}

// Scan implements stores.Scanner, by pages of [PageRows] rows. A row whose handle is none is left out.
func (t *Table) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		for after, more := "", true; more; {
			rows, last, err := t.list(ctx, t.statements.Page, after)
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if err != nil {
				yield(stores.Row{}, err)
				return
			}
			after, more = last, last != ""
		}
	}
}

// list returns the rows that a statement selects, and the last handle among them, "" for none.
func (t *Table) list(ctx context.Context, statement string, key any) (rows []stores.Row, last string, err error) {
	for tries := 1; ; tries++ {
		rows, last = nil, ""
		err := t.conn.List(ctx, statement, key, func(c *Columns) {
			last = c.Handle
			if h, err := stores.ParseHandle(c.Handle); err == nil {
				row := c.Row()
				row.Handle = h
				rows = append(rows, row)
			}
		})
		switch {
		case t.again(err, tries):
			continue
		case err != nil:
			return rows, last, failed("list", err)
		}
		return rows, last, nil
	}
}

// Sweep implements stores.Sweeper, in steps of [SweepRows] rows, each a statement of its own. With an error it returns what
// was removed before.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	before := now.Add(-time.Minute).UnixMicro() // expired for over a minute
	total := 0
	for {
		n, err := t.exec(ctx, t.statements.Sweep, before)
		if err != nil {
			return total, failed("sweep", err)
		}
		total += int(n)
		if n < SweepRows {
			return total, nil
		}
	}
}

// Close lets go of the prepared statements. It leaves the database open, which is the caller's. A call that comes later prepares anew.
func (t *Table) Close() error {
	if c, ok := t.conn.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// exec executes a statement that writes.
func (t *Table) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	for tries := 1; ; tries++ {
		if n, err := t.conn.Exec(ctx, statement, args...); !t.again(err, tries) {
			return n, err
		}
	}
}

func failed(verb string, err error) error { return fmt.Errorf("sqlstore: %s: %w", verb, err) }
