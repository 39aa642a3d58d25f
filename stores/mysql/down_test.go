package mysql

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// patience ends a test that would wait without end. It is far longer than anything takes, on whatever machine.
const patience = 10 * time.Minute

// within gives a context that ends before what the server could.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	t.Cleanup(cancel)
	return ctx
}

// fail makes each call, which must fail and not as an answer. If the server is silent nothing but the context ends a call.
func fail(t *testing.T, table sqltest.Table, h stores.Handle) {
	t.Helper()
	for call, f := range map[string]func(context.Context) error{
		"load": func(ctx context.Context) error { _, err := table.Load(ctx, h); return err },
		"list": func(ctx context.Context) error { _, err := table.List(ctx, "ann"); return err },
		"insert": func(ctx context.Context) error {
			return table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "ann").Row())
		},
		"save":   func(ctx context.Context) error { return table.Save(ctx, h, 1, sqltest.Record(2, "ann").Row()) },
		"touch":  func(ctx context.Context) error { return table.Touch(ctx, h, 1, time.Now(), time.Now().Add(time.Hour)) },
		"delete": func(ctx context.Context) error { return table.Delete(ctx, h) },
		"sweep":  func(ctx context.Context) error { _, err := table.Sweep(ctx, time.Now()); return err },
	} {
		err := f(within(t))
		if err == nil || errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict) {
			t.Errorf("%s: %v; want a failure", call, err)
		}
	}
}

func insert(t *testing.T, table stores.Table) stores.Handle {
	t.Helper()
	h := sqltest.Handle()
	if err := table.Save(ctx, h, 0, sqltest.Record(1, "ann").Row()); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestT6_AServerThatIsGone(t *testing.T) {
	p, dsn := proxied(t)
	table := migrated(t, dsn)
	h := insert(t, table)
	p.Stop()
	fail(t, table, h)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Load(ctx, h); err != nil {
		t.Errorf("when it is back: %v", err)
	}
	insert(t, table)
}

func TestT6_AServerThatWasNeverThere(t *testing.T) {
	p, dsn := proxied(t)
	p.Stop()
	table, err := openTable(dsn, sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	fail(t, table, sqltest.Handle())
	if err := table.Migrate(within(t)); err == nil {
		t.Error("migrate: no error")
	}
}

func TestT6_AServerThatDoesNotAnswer(t *testing.T) {
	p, dsn := proxied(t)
	table := migrated(t, dsn)
	h := insert(t, table)
	p.lose(true)
	fail(t, table, h)
	p.lose(false)
	p.Cut() // what was lost is lost
	if _, err := table.Load(ctx, h); err != nil && !errors.Is(err, stores.ErrNotFound) {
		t.Errorf("when it is back: %v", err)
	}
	insert(t, table)
}

// Without a deadline it is the timeout that ends a call.
func TestT6_ACallWithoutADeadlineEnds(t *testing.T) {
	p, dsn := proxied(t, func(c *mysql.Config) { c.ReadTimeout = 10 * time.Second })
	table := migrated(t, dsn)
	h := insert(t, table)
	p.lose(true)
	done := make(chan error, 1)
	go func() { _, err := table.Load(ctx, h); done <- err }()
	select {
	case err := <-done:
		if err == nil || errors.Is(err, stores.ErrNotFound) {
			t.Errorf("%v; want a failure", err)
		}
	case <-time.After(patience):
		t.Errorf("nothing after %v", patience)
	}
}

// An answer that is lost is told from a statement that never arrived.
func TestC5_ALostAnswerCountsOnce(t *testing.T) {
	p, dsn := proxied(t)
	table := migrated(t, dsn)
	store := stores.Keep(table)
	const visits session.Counter = "visits"
	visit := func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) }
	first := session.Wrap(store, session.Options{Deadline: patience})(visit)(ring.NewRequest("POST", "/", nil))
	cookie, _, _ := strings.Cut(first.Header.Get("Set-Cookie"), ";")
	name, token, _ := strings.Cut(cookie, "=")
	count := func() int64 {
		t.Helper()
		rec, err := store.Load(ctx, stores.TokenOf(name, token), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return visits.Get(session.Of(rec.Data))
	}
	if n := count(); n != 1 {
		t.Fatalf("%d visits; want 1", n)
	}
	for name, lose := range map[string]func(){
		"the statement is lost": func() { p.Cut() },
		"the answer is lost":    func() { p.loseOne() },
	} {
		t.Run(name, func(t *testing.T) {
			before := count()
			lost := make(chan struct{})
			lossy := lossySave{table, func() { p.before(func() { close(lost); lose() }) }}
			resp := session.Wrap(stores.Keep(&lossy), session.Options{Deadline: patience})(visit)(ring.NewRequest("POST", "/", nil).WithHeader("Cookie", cookie))
			if resp.Err != nil {
				t.Errorf("%d, %v", resp.Status, resp.Err)
			}
			<-lost
			if n := count(); n != before+1 {
				t.Errorf("%d visits; want %d", n, before+1)
			}
		})
	}
}

// A lossySave does something before the first save.
type lossySave struct {
	sqltest.Table
	before func()
}

func (l *lossySave) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if l.before != nil {
		l.before()
		l.before = nil
	}
	return l.Table.Save(ctx, h, expected, row)
}

func TestAWrongPasswordIsAFailureThatDoesNotTellIt(t *testing.T) {
	cfg := server(t).Clone()
	cfg.User, cfg.Passwd = "nobody", "s3cr3t-p4ss"
	table, err := openTable(cfg.FormatDSN(), sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	_, err = table.Load(ctx, sqltest.Handle())
	if err == nil || errors.Is(err, stores.ErrNotFound) {
		t.Errorf("load: %v; want a failure", err)
	}
	if strings.Contains(err.Error(), cfg.Passwd) {
		t.Errorf("the error has the password: %v", err)
	}
	fail(t, table, sqltest.Handle())
}
