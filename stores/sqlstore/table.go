package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/stores"
)

// Table is the stores.Table of a Store.
type Table struct {
	db         *sql.DB
	dialect    Dialect
	statements Statements
	writer     Writer

	load, list, insert, replace, exists, touch, delete, sweep prepared
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Sweeper = (*Table)(nil)
)

// A Writer executes the statements that write, where they shall go another way than those that read: stores/sqlite
// has one that commits together what comes together. An error must mean that the statement may or may not have been
// executed, and 0 rows that it was, and changed none. The args are the Writer's: integers of 64 bits, strings and bytes that nobody
// changes. It is safe for concurrent use.
type Writer interface {
	Exec(ctx context.Context, statement string, args ...any) (rows int64, err error)
}

// NewTable makes the table of [New], for tests of tables and for those who put something in front of it. The
// pool should be large enough for the requests that are served at once, and the driver should honour contexts. It panics if the
// layout has names that it can't use.
func NewTable(db *sql.DB, d Dialect, l Layout) *Table { return NewTableWriter(db, nil, d, l) }

// NewTableWriter is NewTable with another way for what writes; nil means db.
func NewTableWriter(db *sql.DB, w Writer, d Dialect, l Layout) *Table {
	st, err := d.Statements(l)
	if err != nil {
		panic(err)
	}
	if db == nil {
		panic("sqlstore: no database")
	}
	t := &Table{db: db, dialect: d, statements: st, writer: w}
	for p, text := range map[*prepared]string{
		&t.load: st.Load, &t.list: st.List, &t.insert: st.Insert, &t.replace: st.Replace,
		&t.exists: st.Exists, &t.touch: st.Touch, &t.delete: st.Delete, &t.sweep: st.Sweep,
	} {
		p.text = text
	}
	return t
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
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	for tries := 1; ; tries++ {
		if rec, err := t.loadOnce(ctx, h); !t.again(err, tries) {
			return rec, err
		}
	}
}

func (t *Table) loadOnce(ctx context.Context, h stores.Handle) (stores.Record, error) {
	st, err := t.load.on(ctx, t.db)
	if err != nil {
		return stores.Record{}, failed("load", err)
	}
	var f found
	err = st.QueryRowContext(ctx, h.String()).Scan(&f.version, &f.seen, &f.expires, &f.record)
	switch {
	case errors.Is(err, sql.ErrNoRows):
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

// Save implements stores.Table.
func (t *Table) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	r, err := RowOf(h, rec)
	if err != nil {
		return failed("save", err)
	}
	if expected == 0 {
		n, err := t.exec(ctx, &t.insert, r.Handle, r.Version, r.Owner, r.Seen, r.Expires, r.Record)
		switch {
		case err == nil && n == 1:
			return nil
		case err == nil:
			return stores.ErrConflict
		case t.dialect.duplicate != nil && t.dialect.duplicate(err) && errors.Is(t.refused(ctx, r.Handle), stores.ErrConflict):
			return stores.ErrConflict // and not a duplicate of what else is unique in a table of one's own
		}
		return failed("save", err)
	}
	n, err := t.exec(ctx, &t.replace, r.Version, r.Owner, r.Seen, r.Expires, r.Record, r.Handle, int64(expected))
	switch {
	case t.gaveWay(err):
		return stores.ErrConflict // whoever is in the way writes to it again and again
	case err != nil:
		return failed("save", err)
	case n == 0:
		return t.refused(ctx, r.Handle)
	}
	return nil
}

// refused says why an update found no row. The row may be deleted between the two statements: then it is gone, too.
func (t *Table) refused(ctx context.Context, handle string) error {
	for tries := 1; ; tries++ {
		if err := t.refusedOnce(ctx, handle); !t.again(err, tries) {
			return err
		}
	}
}

func (t *Table) refusedOnce(ctx context.Context, handle string) error {
	st, err := t.exists.on(ctx, t.db)
	if err != nil {
		return failed("save", err)
	}
	var one int
	err = st.QueryRowContext(ctx, handle).Scan(&one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return stores.ErrNotFound
	case err != nil:
		return failed("save", err)
	}
	return stores.ErrConflict
}

// Touch implements stores.Table.
func (t *Table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	e := expires.UnixMicro()
	if _, err := t.exec(ctx, &t.touch, seen.UnixMicro(), e, h.String(), int64(version), e); err != nil {
		return failed("touch", err)
	}
	return nil
}

// Delete implements stores.Table.
func (t *Table) Delete(ctx context.Context, h stores.Handle) error {
	if _, err := t.exec(ctx, &t.delete, h.String()); err != nil {
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
		if recs, err := t.listOnce(ctx, owner); !t.again(err, tries) {
			return recs, err
		}
	}
}

func (t *Table) listOnce(ctx context.Context, owner string) ([]stores.Record, error) {
	st, err := t.list.on(ctx, t.db)
	if err != nil {
		return nil, failed("list", err)
	}
	rows, err := st.QueryContext(ctx, []byte(owner))
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

// Sweep implements stores.Sweeper, in steps of [SweepRows] rows, each a statement of its own. With an error it returns what
// was removed before.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for {
		n, err := t.exec(ctx, &t.sweep, SweepBefore(now))
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
	var errs []error
	for _, p := range []*prepared{&t.load, &t.list, &t.insert, &t.replace, &t.exists, &t.touch, &t.delete, &t.sweep} {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// exec executes a statement that writes.
func (t *Table) exec(ctx context.Context, p *prepared, args ...any) (int64, error) {
	for tries := 1; ; tries++ {
		if n, err := t.once(ctx, p, args...); !t.again(err, tries) {
			return n, err
		}
	}
}

func (t *Table) once(ctx context.Context, p *prepared, args ...any) (int64, error) {
	if t.writer != nil {
		return t.writer.Exec(ctx, p.text, args...)
	}
	st, err := p.on(ctx, t.db)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func failed(verb string, err error) error { return fmt.Errorf("sqlstore: %s: %w", verb, err) }
