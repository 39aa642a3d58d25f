package sqltest

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// A Refusing dials a server that refuses each connection, and counts how often it was dialed.
type Refusing struct{ dials atomic.Int64 }

// Dial returns the error of a connection that is refused.
func (r *Refusing) Dial() (net.Conn, error) {
	r.dials.Add(1)
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// Check makes each call of a table whose driver dials by r. The call must return what the dial says, after one dial, although
// no deadline ends it.
func (r *Refusing) Check(t *testing.T, table interface {
	stores.Table
	stores.Lister
	stores.Sweeper
}) {
	rec := Record(1, "ann")
	for name, call := range map[string]func() error{
		"load":    func() error { _, err := table.Load(ctx, Handle()); return err },
		"insert":  func() error { return table.Save(ctx, Handle(), 0, rec.Row()) },
		"replace": func() error { return table.Save(ctx, Handle(), 6, rec.Row()) },
		"touch":   func() error { return table.Touch(ctx, Handle(), 6, rec.Seen, rec.Expires) },
		"delete":  func() error { return table.Delete(ctx, Handle()) },
		"list":    func() error { _, err := table.List(ctx, "ann"); return err },
		"sweep":   func() error { _, err := table.Sweep(ctx, time.Now()); return err },
	} {
		r.dials.Store(0)
		done := make(chan error, 1)
		go func() { done <- call() }()
		select {
		case err := <-done:
			if !errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, stores.ErrNotFound) {
				t.Errorf("%s: %v; want what the dial says", name, err)
			}
		case <-time.After(patience):
			t.Fatalf("%s: no answer, after %d dials", name, r.dials.Load())
		}
		if n := r.dials.Load(); n != 1 {
			t.Errorf("%s: %d dials; want one", name, n)
		}
	}
}
