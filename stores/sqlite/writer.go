package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"

	"modernc.org/sqlite"
)

// A writer executes statements on one connection. What has queued up while it was busy it commits in one transaction,
// as it is the commit, a flush to the disk, that costs. While there is something to do, and only then, it has a goroutine.
type writer struct {
	connector driver.Connector

	mu      sync.Mutex
	queue   []*write
	working bool // the goroutine is there; what follows below is its own
	closed  bool
	rests   sync.Cond // told when working ends

	batch    []*write
	conn     driver.Conn
	prepared map[string]driver.Stmt
}

// A write is a statement with somebody waiting for it.
type write struct {
	statement string
	args      []driver.NamedValue
	rows      int64
	err       error
	done      chan struct{}
}

// most is how many writes one transaction has at most.
const most = 64

const (
	begin    = "BEGIN IMMEDIATE"
	commit   = "COMMIT"
	rollback = "ROLLBACK"
)

var errClosed = errors.New("the store is closed")

// newWriter connects.
func newWriter(dsn string) (*writer, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	w := &writer{connector: c}
	w.rests.L = &w.mu
	if err := w.connect(); err != nil {
		return nil, err
	}
	return w, nil
}

// Exec implements sqlstore.Writer. Who has waited until the context's end gets its error: where the statement was still
// queued it is never executed, else nobody knows. The args must not be changed afterwards.
func (w *writer) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	x := &write{statement: statement, args: make([]driver.NamedValue, len(args)), done: make(chan struct{})}
	for i, a := range args {
		x.args[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	if err := w.enqueue(x); err != nil {
		return 0, err
	}
	select {
	case <-x.done:
		return x.rows, x.err
	case <-ctx.Done():
		w.withdraw(x)
		return 0, ctx.Err()
	}
}

func (w *writer) enqueue(x *write) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errClosed
	}
	w.queue = append(w.queue, x)
	if !w.working {
		w.working = true
		go w.work()
	}
	return nil
}

func (w *writer) withdraw(x *write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.queue, x); i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	}
}

// work goes on until there is nothing to do.
func (w *writer) work() {
	for w.take() {
		w.execute()
		for _, x := range w.batch {
			close(x.done)
		}
	}
}

// take moves what is next from the queue to the batch.
func (w *writer) take() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.batch)
	n := min(len(w.queue), most)
	w.batch = append(w.batch[:0], w.queue[:n]...)
	w.queue = slices.Delete(w.queue, 0, n)
	if n == 0 {
		w.working = false
		w.rests.Broadcast()
	}
	return n > 0
}

// execute gives each write of the batch its result. A single one is a transaction anyway.
func (w *writer) execute() {
	if len(w.batch) == 1 {
		w.each()
		return
	}
	if _, err := w.exec(begin, nil); err != nil {
		w.fail(err)
		return
	}
	for _, x := range w.batch {
		if _, err := w.do(x); err == nil {
			continue
		}
		// Some errors end the transaction and others leave it open. So it ends here, and each gets its own answer.
		if _, err := w.exec(rollback, nil); err != nil {
			_ = w.disconnect()
		}
		w.each()
		return
	}
	if _, err := w.exec(commit, nil); err != nil {
		w.fail(err)
	}
}

// each executes the batch one by one.
func (w *writer) each() {
	for _, x := range w.batch {
		_, _ = w.do(x)
	}
}

// fail gives all of the batch the error that the transaction ended with. What is left of it ends with the connection.
func (w *writer) fail(err error) {
	_ = w.disconnect()
	for _, x := range w.batch {
		x.rows, x.err = 0, err
	}
}

func (w *writer) do(x *write) (int64, error) {
	x.rows, x.err = w.exec(x.statement, x.args)
	return x.rows, x.err
}

// exec executes a statement. It knows no context: an interrupt would end the transaction for all of the batch.
func (w *writer) exec(text string, args []driver.NamedValue) (int64, error) {
	st, err := w.prepare(text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (w *writer) prepare(text string) (driver.StmtExecContext, error) {
	if err := w.connect(); err != nil {
		return nil, err
	}
	st := w.prepared[text]
	if st == nil {
		var err error
		if st, err = w.conn.Prepare(text); err != nil {
			return nil, err
		}
		w.prepared[text] = st
	}
	x, ok := st.(driver.StmtExecContext)
	if !ok {
		return nil, fmt.Errorf("a driver that can't execute: %T", st)
	}
	return x, nil
}

func (w *writer) connect() error {
	if w.conn != nil {
		return nil
	}
	c, err := w.connector.Connect(context.Background())
	if err != nil {
		return err
	}
	w.conn, w.prepared = c, map[string]driver.Stmt{}
	return nil
}

// disconnect closes the connection, which ends its transaction. The next statement opens another.
func (w *writer) disconnect() error {
	if w.conn == nil {
		return nil
	}
	var errs []error
	for _, st := range w.prepared {
		errs = append(errs, st.Close())
	}
	errs = append(errs, w.conn.Close())
	w.conn, w.prepared = nil, nil
	return errors.Join(errs...)
}

// finish refuses further writes and waits for those that are there.
func (w *writer) finish() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for w.working {
		w.rests.Wait()
	}
	return nil
}

func (w *writer) close() error {
	_ = w.finish()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.disconnect()
}
