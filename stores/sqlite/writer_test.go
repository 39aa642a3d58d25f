package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// A counter counts the commits of a writer. It refuses them or holds one back if it is told to.
type counter struct {
	driver.Connector
	commits, connections atomic.Int64
	refuse               atomic.Bool
	next                 atomic.Pointer[held] // what holds the next commit back; nil for nothing
}

// A held commit has arrived and waits until it is released.
type held struct{ arrived, release chan struct{} }

// hold holds the next commit back. Unlike a lock on the file it knows no busy timeout, so a test may take as long as it takes.
func (c *counter) hold() *held {
	h := &held{make(chan struct{}), make(chan struct{})}
	c.next.Store(h)
	return h
}

func (c *counter) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c.connections.Add(1)
	conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
		if h := c.next.Swap(nil); h != nil {
			close(h.arrived)
			<-h.release
		}
		if c.refuse.Load() {
			return 1
		}
		c.commits.Add(1)
		return 0
	})
	return conn, nil
}

// counted opens a table whose commits are counted.
func counted(t *testing.T, path string) (*Table, *counter) {
	t.Helper()
	table := openedAt(t, path, sqlstore.Layout{})
	w := table.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.working {
		w.rests.Wait()
	}
	c := &counter{Connector: w.connector}
	w.connector = c
	if err := w.disconnect(); err != nil {
		t.Error(err)
	}
	return table, c
}

// busy makes the writer busy with a write whose commit is held back. What comes after it is queued.
func busy(t *testing.T, table *Table, c *counter, all *sync.WaitGroup) *held {
	t.Helper()
	h := c.hold()
	all.Go(func() { save(t, table) })
	<-h.arrived
	return h
}

// A line is the context of writes that are to be queued. Exec asks for the context's end once its write is in the queue.
type line struct {
	context.Context
	waits chan struct{}
}

func newLine(ctx context.Context) line { return line{ctx, make(chan struct{}, 1000)} }

func (l line) Done() <-chan struct{} {
	l.waits <- struct{}{}
	return l.Context.Done()
}

// queued waits until n writes of the line are in the queue, and no other ones.
func (l line) queued(t *testing.T, w *writer, n int) {
	t.Helper()
	for range n {
		<-l.waits
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) != n {
		t.Fatalf("%d writes are queued; want %d", len(w.queue), n)
	}
}

func save(t *testing.T, table *Table) stores.Handle {
	t.Helper()
	return saveIn(ctx, t, table)
}

func saveIn(ctx context.Context, t *testing.T, table *Table) stores.Handle {
	t.Helper()
	h := sqltest.Handle()
	if err := table.Save(ctx, h, 0, sqltest.Record(1, "ann").Row()); err != nil {
		t.Error(err)
	}
	return h
}

func TestWhatHasQueuedUpIsCommittedTogether(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	var all sync.WaitGroup
	first, l := busy(t, table, c, &all), newLine(ctx)
	const n = 2*most + 1
	for range n {
		all.Go(func() { saveIn(l, t, table) })
	}
	l.queued(t, table.writer, n)
	close(first.release)
	all.Wait()
	if got := c.commits.Load(); got != 1+3 {
		t.Errorf("%d commits for 1 and then %d writes; want 1 and 3", got, n)
	}
}

func TestASingleWriteIsCommittedAlone(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	for range 5 {
		save(t, table)
	}
	if got := c.commits.Load(); got != 5 {
		t.Errorf("%d commits for 5 writes", got)
	}
}

func TestAStatementThatFailsFailsAlone(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	w := table.writer
	var all sync.WaitGroup
	first, l := busy(t, table, c, &all), newLine(ctx)
	const n = 10
	handles := make([]stores.Handle, n)
	for i := range n {
		all.Go(func() { handles[i] = saveIn(l, t, table) })
	}
	for range 2 {
		all.Go(func() {
			if _, err := w.Exec(l, "INSERT INTO sessions (handle) VALUES (?)", "no version"); err == nil {
				t.Error("a row without its columns was inserted")
			}
		})
	}
	l.queued(t, w, n+2)
	close(first.release)
	all.Wait()
	for i, h := range handles {
		if _, err := table.Load(ctx, h); err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
}

func TestIfTheCommitFailsAllFail(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	first, l := c.hold(), newLine(ctx)
	var all sync.WaitGroup
	var failed atomic.Int64
	handles := make([]stores.Handle, 11)
	for i := range handles {
		all.Go(func() {
			handles[i] = sqltest.Handle()
			err := table.Save(l, handles[i], 0, sqltest.Record(1, "ann").Row())
			if err != nil && !errors.Is(err, stores.ErrConflict) && !errors.Is(err, stores.ErrNotFound) {
				failed.Add(1)
			}
		})
		if i == 0 {
			<-l.waits
			<-first.arrived
		}
	}
	l.queued(t, table.writer, len(handles)-1)
	c.refuse.Store(true)
	close(first.release)
	all.Wait()
	if n := failed.Load(); n != int64(len(handles)) {
		t.Errorf("%d of %d failed; want all", n, len(handles))
	}
	c.refuse.Store(false)
	save(t, table)
	for _, h := range handles {
		if _, err := table.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("what failed is there, or %v", err)
		}
	}
}

