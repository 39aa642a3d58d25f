package migrate_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/migrate"
)

const visits session.Counter = "visits"

// serve is a site that counts, logs in and logs out.
func serve(table session.Table) ring.Handler {
	return session.Wrap(session.Keep(table), session.Options{})(func(req ring.Request) ring.Response {
		switch req.URL.Path {
		case "/count":
			return ring.Text("").With(visits.By(1))
		case "/login":
			return ring.Text("").With(session.Login("ann"))
		case "/logout":
			return ring.Text("").With(session.Delete)
		}
		return ring.Text(strings.TrimSpace(session.Info(req).Owner + " " + session.From(req).String()))
	})
}

// A faulty table notes its calls, and fails those that it is told.
type faulty struct {
	*memory.Table
	calls []string
	fails string
}

var errDown = errors.New("connection refused")

func (f *faulty) note(call string) error {
	f.calls = append(f.calls, call)
	if f.fails == call || f.fails == "all" {
		return errDown
	}
	return nil
}

func (f *faulty) Load(ctx context.Context, h session.Handle) (session.Record, error) {
	if err := f.note("load"); err != nil {
		return session.Record{}, err
	}
	return f.Table.Load(ctx, h)
}

func (f *faulty) Save(ctx context.Context, h session.Handle, seen uint64, rec session.Record) error {
	if err := f.note("save"); err != nil {
		return err
	}
	return f.Table.Save(ctx, h, seen, rec)
}

func (f *faulty) Touch(ctx context.Context, h session.Handle, version uint64, seen, expires time.Time) error {
	if err := f.note("touch"); err != nil {
		return err
	}
	return f.Table.Touch(ctx, h, version, seen, expires)
}

func (f *faulty) Delete(ctx context.Context, h session.Handle) error {
	if err := f.note("delete"); err != nil {
		return err
	}
	return f.Table.Delete(ctx, h)
}

func TestARunningSiteMovesAndNobodyIsLoggedOut(t *testing.T) {
	old, next := memory.NewTable(), memory.NewTable()
	both := migrate.New(old, next)
	before, during, after := serve(old), serve(both), serve(next)

	var app ring.Handler
	b := ringtest.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { app.ServeHTTP(w, r) }))
	app = before
	b.Post("/login")
	b.Post("/count")
	app = during
	shown := b.Get("/").Body
	if !strings.HasPrefix(shown, "ann ") || next.Len() != 0 {
		t.Errorf("a reader sees %q, and %d have moved; want Ann, and none", shown, next.Len())
	}
	b.Post("/count")
	if old.Len() != 0 || next.Len() != 1 {
		t.Errorf("%d and %d sessions after a write; want it moved", old.Len(), next.Len())
	}
	app = after
	if got := b.Get("/").Body; !strings.HasPrefix(got, "ann ") {
		t.Errorf("the new table alone has %q; want Ann", got)
	}
}

func TestATouchMovesASession(t *testing.T) {
	old, next := memory.NewTable(), memory.NewTable()
	_ = old.Save(t.Context(), handle, 0, record(1, 30))
	both := migrate.New(old, next)
	if err := both.Touch(t.Context(), handle, 1, start, start.Add(20*time.Minute)); err != nil || next.Len() != 0 {
		t.Errorf("a touch backwards: %v, and %d have moved; want none", err, next.Len())
	}
	if err := both.Touch(t.Context(), handle, 1, start, start.Add(40*time.Minute)); err != nil || old.Len() != 0 {
		t.Errorf("%v, and %d are left in the old table; want none", err, old.Len())
	}
	if got := state(t.Context(), next); got != "version 1 for 40m0s" {
		t.Errorf("the new table has %s", got)
	}
}

