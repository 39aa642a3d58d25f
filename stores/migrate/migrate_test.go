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
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/migrate"
)

const visits session.Counter = "visits"

// serve is a site that counts, logs in and logs out.
func serve(table stores.Table) ring.Handler {
	return session.Wrap(stores.Keep(table), session.Options{})(func(req ring.Request) ring.Response {
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

func (f *faulty) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := f.note("load"); err != nil {
		return stores.Row{}, err
	}
	return f.Table.Load(ctx, h)
}

func (f *faulty) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if err := f.note("save"); err != nil {
		return err
	}
	return f.Table.Save(ctx, h, expected, row)
}

func (f *faulty) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := f.note("touch"); err != nil {
		return err
	}
	return f.Table.Touch(ctx, h, version, seen, expires)
}

func (f *faulty) List(ctx context.Context, owner string) ([]stores.Row, error) {
	if err := f.note("list"); err != nil {
		return nil, err
	}
	return f.Table.List(ctx, owner)
}

func (f *faulty) Delete(ctx context.Context, h stores.Handle) error {
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
	_ = old.Save(t.Context(), handle, 0, record(1, 30).Row())
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
	both := keep(old, next)
	token, err := stores.Keep(old).Save(t.Context(), stores.Token{}, record(0, 30), false)
	if err != nil {
		t.Fatal(err)
	}
	if err := both.Delete(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for name, store := range map[string]stores.Store{"both": both, "the old table": stores.Keep(old), "the new table": stores.Keep(next)} {
		if _, err := store.Load(t.Context(), token, start); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("%s: %v; want ErrNotFound", name, err)
		}
	}
	for _, store := range []stores.Owners{both, stores.Keep(next).(stores.Owners)} {
		if recs, err := store.List(t.Context(), "ann"); len(recs) != 0 || err != nil {
			t.Errorf("Ann has %d sessions, %v; want none", len(recs), err)
		}
	}
	// The mark goes an hour after the session would have ended, which the record counts from start.
	if _, err := both.Sweep(t.Context(), start.Add(89*time.Minute)); err != nil || next.Len() != 1 {
		t.Errorf("%d marks within that time, %v; want 1", next.Len(), err)
	}
	if _, err := both.Sweep(t.Context(), start.Add(92*time.Minute)); err != nil || next.Len() != 0 {
		t.Errorf("%d marks after it, %v; want none", next.Len(), err)
	}
}

func TestC4_ASessionThatWasDeletedAndMovedOnMayMoveAgain(t *testing.T) {
	first, second, third := memory.NewTable(), memory.NewTable(), memory.NewTable()
	_ = first.Save(t.Context(), handle, 0, record(1, 30).Row())
	if err := migrate.New(first, second).Delete(t.Context(), handle); err != nil {
		t.Fatal(err)
	}
	next := migrate.New(second, third)
	if got := state(t.Context(), next); got != say(stores.ErrNotFound) {
		t.Errorf("the next migration sees %s; want nothing", got)
	}
	if err := next.Save(t.Context(), handle, 1, record(2, 30).Row()); !errors.Is(err, stores.ErrNotFound) {
		t.Errorf("a late save: %v; want ErrNotFound", err)
	}
}

func TestDeleteEndsWhatCanNotBeRead(t *testing.T) {
	for name, next := range map[string]stores.Table{
		"a body":          memory.NewTable(),
		"more than that":  unreadable{memory.NewTable()},
		"only the expiry": timeless{memory.NewTable()},
	} {
		row := record(1, 30).Row()
		row.Body = stores.BodyOf("<html>")
		_ = next.Save(t.Context(), handle, 0, row)
		both := migrate.New(memory.NewTable(), next)
		if got, err := both.Load(t.Context(), handle); err != nil {
			t.Fatalf("%s: load: %v; want the row", name, err)
		} else if _, err := got.Record(); !errors.Is(err, stores.ErrUndecodable) {
			t.Fatalf("%s: load: %v; want ErrUndecodable", name, err)
		}
		if err := both.Delete(t.Context(), handle); err != nil {
			t.Errorf("%s: delete: %v", name, err)
		}
		if _, err := both.Load(t.Context(), handle); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("%s: load: %v; want ErrNotFound", name, err)
		}
	}
}

// unreadable is a table that can't read version 1.
type unreadable struct{ *memory.Table }

func (u unreadable) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := u.Table.Load(ctx, h)
	if err == nil && row.Version == 1 {
		return stores.Row{Body: stores.BodyOf("")}, nil
	}
	return row, err
}

// timeless is a table that can't read when version 1 expires.
type timeless struct{ *memory.Table }