func TestWhoHasLeftTheQueueIsNotWritten(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	var all, leavers sync.WaitGroup
	first := busy(t, table, c, &all)
	leaving, leave := context.WithCancel(ctx)
	l := newLine(leaving)
	const n = 20
	handles := make([]stores.Handle, n)
	for i := range handles {
		leavers.Go(func() {
			handles[i] = sqltest.Handle()
			if err := table.Save(l, handles[i], 0, sqltest.Record(1, "ann").Row()); !errors.Is(err, context.Canceled) {
				t.Errorf("%v; want the context's error", err)
			}
		})
	}
	l.queued(t, table.writer, n)
	leave()
	leavers.Wait() // while the first write is still on its way
	newLine(ctx).queued(t, table.writer, 0)
	close(first.release)
	all.Wait()
	save(t, table)
	for _, h := range handles {
		if _, err := table.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("a write whose caller had left is there, or %v", err)
		}
	}
	if got := c.commits.Load(); got != 2 {
		t.Errorf("%d commits; want 2", got)
	}
}

func TestWhoLeavesARunningWriteReturnsAtOnce(t *testing.T) {
	table, c := counted(t, engine.Place(t))
	first := c.hold()
	leaving, leave := context.WithCancel(ctx)
	h := sqltest.Handle()
	done := make(chan error)
	go func() { done <- table.Save(leaving, h, 0, sqltest.Record(1, "ann").Row()) }()
	<-first.arrived
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) { // while the write is still on its way
		t.Errorf("%v; want the context's error", err)
	}
	close(first.release)
	save(t, table) // comes after it
	if _, err := table.Load(ctx, h); err != nil {
		t.Errorf("the write that ran on: %v", err)
	}
}

func TestTheGoroutineEndsWithTheQueue(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() { save(t, table) })
	}
	all.Wait()
	w := table.writer
	w.mu.Lock()
	for w.working {
		w.rests.Wait()
	}
	w.mu.Unlock()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if strings.Contains(string(stacks), "(*writer).work") {
		t.Errorf("somebody works though there is nothing to do:\n%s", stacks)
	}
}

// A telling lock tells when it is first unlocked. As the lock of a condition it tells that somebody waits for that.
type telling struct {
	sync.Locker
	once  sync.Once
	waits chan struct{}
}

func (l *telling) Unlock() {
	l.once.Do(func() { close(l.waits) })
	l.Locker.Unlock()
}

func TestCloseWaitsForWhatIsQueued(t *testing.T) {
	path := engine.Place(t)
	table, c := counted(t, path)
	w := table.writer
	var all sync.WaitGroup
	first, l := busy(t, table, c, &all), newLine(ctx)
	const n = 100
	handles := make([]stores.Handle, n)
	for i := range handles {
		all.Go(func() { handles[i] = saveIn(l, t, table) })
	}
	l.queued(t, w, n)
	rests := &telling{Locker: &w.mu, waits: make(chan struct{})}
	w.mu.Lock()
	w.rests.L = rests
	w.mu.Unlock()
	closed := make(chan error)
	go func() { closed <- table.Close() }()
	select {
	case <-rests.waits:
	case err := <-closed:
		t.Errorf("closed, %v, with %d writes in the queue", err, n)
		return
	}
	close(first.release)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	all.Wait()
	again := openedAt(t, path, sqlstore.Layout{})
	for i, h := range handles {
		if _, err := again.Load(ctx, h); err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
	if err := table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "").Row()); !errors.Is(err, errClosed) {
		t.Errorf("a save after that: %v", err)
	}
	if _, err := table.Load(ctx, sqltest.Handle()); err == nil || errors.Is(err, stores.ErrNotFound) {
		t.Errorf("a load after that: %v", err)
	}
	if err := table.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestNoLockErrorFromManyGoroutines(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			h, rec := sqltest.Handle(), sqltest.Record(1, fmt.Sprint(i))
			if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
				t.Error(err)
			}
			for range 20 {
				seen := rec.Version
				rec.Version++
				if err := table.Save(ctx, h, seen, rec.Row()); err != nil {
					t.Error(err)
				}
				if got, err := table.Load(ctx, h); err != nil || got.Version != rec.Version {
					t.Errorf("version %d, %v; want %d", got.Version, err, rec.Version)
				}
			}
			if err := table.Delete(ctx, h); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
