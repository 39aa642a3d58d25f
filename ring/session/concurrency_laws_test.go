package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// late holds the save of a request back until meanwhile has run, then lets it go on.
func late(t *testing.T, s *site, v *visitor, method, path string, meanwhile func()) answer {
	t.Helper()
	h := s.table.holdNext("save")
	done := make(chan answer)
	go func() { done <- v.ask(method, path) }()
	select {
	case <-h.arrived:
	case a := <-done:
		t.Fatalf("%s %s was answered without a save: %d %s", method, path, a.status, a.body)
	}
	meanwhile()
	close(h.release)
	return <-done
}

func TestC1_DifferentKeysOfParallelRequestsBothSurvive(t *testing.T) {
	for range 1000 {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/count")
		a := late(t, s, v, "POST", "/dark", func() { v.get("/french") })
		if a.status != 200 || len(a.set) != 0 {
			t.Fatalf("%d %v", a.status, a.set)
		}
		if got := v.get("/show").body; got != `live  {"lang":"fr","theme":"dark","visits":1}` {
			t.Fatalf("stored %s", got)
		}
	}
}

func TestC1_AStoreThatIgnoresTheVersionIsCaught(t *testing.T) {
	s := newSite(t, common.serve)
	s.app = session.Wrap(stores.Keep(blind{s.table}), session.Options{Now: s.clock})(common.serve)
	v := s.visitor()
	v.get("/count")
	late(t, s, v, "POST", "/dark", func() { v.get("/french") })
	if got := v.get("/show").body; strings.Contains(got, "dark") && strings.Contains(got, "fr") {
		t.Errorf("an upsert keeps both keys: %s; the test of C1 proves nothing", got)
	}
}

// blind is a table whose Save overwrites whatever is there.
type blind struct{ *gate }

func (b blind) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := b.gate.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrConflict) {
		now, _ := b.Table.Load(ctx, h)
		return b.Table.Save(ctx, h, now.Version, row)
	}
	return err
}

func TestC2_ParallelAddsCountExactly(t *testing.T) {
	const n = 200
	var loaded sync.WaitGroup // all have loaded the same version before one commits
	together := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			if req.Method == "POST" {
				loaded.Done()
				loaded.Wait()
			}
			return h(req)
		}
	}
	attempt := func(ring.Request) ring.Response {
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			s = visits.Add(s, 1)
			return s, ring.Text(fmt.Sprint(visits.Get(s)))
		})
	}
	const plain session.Key[int] = "plain"
	s := newSite(t, together(routes{
		"/count": common["/count"], "/show": common["/show"], "/attempt": attempt,
		"/update": func(ring.Request) ring.Response {
			return ring.Text("").With(plain.Change(func(n int) int { return n + 1 }))
		},
		"/set": func(req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(visits.Add(session.From(req), 1)))
		},
	}.serve))
	v := s.visitor()
	v.get("/set")
	for _, path := range []string{"/count", "/attempt", "/update", "/set"} {
		var wg sync.WaitGroup
		answers := make([]answer, n)
		loaded.Add(n)
		for i := range answers {
			wg.Go(func() { answers[i] = v.ask("POST", path) })
		}
		wg.Wait()
		said := map[string]bool{}
		for _, a := range answers {
			if a.status != 200 {
				t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
			said[a.body] = true
		}
		if path == "/attempt" && len(said) != 200 {
			t.Errorf("200 attempts said %d different numbers", len(said))
		}
	}
	if got := v.get("/show").body; got != `live  {"plain":200,"visits":601}` {
		t.Errorf("stored %s", got)
	}
}

func TestC3_TheLaterCommitWinsThatKeyOnly(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/count")
	late(t, s, v, "POST", "/dark", func() { v.get("/light"); v.get("/french") })
	if got := v.get("/show").body; got != `live  {"lang":"fr","theme":"dark","visits":1}` {
		t.Errorf("stored %s", got)
	}
}