func (u timeless) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := u.Table.Load(ctx, h)
	if err == nil && row.Version == 1 {
		row.Expires, row.Body = time.Time{}, stores.BodyOf("")
	}
	return row, err
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
		{"save what has not moved", func() error { return both.Save(ctx, handle, 1, record(2, 30).Row()) }, "load delete", "load save"},
		{"load what has moved", func() error { _, err := both.Load(ctx, handle); return err }, "", "load"},
		{"save what has moved", func() error { return both.Save(ctx, handle, 2, record(3, 30).Row()) }, "", "load save"},
		{"save what ends sooner", func() error { return both.Save(ctx, handle, 3, record(4, 20).Row()) }, "delete", "load save"},
		{"touch what has moved", func() error { return both.Touch(ctx, handle, 4, start, start.Add(time.Hour)) }, "", "load touch"},
		{"delete", func() error { return both.Delete(ctx, handle) }, "delete", "load save"},
		{"delete again", func() error { return both.Delete(ctx, handle) }, "delete", "load"},
		{"delete what has not moved", func() error { return both.Delete(ctx, stores.Handle{4}) }, "load delete", "load save"},
		{"empty what has not moved", func() error { return both.Save(ctx, stores.Handle{5}, 1, record(2, 1).Row()) }, "load delete", "load save save"},
		{"create", func() error { return both.Save(ctx, stores.Handle{2}, 0, record(1, 30).Row()) }, "load", "save"},
		{"load what nobody has", func() error {
			if _, err := both.Load(ctx, stores.Handle{3}); !errors.Is(err, stores.ErrNotFound) {
				return errors.Join(errors.New("it was found"), err)
			}
			return nil
		}, "load", "load load"},
	} {
		if c.name == "load what has not moved" {
			for _, h := range []stores.Handle{handle, {4}, {5}} {
				_ = old.Table.Save(ctx, h, 0, record(1, 30).Row())
			}
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
	_ = old.Table.Save(t.Context(), handle, 0, record(1, 30).Row())
	both := migrate.New(old, next)
	old.fails = "all"
	_, loaded := both.Load(t.Context(), handle)
	for call, err := range map[string]error{
		"load": loaded, "save": both.Save(t.Context(), handle, 1, record(2, 30).Row()), "insert": both.Save(t.Context(), handle, 0, record(2, 30).Row()),
		"touch": both.Touch(t.Context(), handle, 1, start, start.Add(time.Hour)), "delete": both.Delete(t.Context(), handle),
	} {
		if !errors.Is(err, errDown) {
			t.Errorf("%s: %v; want the failure", call, err)
		}
	}
	if next.Len() != 0 {
		t.Errorf("%d records were made; want none", next.Len())
	}
}

// One failed call to the old table leaves a copy there. Neither time nor a sweep may bring it back.
func TestC4_AFailedCallToTheOldTableBringsNothingBack(t *testing.T) {
	const card session.Key[string] = "card"
	for name, c := range map[string]struct {
		end  string // the path that fails halfway
		then string
	}{
		"a log-out":                     {"/logout", ""},
		"a log-out that is tried again": {"/logout", "/logout"},
		"a session that was emptied":    {"/clear", ""},
		"a log-in that ends sooner":     {"/login", ""},
		"a renewal, and then a log-out": {"/renew", "/logout"},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			o := session.Options{Idle: 14 * 24 * time.Hour, Absolute: 90 * 24 * time.Hour, Now: func() time.Time { return now }}
			app := func(req ring.Request) ring.Response {
				switch req.URL.Path {
				case "/card":
					return ring.Text("").With(session.Set(card.Set(session.From(req), "4111")))
				case "/clear":
					return ring.Text("").With(session.Set(session.From(req).Clear()))
				case "/login":
					return ring.Text("").With(session.Login("ann"), session.Lifetime(10*time.Minute, time.Hour, false))
				case "/renew":
					return ring.Text("").With(session.Renew)
				case "/logout":
					return ring.Text("").With(session.Delete)
				}
				return ring.Text(session.Info(req).State.String() + " " + card.Get(session.From(req)))
			}
			old, next := &faulty{Table: memory.NewTable()}, memory.NewTable()
			store := keep(old, next)
			handler := session.Wrap(stores.Keep(old), o)(app)
			b := ringtest.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }),
				ringtest.Clock(func() time.Time { return now }))
			b.Post("/card")
			copied := b.Clone()

			handler = session.Wrap(store, o)(app)
			old.fails = "delete"
			b.Post(c.end)
			old.fails = ""
			if c.then != "" {
				b.Post(c.then)
			}
			want := copied.Clone().Get("/").Body
			if strings.HasPrefix(want, "live") && (c.end == "/logout" || c.then == "/logout") {
				t.Fatalf("at once the copied cookie is %q", want)
			}
			for _, later := range []time.Duration{4 * time.Minute, 2 * time.Hour, 48 * time.Hour} {
				now = start.Add(later)
				if _, err := store.Sweep(t.Context(), now); err != nil {
					t.Fatal(err)
				}
				if got := copied.Clone().Get("/").Body; strings.HasPrefix(got, "live") && got != want {
					t.Errorf("after %v and a sweep the copied cookie is %q; want it dead, or %q as before", later, got, want)
				}
			}
			now = start.Add(100 * 24 * time.Hour)
			if _, err := store.Sweep(t.Context(), now); err != nil || old.Len()+next.Len() != 0 {
				t.Errorf("%d and %d are left when all is over, %v; want none", old.Len(), next.Len(), err)
			}
		})
	}
}