func TestC4_ADeletedSessionIsOneForNobody(t *testing.T) {
	old, next := memory.NewTable(), memory.NewTable()
	both := session.Keep(migrate.New(old, next))
	now := time.Now()
	token, err := session.Keep(old).Save(t.Context(), session.Token{}, record(0, 30), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := both.Delete(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]session.Store{"both": both, "the old table": session.Keep(old), "the new table": session.Keep(next)} {
		if _, err := store.Load(t.Context(), token, now); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v; want ErrNotFound", name, err)
		}
	}
	for _, store := range []*session.Keeper{both, session.Keep(next)} {
		if recs, err := store.List(t.Context(), "ann"); len(recs) != 0 || err != nil {
			t.Errorf("Ann has %d sessions, %v; want none", len(recs), err)
		}
	}
	// The mark goes when the time has passed that it is for.
	if _, err := both.Sweep(t.Context(), now.Add(59*time.Minute)); err != nil || next.Len() != 1 {
		t.Errorf("%d marks within the hour, %v; want 1", next.Len(), err)
	}
	if _, err := both.Sweep(t.Context(), now.Add(62*time.Minute)); err != nil || next.Len() != 0 {
		t.Errorf("%d marks after it, %v; want none", next.Len(), err)
	}
}

func TestC4_ASessionThatWasDeletedAndMovedOnMayMoveAgain(t *testing.T) {
	first, second, third := memory.NewTable(), memory.NewTable(), memory.NewTable()
	_ = first.Save(t.Context(), handle, 0, record(1, 30))
	if err := migrate.New(first, second).Delete(t.Context(), handle); err != nil {
		t.Fatal(err)
	}
	next := migrate.New(second, third)
	if got := state(t.Context(), next); got != say(session.ErrNotFound) {
		t.Errorf("the next migration sees %s; want nothing", got)
	}
	if err := next.Save(t.Context(), handle, 1, record(2, 30)); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a late save: %v; want ErrNotFound", err)
	}
}

func TestDeleteEndsWhatCanNotBeRead(t *testing.T) {
	old, next := memory.NewTable(), unreadable{memory.NewTable()}
	_ = next.Save(t.Context(), handle, 0, record(1, 30))
	both := migrate.New(old, next)
	if _, err := both.Load(t.Context(), handle); !errors.Is(err, session.ErrUndecodable) {
		t.Fatalf("load: %v; want ErrUndecodable", err)
	}
	if err := both.Delete(t.Context(), handle); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := both.Load(t.Context(), handle); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("load: %v; want ErrNotFound", err)
	}
}

// unreadable is a table that can't read version 1.
type unreadable struct{ *memory.Table }

func (u unreadable) Load(ctx context.Context, h session.Handle) (session.Record, error) {
	rec, err := u.Table.Load(ctx, h)
	if err == nil && rec.Version == 1 {
		return session.Record{}, session.ErrUndecodable
	}
	return rec, err
}