func TestC4_NothingLateBringsASessionBack(t *testing.T) {
	for ending, want := range map[string]string{"/logout": "unknown  {}", "/renew": "stale  {}", "/ann": "stale  {}"} {
		for _, path := range []string{"/dark", "/count", "/renew", "/clear"} {
			s := newSite(t, common.serve)
			v := s.visitor()
			v.get("/dark")
			v.get("/count")
			old := v.token()
			s.happened()
			a := late(t, s, v, "POST", map[bool]string{true: "/light", false: path}[path == "/dark"], func() { v.get(ending) })
			if a.status != http.StatusConflict || len(a.set) != 0 || !strings.Contains(a.body, "its change of the session was not saved") {
				t.Errorf("%s after %s: %d %q, cookies %v; want 409", path, ending, a.status, a.body, a.set)
			}
			if !strings.HasSuffix(s.happened(), "dropped") {
				t.Errorf("%s after %s: no event", path, ending)
			}
			if got := s.ask("GET", "/show", "__Host-session="+old).body; got != want {
				t.Errorf("%s after %s: the old token says %s; want %s", path, ending, got, want)
			}
		}
	}
}

func TestC4_ALateGetIsAnsweredAsItIs(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	if a := late(t, s, v, "GET", "/count", func() { v.get("/logout") }); a.status != 200 || a.body != "counted" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestC4_ALateAttemptOfAGetSaysWhatItFound(t *testing.T) {
	s := newSite(t, routes{
		"/count": common["/count"], "/logout": common["/logout"],
		"/attempt": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				s = visits.Add(s, 1)
				return s, ring.Text(fmt.Sprint(visits.Get(s)))
			})
		},
	}.serve)
	v := s.visitor()
	v.get("/count")
	if a := late(t, s, v, "GET", "/attempt", func() { v.get("/logout") }); a.status != 200 || a.body != "2" {
		t.Errorf("%d %q; want the answer of when it ran", a.status, a.body)
	}
}

func TestC4_SlowRequestsNeverReviveASession(t *testing.T) {
	for _, ending := range []string{"/logout", "/renew", "expiry"} {
		for range 1000 {
			s := newSite(t, common.serve)
			v := s.visitor()
			v.get("/dark")
			old := v.token()
			a := late(t, s, v, "POST", "/light", func() {
				if ending == "expiry" {
					s.wait(31 * time.Minute)
				} else {
					v.get(ending)
				}
			})
			if len(a.set) != 0 {
				t.Fatalf("%s: the late request sets %v", ending, a.set)
			}
			if got := s.ask("GET", "/read", "__Host-session="+old).body; got != "" {
				t.Fatalf("%s: the old token reads %q", ending, got)
			}
			if ending == "/logout" && s.table.Len() != 0 {
				t.Fatalf("%d records after the log-out", s.table.Len())
			}
		}
	}
}

func TestC4_ALogOutBeatsARenewalAndALogInBesideIt(t *testing.T) {
	for _, beside := range []string{"/renew", "/ann"} {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/dark")
		h := s.table.holdNext("delete")
		done := make(chan answer)
		go func() { done <- v.ask("POST", "/logout") }()
		<-h.arrived
		v.get(beside)
		close(h.release)
		<-done
		if got := v.get("/show").body; got != "unknown  {}" {
			t.Errorf("log-out after %s: %s; want the session ended", beside, got)
		}
	}
}

func TestC4_ALogOutWithTheTokenBeforeTheRenewalEndsTheSession(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	old := "__Host-session=" + v.token()
	v.get("/renew")
	if a := s.ask("POST", "/logout", old); len(a.set) != 1 || a.set[0].MaxAge >= 0 {
		t.Errorf("cookies %v; want it expired", a.set)
	}
	if got := v.get("/show").body; got != "unknown  {}" {
		t.Errorf("%s; want the session ended", got)
	}
}

func TestC4_AForgedVerifierEndsNothing(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	v.get("/renew")
	forged := v.token()[:24] + strings.Repeat("A", 44)
	s.ask("POST", "/logout", "__Host-session="+forged)
	if got := v.get("/read").body; got != "dark" {
		t.Errorf("read %q; want the session alive", got)
	}
}

