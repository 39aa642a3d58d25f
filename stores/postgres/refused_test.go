package postgres

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// No deadline ends these calls.
func TestT6_AConnectionThatIsRefusedIsAnsweredAtOnce(t *testing.T) {
	ctx := context.Background()
	cfg, err := pgxpool.ParseConfig("postgres://127.0.0.1:1/app?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	var dials atomic.Int64
	cfg.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	p, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	table, rec := NewTable(p, sqlstore.Layout{}), record()
	for name, call := range map[string]func() error{
		"load":    func() error { _, err := table.Load(ctx, handle()); return err },
		"insert":  func() error { return table.Save(ctx, handle(), 0, rec) },
		"replace": func() error { return table.Save(ctx, handle(), 6, rec) },
		"touch":   func() error { return table.Touch(ctx, handle(), 6, rec.Seen, rec.Expires) },
		"delete":  func() error { return table.Delete(ctx, handle()) },
		"list":    func() error { _, err := table.List(ctx, "ann"); return err },
		"sweep":   func() error { _, err := table.Sweep(ctx, time.Now()); return err },
	} {
		dials.Store(0)
		done := make(chan error, 1)
		go func() { done <- call() }()
		select {
		case err := <-done:
			if !errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, stores.ErrNotFound) {
				t.Errorf("%s: %v; want what the dial says", name, err)
			}
		case <-time.After(patience):
			t.Fatalf("%s: no answer, after %d dials", name, dials.Load())
		}
		if n := dials.Load(); n != 1 {
			t.Errorf("%s: %d dials; want one", name, n)
		}
	}
}