func TestTheCallsOfAMigration(t *testing.T) {
	old, next := &faulty{Table: memory.NewTable()}, &faulty{Table: memory.NewTable()}
	both := migrate.New(old, next)
	ctx := t.Context()
	for _, c := range []struct {
		name      string
		call      func() error
		old, next string
	}{
		{"load what has not moved", func() error { _, err := both.Load(ctx, handle); return err }, "load", "load"},
		{"save what has not moved", func() error { return both.Save(ctx, handle, 1, record(2, 30)) }, "load delete", "save save"},
		{"load what has moved", func() error { _, err := both.Load(ctx, handle); return err }, "", "load"},
		{"save what has moved", func() error { return both.Save(ctx, handle, 2, record(3, 30)) }, "", "save"},
		{"touch what has moved", func() error { return both.Touch(ctx, handle, 3, start, start.Add(time.Hour)) }, "", "load touch"},
		{"delete", func() error { return both.Delete(ctx, handle) }, "delete", "load save"},
		{"create", func() error { return both.Save(ctx, session.Handle{2}, 0, record(1, 30)) }, "load", "save"},
		{"load what nobody has", func() error {
			if _, err := both.Load(ctx, session.Handle{3}); !errors.Is(err, session.ErrNotFound) {
				return errors.Join(errors.New("it was found"), err)
			}
			return nil
		}, "load", "load load"},
	} {
		if c.name == "load what has not moved" {
			_ = old.Table.Save(ctx, handle, 0, record(1, 30))
		}
		old.calls, next.calls = nil, nil
		if err := c.call(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if a, b := strings.Join(old.calls, " "), strings.Join(next.calls, " "); a != c.old || b != c.next {
			t.Errorf("%s: calls %q to the old table, %q to the new one; want %q, %q", c.name, a, b, c.old, c.next)
		}
	}
}

func TestT6_AnOldTableThatIsDownIsNeverNoSession(t *testing.T) {
	old, next := &faulty{Table: memory.NewTable()}, memory.NewTable()
	_ = old.Table.Save(t.Context(), handle, 0, record(1, 30))
	both := migrate.New(old, next)
	old.fails = "all"
	_, loaded := both.Load(t.Context(), handle)
	for call, err := range map[string]error{
		"load": loaded, "save": both.Save(t.Context(), handle, 1, record(2, 30)), "insert": both.Save(t.Context(), handle, 0, record(2, 30)),
		"touch": both.Touch(t.Context(), handle, 1, start, start.Add(time.Hour)),
	} {
		if !errors.Is(err, errDown) {
			t.Errorf("%s: %v; want the failure", call, err)
		}
	}
	if next.Len() != 0 {
		t.Errorf("%d records were made; want none", next.Len())
	}
}

func TestAMoveThatFailsHalfwayIsStillOneSession(t *testing.T) {
	old, next := &faulty{Table: memory.NewTable()}, memory.NewTable()
	token, err := session.Keep(old.Table).Save(t.Context(), session.Token{}, record(0, 30), false)
	if err != nil {
		t.Fatal(err)
	}
	both := session.Keep(migrate.New(old, next))
	rec, err := both.Load(t.Context(), token, start)
	if err != nil {
		t.Fatal(err)
	}
	old.fails = "delete"
	rec.Data = visits.Add(session.Session{}, 1).Data()
	if _, err := both.Save(t.Context(), token, rec, false); err != nil {
		t.Errorf("save: %v; want it done, as the new table has it", err)
	}
	after, err := both.Load(t.Context(), token, start)
	if err != nil || visits.Get(session.Of(after.Data)) != 1 {
		t.Errorf("load: %v; want what was saved", err)
	}
	if recs, err := both.List(t.Context(), "ann"); len(recs) != 1 || err != nil {
		t.Errorf("Ann has %d sessions, %v; want 1", len(recs), err)
	}
	if err := both.Delete(t.Context(), token); !errors.Is(err, errDown) {
		t.Errorf("delete: %v; want the failure, as the copy is still there", err)
	}
	old.fails = ""
	if err := both.Delete(t.Context(), token); err != nil || old.Len() != 0 {
		t.Errorf("delete: %v, and %d copies are left; want none", err, old.Len())
	}
}

func TestWhatTheTablesCanNotDoIsUnsupported(t *testing.T) {
	able, least := memory.NewTable(), struct{ session.Table }{memory.NewTable()}
	for _, tables := range [][2]session.Table{{able, least}, {least, able}, {least, least}} {
		both := migrate.New(tables[0], tables[1])
		if _, err := both.List(t.Context(), "ann"); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("list: %v; want ErrUnsupported", err)
		}
		_, err := both.Sweep(t.Context(), start)
		if none := tables[0] == tables[1]; errors.Is(err, errors.ErrUnsupported) != none {
			t.Errorf("sweep: %v; ErrUnsupported where no table sweeps, and only there", err)
		}
	}
}

func TestNewNeedsTwoTables(t *testing.T) {
	for _, tables := range [][2]session.Table{{nil, memory.NewTable()}, {memory.NewTable(), nil}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("nil is accepted")
				}
			}()
			migrate.New(tables[0], tables[1])
		}()
	}
}