// An owner's sessions are listed and ended whatever one of them is.
func TestT5_ASessionThatCanNotBeReadHidesNoOther(t *testing.T) {
	old, next := memory.NewTable(), unreadable{memory.NewTable()}
	both := migrate.New(old, next).(whole)
	for i := range 4 {
		_ = old.Save(t.Context(), stores.Handle{byte(i)}, 0, record(2, 30).Row())
	}
	_ = next.Save(t.Context(), stores.Handle{2}, 0, record(1, 30).Row()) // unreadable, with a copy that was left behind
	recs, err := both.List(t.Context(), "ann")
	if err != nil || len(recs) != 4 {
		t.Errorf("listed %d, %v; want 4", len(recs), err)
	}
	if n, err := stores.Keep(both).(stores.Owners).DeleteOwned(t.Context(), "ann"); n != 4 || err != nil {
		t.Errorf("ended %d, %v; want 4", n, err)
	}
	if recs, err := both.List(t.Context(), "ann"); err != nil || len(recs) != 0 {
		t.Errorf("%d are left, %v; want none", len(recs), err)
	}
}

func TestT5_AFailureHidesNoOtherSession(t *testing.T) {
	old, next := &faulty{Table: memory.NewTable()}, &faulty{Table: memory.NewTable()}
	both := migrate.New(old, next).(whole)
	_ = old.Table.Save(t.Context(), stores.Handle{1}, 0, record(1, 30).Row())
	_ = next.Table.Save(t.Context(), stores.Handle{2}, 0, record(1, 30).Row())
	for _, fails := range []struct {
		old, next string
		want      int
	}{{"list", "", 1}, {"", "list", 1}, {"", "load", 2}, {"list", "list", 0}} {
		old.fails, next.fails = fails.old, fails.next
		recs, err := both.List(t.Context(), "ann")
		if !errors.Is(err, errDown) || len(recs) != fails.want {
			t.Errorf("with %+v: listed %d, %v; want the failure too", fails, len(recs), err)
		}
	}
}

func TestAMoveThatFailsHalfwayIsStillOneSession(t *testing.T) {
	old, next := &faulty{Table: memory.NewTable()}, memory.NewTable()
	token, err := stores.Keep(old.Table).Save(t.Context(), stores.Token{}, record(0, 30), false)
	if err != nil {
		t.Fatal(err)
	}
	both := keep(old, next)
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

func TestATableDoesWhatItsTablesCan(t *testing.T) {
	able := memory.NewTable()
	least := struct{ stores.Table }{able}
	lists := struct {
		stores.Table
		stores.Lister
	}{able, able}
	for _, c := range []struct {
		from, to      stores.Table
		lists, sweeps bool
	}{
		{able, able, true, true},
		{able, lists, true, true},
		{lists, able, true, true},
		{lists, lists, true, false},
		{able, least, false, true},
		{least, able, false, true},
		{least, least, false, false},
	} {
		both := migrate.New(c.from, c.to)
		_, canList := both.(stores.Lister)
		_, canSweep := both.(stores.Sweeper)
		if canList != c.lists || canSweep != c.sweeps {
			t.Errorf("of %T and %T: lists %v, sweeps %v; want %v, %v", c.from, c.to, canList, canSweep, c.lists, c.sweeps)
		}
	}
}

// full is a table that can't be swept now.
type full struct{ *memory.Table }

func (full) Sweep(context.Context, time.Time) (int, error) { return 0, errDown }

func TestOneTableIsSweptWhereTheOtherOneFails(t *testing.T) {
	for _, order := range []bool{true, false} {
		works := memory.NewTable()
		if err := works.Save(t.Context(), handle, 0, record(1, 30).Row()); err != nil {
			t.Fatal(err)
		}
		var from, to stores.Table = full{memory.NewTable()}, works
		if order {
			from, to = to, from
		}
		n, err := migrate.New(from, to).(whole).Sweep(t.Context(), start.Add(time.Hour))
		if n != 1 || !errors.Is(err, errDown) || works.Len() != 0 {
			t.Errorf("swept %d, %v, and %d are left; want 1, the failure, and none", n, err, works.Len())
		}
	}
}

func TestNewNeedsTwoTables(t *testing.T) {
	for _, tables := range [][2]stores.Table{{nil, memory.NewTable()}, {memory.NewTable(), nil}} {
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
