package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Table is the stores.Table of a Store.
type Table struct {
	*sqlstore.Table
	readers *sql.DB
	loaders *loaders
	writer  *writer
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Sweeper = (*Table)(nil)
)

// OpenTable opens the file for the table of a Store, for tests of tables and for those who put something in front of it. A
// file that isn't there is made, readable by its owner alone; its directory must exist. An error is about the file
// or the layout. No table is made: that is Migrate's.
func OpenTable(path string, l sqlstore.Layout) (*Table, error) { return open(path, l) }

// open is OpenTable with further pragmas for the connection that writes.
func open(path string, l sqlstore.Layout, pragmas ...string) (*Table, error) {
	st, err := sqlstore.SQLite().Statements(l)
	if err != nil {
		return nil, failed(err)
	}
	file, err := uri(path)
	if err != nil {
		return nil, failed(err)
	}
	if err := create(path); err != nil {
		return nil, failed(err)
	}
	w, err := patiently(newWriter, dsn(file, append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"}, pragmas...)))
	if err != nil {
		return nil, failed(err)
	}
	r, err := patiently(newReaders, dsn(file, []string{"busy_timeout(5000)", "query_only(1)"}))
	if err != nil {
		return nil, failed(errors.Join(err, w.close()))
	}
	ls, err := newLoaders(dsn(file, []string{"busy_timeout(0)", "query_only(1)"}), st.Load, connections())
	if err != nil {
		return nil, failed(errors.Join(err, r.Close(), w.close()))
	}
	return &Table{sqlstore.NewTableWriter(r, w, sqlstore.SQLite(), l), r, ls, w}, nil
}

// Load implements stores.Table.
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if ctx.Err() == nil {
		if row, err := t.loaders.load(h); err == nil || err == stores.ErrNotFound {
			return row, err
		}
	}
	return t.Table.Load(ctx, h)
}

// Close is like [Store.Close].
func (t *Table) Close() error {
	// The connection that writes is the last one, so that it moves what is in the write-ahead log into the file.
	return errors.Join(t.writer.finish(), t.Table.Close(), t.readers.Close(), t.loaders.close(), t.writer.close())
}

// uri spells a path as SQLite reads it, whatever characters it is made of.
func uri(path string) (string, error) {
	switch {
	case path == "" || path == ":memory:":
		return "", errors.New("no path; for sessions in memory there is stores/memory")
	case strings.HasPrefix(path, "file:"):
		return "", errors.New("a path is wanted, not a URI")
	case strings.ContainsRune(path, 0):
		return "", errors.New("a path with a NUL")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/…
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: abs}
	return u.String(), nil
}

func dsn(uri string, pragmas []string) string {
	return uri + "?" + url.Values{"_pragma": pragmas}.Encode()
}

// create makes the file where there is none, as SQLite would let everybody read it. The two beside it are made like it.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return f.Close()
}

// patiently opens a file that another process may be opening at the same time: what brings it into write-ahead mode doesn't
// wait for the busy timeout.
func patiently[T any](open func(dsn string) (T, error), dsn string) (T, error) {
	for late := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		opened, err := open(dsn)
		if busy, ok := errors.AsType[*sqlite.Error](err); !ok || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(late) {
			return opened, err
		}
	}
}

// connections is how many there are for each way to read.
func connections() int { return max(4, runtime.GOMAXPROCS(0)) }

// newReaders makes the pool that reads. A write of another connection doesn't hold it up, as long as the file is in
// write-ahead mode.
func newReaders(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(connections())
	db.SetMaxIdleConns(connections())
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if mode != "wal" {
		return nil, errors.Join(fmt.Errorf("the file is in mode %q and can't be in write-ahead mode", mode), db.Close())
	}
	return db, nil
}

func failed(err error) error { return fmt.Errorf("sqlite: open: %w", err) }