func TestC4_ALogInNeverLoses(t *testing.T) {
	for _, ending := range []string{"/logout", "/renew", "/ann"} {
		s := newSite(t, routes{
			"/ann": func(req ring.Request) ring.Response {
				return ring.Text("").With(session.Set(lang.Set(session.From(req), "fr")), session.Login("ann"), visits.By(1))
			},
			"/dark": common["/dark"], "/show": common["/show"], "/logout": common["/logout"], "/renew": common["/renew"],
		}.serve)
		v := s.visitor()
		v.get("/dark")
		a := late(t, s, v, "POST", "/ann", func() { v.get(ending) })
		if a.status != 200 {
			t.Errorf("after %s: %d %s", ending, a.status, a.body)
		}
		v.take(a)
		if got := v.get("/show").body; got != `live ann {"lang":"fr","visits":1}` {
			t.Errorf("after %s: %s; want a new session with what the log-in itself set", ending, got)
		}
	}
}

func TestS9_ALateRenewalBringsNoOtherOwnerBack(t *testing.T) {
	bob := func(ring.Request) ring.Response { return ring.Text("").With(session.Login("bob")) }
	s := newSite(t, routes{"/bob": bob, "/ann": common["/ann"], "/renew": common["/renew"], "/show": common["/show"]}.serve)
	v := s.visitor()
	v.get("/bob")
	renewed := v.ask("POST", "/renew") // whose answer is on its way
	in := v.ask("POST", "/ann")
	v.take(in)
	v.take(renewed)
	if got := v.get("/show").body; strings.Contains(got, "bob") {
		t.Errorf("%s; want not to be bob again", got)
	}
	// The same owner twice: a double click keeps its log-in.
	v = s.visitor()
	v.get("/ann")
	renewed = v.ask("POST", "/renew")
	v.take(v.ask("POST", "/ann"))
	v.take(renewed)
	if got := v.get("/show").body; got != "live ann {}" {
		t.Errorf("%s; want ann's session", got)
	}
}

func TestC4_AStaleTokenCreatesNothingForAMinute(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	old := "__Host-session=" + v.token()
	v.get("/renew")
	if a := s.ask("POST", "/light", old); a.status != http.StatusConflict || len(a.set) != 0 {
		t.Errorf("a plain change: %d %v", a.status, a.set)
	}
	if a := s.ask("POST", "/ann", old); a.status != 200 || len(a.set) != 2 {
		t.Errorf("a log-in: %d %v", a.status, a.set)
	}
	s.wait(time.Minute)
	if a := s.ask("POST", "/light", old); a.status != 200 || len(a.set) != 1 {
		t.Errorf("after a minute: %d %v; want a session of its own", a.status, a.set)
	}
}

func TestC5_NWritersCostAboutTwoCallsEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		var s *site
		var entered sync.WaitGroup
		entered.Add(n)
		s = newSite(t, routes{
			"/dark": common["/dark"], "/show": common["/show"],
			"/slow": func(ring.Request) ring.Response {
				entered.Done()
				entered.Wait() // all have loaded the same version
				return ring.Text("").With(visits.By(1))
			},
		}.serve)
		v := s.visitor()
		v.get("/dark")
		for _, kind := range []string{"load", "save"} {
			s.table.set(&s.table.fail, kind, func() error { // a store that takes its time: else who doesn't queue meets nobody
				time.Sleep(time.Millisecond) // of the bubble's clock
				return nil
			})
		}
		s.table.log()
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				if a := v.ask("POST", "/slow"); a.status != 200 {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
		if calls := len(strings.Fields(s.table.log())); calls > 4*n {
			t.Errorf("%d store calls for %d writers that all loaded first; want at most a load and a save before, and after the conflict", calls, n)
		}
		if got := v.get("/show").body; got != `live  {"theme":"dark","visits":100}` {
			t.Errorf("stored %s", got)
		}
	})
}

// A dawdling table loses the first call that inserts, and makes it when nobody waits any more.
type dawdling struct {
	stores.Table
	late func() error
}

func (d *dawdling) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if d.late != nil {
		return d.Table.Save(ctx, h, expected, row)
	}
	d.late = func() error { return d.Table.Save(context.Background(), h, expected, row) }
	return errors.New("connection reset")
}

// arrive makes the call that was late.
func (d *dawdling) arrive(t *testing.T) {
	t.Helper()
	if err := d.late(); err != nil {
		t.Fatal(err)
	}
}

