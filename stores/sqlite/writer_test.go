package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// A counter counts the commits of a writer, and refuses them where it is told to.
type counter struct {
	driver.Connector
	commits, connections atomic.Int64
	refuse               atomic.Bool
}

func (c *counter) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c.connections.Add(1)
	conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
		if c.refuse.Load() {
			return 1
		}
		c.commits.Add(1)
		return 0
	})
	return conn, nil
}

// counted opens a table whose commits are counted, and the way to keep it from writing.
func counted(t *testing.T) (table *Table, c *counter, lock func() (unlock func())) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sessions.db")
	table = openedAt(t, path, sqlstore.Layout{})
	w := table.writer
	w.mu.Lock()
	for w.working {
		w.rests.Wait()
	}
	c = &counter{Connector: w.connector}
	w.connector = c
	if err := w.disconnect(); err != nil {
		t.Error(err)
	}
	w.mu.Unlock()
	db, err := beside(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return table, c, func() func() { return engine.Lock(t, db) }
}

// queued waits until so many writes are queued behind those that are on their way.
func (w *writer) queued(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		w.mu.Lock()
		got, working := len(w.queue), w.working
		w.mu.Unlock()
		if got == n && working {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d writes are queued, %v; want %d", got, working, n)
		}
	}
}

// first makes the writer busy with a write, that waits for a lock.
func (w *writer) first(t *testing.T, table *Table, all *sync.WaitGroup) {
	t.Helper()
	all.Go(func() { save(t, table) })
	w.queued(t, 0)
}

func save(t *testing.T, table *Table) session.Handle {
	t.Helper()
	h := sqltest.Handle()
	if err := table.Save(ctx, h, 0, sqltest.Record(1, "ann")); err != nil {
		t.Error(err)
	}
	return h
}

func TestWhatHasQueuedUpIsCommittedTogether(t *testing.T) {
	table, c, lock := counted(t)
	unlock := lock()
	var all sync.WaitGroup
	table.writer.first(t, table, &all)
	const n = 2*most + 1
	for range n {
		all.Go(func() { save(t, table) })
	}
	table.writer.queued(t, n)
	unlock()
	all.Wait()
	if got := c.commits.Load(); got != 1+3 {
		t.Errorf("%d commits for 1 and then %d writes; want 1 and 3", got, n)
	}
}

func TestASingleWriteIsCommittedAlone(t *testing.T) {
	table, c, _ := counted(t)
	for range 5 {
		save(t, table)
	}
	if got := c.commits.Load(); got != 5 {
		t.Errorf("%d commits for 5 writes", got)
	}
}

func TestAStatementThatFailsFailsAlone(t *testing.T) {
	table, _, lock := counted(t)
	unlock := lock()
	w := table.writer
	var all sync.WaitGroup
	w.first(t, table, &all)
	const n = 10
	handles := make([]session.Handle, n)
	for i := range n {
		all.Go(func() { handles[i] = save(t, table) })
	}
	for range 2 {
		all.Go(func() {
			if _, err := w.Exec(ctx, "INSERT INTO sessions (handle) VALUES (?)", "no version"); err == nil {
				t.Error("a row without its columns was inserted")
			}
		})
	}
	w.queued(t, n+2)
	unlock()
	all.Wait()
	for i, h := range handles {
		if _, err := table.Load(ctx, h); err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
}

func TestIfTheCommitFailsAllFail(t *testing.T) {
	table, c, lock := counted(t)
	unlock := lock()
	w := table.writer
	var all sync.WaitGroup
	var failed atomic.Int64
	handles := make([]session.Handle, 11)
	for i := range handles {
		all.Go(func() {
			handles[i] = sqltest.Handle()
			err := table.Save(ctx, handles[i], 0, sqltest.Record(1, "ann"))
			if err != nil && !errors.Is(err, session.ErrConflict) && !errors.Is(err, session.ErrNotFound) {
				failed.Add(1)
			}
		})
		if i == 0 {
			w.queued(t, 0)
		}
	}
	w.queued(t, len(handles)-1)
	c.refuse.Store(true)
	unlock()
	all.Wait()
	if n := failed.Load(); n != int64(len(handles)) {
		t.Errorf("%d of %d failed; want all", n, len(handles))
	}
	c.refuse.Store(false)
	save(t, table)
	for _, h := range handles {
		if _, err := table.Load(ctx, h); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("what failed is there, or %v", err)
		}
	}
}

func TestWhoHasLeftTheQueueIsNotWritten(t *testing.T) {
	table, c, lock := counted(t)
	unlock := lock()
	w := table.writer
	var all sync.WaitGroup
	w.first(t, table, &all)
	leaving, leave := context.WithCancel(ctx)
	const n = 20
	handles := make([]session.Handle, n)
	for i := range handles {
		all.Go(func() {
			handles[i] = sqltest.Handle()
			if err := table.Save(leaving, handles[i], 0, sqltest.Record(1, "ann")); !errors.Is(err, context.Canceled) {
				t.Errorf("%v; want the context's error", err)
			}
		})
	}
	w.queued(t, n)
	leave()
	w.queued(t, 0) // while the file is still locked
	unlock()
	all.Wait()
	save(t, table)
	for _, h := range handles {
		if _, err := table.Load(ctx, h); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("a write whose caller had left is there, or %v", err)
		}
	}
	if got := c.commits.Load(); got != 2 {
		t.Errorf("%d commits; want 2", got)
	}
}

func TestWhoLeavesARunningWriteReturnsAtOnce(t *testing.T) {
	table, _, lock := counted(t)
	unlock := lock()
	leaving, leave := context.WithCancel(ctx)
	h := sqltest.Handle()
	done := make(chan error)
	go func() { done <- table.Save(leaving, h, 0, sqltest.Record(1, "ann")) }()
	table.writer.queued(t, 0)
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) { // while the file is still locked
		t.Errorf("%v; want the context's error", err)
	}
	unlock()
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

// refuses waits until the writer takes nothing more.
func refuses(t *testing.T, w *writer) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		w.mu.Lock()
		closed := w.closed
		w.mu.Unlock()
		if closed {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it takes writes")
		}
	}
}

func TestCloseWaitsForWhatIsQueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	table := openedAt(t, path, sqlstore.Layout{})
	db, err := beside(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	unlock := engine.Lock(t, db)
	var all sync.WaitGroup
	table.writer.first(t, table, &all)
	for range 100 {
		all.Go(func() { save(t, table) })
	}
	table.writer.queued(t, 100)
	closed := make(chan error)
	go func() { closed <- table.Close() }()
	refuses(t, table.writer)
	unlock()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	all.Wait()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM sessions").Scan(&n); err != nil || n != 101 {
		t.Errorf("%d sessions, %v; want 101", n, err)
	}
	if err := table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "")); !errors.Is(err, errClosed) {
		t.Errorf("a save after that: %v", err)
	}
	if _, err := table.Load(ctx, sqltest.Handle()); err == nil || errors.Is(err, session.ErrNotFound) {
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
			if err := table.Save(ctx, h, 0, rec); err != nil {
				t.Error(err)
			}
			for range 20 {
				seen := rec.Version
				rec.Version++
				if err := table.Save(ctx, h, seen, rec); err != nil {
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
