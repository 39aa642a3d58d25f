package mysql

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// No deadline ends these calls.
func TestT6_AConnectionThatIsRefusedIsAnsweredAtOnce(t *testing.T) {
	var dials atomic.Int64
	cfg := mysql.NewConfig()
	cfg.DialFunc = func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	complete(cfg)
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	table, rec := sqlstore.NewTable(db, Dialect(), sqlstore.Layout{}), sqltest.Record(1, "ann")
	for name, call := range map[string]func() error{
		"load":    func() error { _, err := table.Load(ctx, sqltest.Handle()); return err },
		"insert":  func() error { return table.Save(ctx, sqltest.Handle(), 0, rec) },
		"replace": func() error { return table.Save(ctx, sqltest.Handle(), 6, rec) },
		"touch":   func() error { return table.Touch(ctx, sqltest.Handle(), 6, rec.Seen, rec.Expires) },
		"delete":  func() error { return table.Delete(ctx, sqltest.Handle()) },
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