func TestC5_ALostAnswerIsDecidedByOneLoad(t *testing.T) {
	down := errors.New("connection reset")
	once := func(err error) func() error {
		return func() error { defer func() { err = nil }(); return err }
	}
	t.Run("the save was made", func(t *testing.T) {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/count")
		s.table.log()
		s.table.set(&s.table.after, "save", once(down))
		if a := v.post("/count"); a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
		wantCalls(t, s, "load save load")
		if got := v.get("/show").body; got != `live  {"visits":2}` {
			t.Errorf("stored %s; want it counted once", got)
		}
	})
	t.Run("the save was not made", func(t *testing.T) {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/count")
		s.table.log()
		s.table.set(&s.table.fail, "save", once(down))
		if a := v.post("/count"); a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
		wantCalls(t, s, "load save load save")
		if got := v.get("/show").body; got != `live  {"visits":2}` {
			t.Errorf("stored %s", got)
		}
	})
	t.Run("a session was created", func(t *testing.T) {
		s := newSite(t, common.serve)
		v := s.visitor()
		s.table.set(&s.table.after, "save", once(down))
		if a := v.post("/count"); a.status != 200 || len(a.set) != 1 {
			t.Errorf("%d %v", a.status, a.set)
		}
		if got := v.get("/show").body; got != `live  {"visits":1}` {
			t.Errorf("stored %s", got)
		}
	})
	t.Run("two saves fail, and either may still be made", func(t *testing.T) {
		var failure error
		s := newSite(t, common.serve, func(o *session.Options) {
			o.OnFailure = func(_ ring.Request, err error) ring.Response {
				failure = err
				return ring.Fail(&ring.Error{Status: http.StatusServiceUnavailable})
			}
		})
		v := s.visitor()
		v.get("/count")
		s.table.set(&s.table.fail, "save", func() error { return down })
		if a := v.post("/count"); a.status != http.StatusServiceUnavailable || !errors.Is(failure, stores.ErrOutcomeUnknown) {
			t.Errorf("%d, %v; want a failure that says that nobody knows", a.status, failure)
		}
	})
	t.Run("a session is created late, after it was ended", func(t *testing.T) {
		table := &dawdling{Table: memory.NewTable()}
		app := session.Wrap(stores.Keep(table), session.Options{})(ring.Handler(common.serve))
		v := (&site{t: t, app: app}).visitor()
		if a := v.post("/ann"); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		cookie := v.header()
		if got := v.get("/show").body; got != "live ann {}" {
			t.Errorf("after the log-in: %s", got)
		}
		v.post("/logout")
		table.arrive(t)
		if a := v.s.ask("GET", "/show", cookie); !strings.HasPrefix(a.body, "unknown") {
			t.Errorf("after the log-out and the late call: %s", a.body)
		}
	})
	t.Run("somebody else has written since", func(t *testing.T) {
		s := newSite(t, common.serve)
		v := s.visitor()
		v.get("/count")
		stage := 0
		s.table.set(&s.table.after, "save", func() error {
			if stage++; stage > 1 {
				return nil
			}
			v.ask("POST", "/dark")
			return down
		})
		a := v.post("/count")
		if a.status != http.StatusServiceUnavailable || len(a.set) != 0 || strings.Contains(a.body, "reset") {
			t.Errorf("%d %q; want 503", a.status, a.body)
		}
		if got := v.get("/show").body; got != `live  {"theme":"dark","visits":2}` {
			t.Errorf("stored %s; want no second try", got)
		}
	})
}

func TestC6_WhatLoadWouldRefuseIsNotSaved(t *testing.T) {
	const big session.Key[string] = "big"
	const other session.Key[string] = "other"
	set := func(k session.Key[string], n int) ring.Handler {
		return func(req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(k.Set(session.From(req), strings.Repeat("x", n))))
		}
	}
	s := newSite(t, routes{"/huge": set(big, 70_000), "/big": set(big, 40_000), "/other": set(other, 40_000), "/dark": common["/dark"], "/read": common["/read"]}.serve)
	v := s.visitor()
	v.get("/dark")
	if a := v.post("/huge"); a.status != 413 || v.get("/read").body != "dark" {
		t.Errorf("%d; want a failure of 413 that changes nothing", a.status)
	}
	// Each fits, but not what they merge to.
	a := late(t, s, v, "POST", "/big", func() { v.get("/other") })
	if a.status != 413 {
		t.Errorf("after a merge: %d; want a failure of 413", a.status)
	}
	if got := v.get("/read").body; got != "dark" {
		t.Errorf("read %q", got)
	}
}

