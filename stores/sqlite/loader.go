package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"modernc.org/sqlite"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// loaders load sessions on connections of their own that wait for nobody. That leaves nothing to do for a context during a call, and
// so nothing for the goroutines that database/sql and the driver start to watch one, which take longer than SQLite does to
// find a row. Whoever would have to wait, for a lock or for a connection, is told so and goes the other way.
type loaders struct {
	connector driver.Connector
	statement string

	mu     sync.Mutex
	idle   []*loader
	spare  int // how many more may be opened
	closed bool
}

// A loader is one of these connections, with its statement.
type loader struct {
	conn driver.Conn
	stmt driver.Stmt
	args [1]driver.NamedValue
	row  [5]driver.Value
}

// errElsewhere says that a session has to be loaded another way.
var errElsewhere = errors.New("no loader")

func newLoaders(dsn, statement string, n int) (*loaders, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return &loaders{connector: c, statement: statement, spare: n}, nil
}

// load returns the row, stores.ErrNotFound, or else an error that only says that it didn't go this way.
func (ls *loaders) load(h stores.Handle) (stores.Row, error) {
	l, err := ls.take()
	if err != nil {
		return stores.Row{}, err
	}
	row, err := l.find(h.String())
	if err != nil && err != io.EOF {
		ls.drop(l)
		return stores.Row{}, err
	}
	ls.put(l)
	if err == io.EOF {
		return stores.Row{}, stores.ErrNotFound
	}
	return row, nil
}

// find returns the row of a handle, or io.EOF.
func (l *loader) find(handle string) (stores.Row, error) {
	l.args[0] = driver.NamedValue{Ordinal: 1, Value: handle}
	rows, err := l.stmt.(driver.StmtQueryContext).QueryContext(context.Background(), l.args[:])
	if err != nil {
		return stores.Row{}, err
	}
	err = rows.Next(l.row[:])
	if closed := rows.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return stores.Row{}, err
	}
	defer clear(l.row[:])
	var c sqlstore.Columns
	for i, column := range [...]sql.Scanner{&c.Version, &c.Owner, &c.Seen, &c.Expires, &c.Body} {
		if err := column.Scan(l.row[i]); err != nil {
			return stores.Row{}, err
		}
	}
	return c.Row(), nil
}

func (ls *loaders) take() (*loader, error) {
	l, err := ls.reserve()
	if l != nil || err != nil {
		return l, err
	}
	if l, err = ls.open(); err != nil {
		ls.release()
	}
	return l, err
}

// reserve gives a loader that is idle, or the right to open another one.
func (ls *loaders) reserve() (*loader, error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	n := len(ls.idle)
	switch {
	case n > 0:
		l := ls.idle[n-1]
		ls.idle = ls.idle[:n-1]
		return l, nil
	case ls.closed || ls.spare == 0:
		return nil, errElsewhere
	}
	ls.spare--
	return nil, nil
}

func (ls *loaders) release() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.spare++
}

func (ls *loaders) open() (*loader, error) {
	c, err := ls.connector.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	st, err := c.Prepare(ls.statement)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if _, ok := st.(driver.StmtQueryContext); !ok {
		return nil, errors.Join(fmt.Errorf("a driver that can't query: %T", st), st.Close(), c.Close())
	}
	return &loader{conn: c, stmt: st}, nil
}

func (ls *loaders) put(l *loader) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed {
		_ = l.close()
		return
	}
	ls.idle = append(ls.idle, l)
}

// drop closes a loader after a failure, and lets another one take its place.
func (ls *loaders) drop(l *loader) {
	_ = l.close()
	ls.release()
}

func (l *loader) close() error { return errors.Join(l.stmt.Close(), l.conn.Close()) }

// close closes what is idle; what is in use is closed when it comes back.
func (ls *loaders) close() error {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.closed = true
	var errs []error
	for _, l := range ls.idle {
		errs = append(errs, l.close())
	}
	ls.idle = nil
	return errors.Join(errs...)
}