func TestC6_TheFailureNamesTheBiggestKeys(t *testing.T) {
	var failure error
	watch := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			failure = resp.Err
			return resp
		}
	}
	wrap := session.Wrap(memory.New(), session.Options{MaxBytes: 100})
	app := watch(wrap(func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(theme.Set(lang.Set(session.From(req), "short"), strings.Repeat("x", 200))))
	}))
	app(ring.NewRequest("GET", "/", nil))
	if failure == nil || !strings.Contains(failure.Error(), `"theme"`) || strings.Contains(failure.Error(), "xxx") {
		t.Errorf("failure %v; want the key named, not its value", failure)
	}
}

func TestT6_AStoreThatIsDownIsNeverNoSession(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	down := func() error { return errors.New("dial tcp 10.0.0.1: refused") }
	s.table.set(&s.table.fail, "load", down)
	a := v.get("/read")
	if a.status != http.StatusServiceUnavailable || len(a.set) != 0 || strings.Contains(a.body, "10.0.0.1") || a.body == "" {
		t.Errorf("load: %d %q %v", a.status, a.body, a.set)
	}
	s.table.set(&s.table.fail, "load", nil)
	s.table.set(&s.table.fail, "save", down)
	if a := v.get("/light"); a.status != http.StatusServiceUnavailable || len(a.set) != 0 || a.body == "light" {
		t.Errorf("save: %d %q", a.status, a.body)
	}
	s.table.set(&s.table.fail, "save", nil)
	s.table.set(&s.table.fail, "delete", down)
	if a := v.get("/logout"); a.status != http.StatusServiceUnavailable || len(a.set) != 0 {
		t.Errorf("delete: %d %v", a.status, a.set)
	}
	if got := v.get("/read").body; got != "dark" {
		t.Errorf("afterwards %q", got)
	}
}

func TestT6_AStoreThatHangsIsAnsweredWithinTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := hanging{memory.NewTable()}
		app := session.Wrap(stores.Keep(hang), session.Options{Deadline: 20 * time.Millisecond})(common.serve)
		s := &site{t: t, app: app}
		began := time.Now()
		if a := s.ask("GET", "/read", "__Host-session="+strings.Repeat("A", 68)); a.status != http.StatusServiceUnavailable {
			t.Errorf("%d", a.status)
		}
		if a := s.ask("GET", "/dark", ""); a.status != http.StatusServiceUnavailable || len(a.set) != 0 {
			t.Errorf("%d %v", a.status, a.set)
		}
		if took := time.Since(began); took > 2*20*time.Millisecond { // by the bubble's clock
			t.Errorf("took %v for two requests with a deadline of 20ms", took)
		}
	})
}

// hanging is a table that answers when its context ends.
type hanging struct{ *memory.Table }

func (h hanging) Load(ctx context.Context, _ stores.Handle) (stores.Row, error) {
	<-ctx.Done()
	return stores.Row{}, ctx.Err()
}

func (h hanging) Save(ctx context.Context, _ stores.Handle, _ uint64, _ stores.Row) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestC5_ConflictsWithoutEndAreAFailureAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := stubborn{memory.NewTable()}
		app := session.Wrap(stores.Keep(table), session.Options{Deadline: 20 * time.Millisecond})(common.serve)
		s := &site{t: t, app: app}
		v := s.visitor()
		v.get("/dark")
		if a := v.post("/light"); a.status != http.StatusServiceUnavailable || len(a.set) != 0 {
			t.Errorf("%d %v; want 503", a.status, a.set)
		}
	})
}

// stubborn is a table that ignores contexts and never finds the version it is asked to replace.
type stubborn struct{ *memory.Table }

func (s stubborn) Load(_ context.Context, h stores.Handle) (stores.Row, error) {
	return s.Table.Load(context.Background(), h)
}

func (s stubborn) Save(_ context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if expected != 0 {
		time.Sleep(time.Millisecond) // of the bubble's clock, which else stands still
		return stores.ErrConflict
	}
	return s.Table.Save(context.Background(), h, expected, row)
}
