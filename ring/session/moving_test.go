package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// An oldLibrary is what a site used before: sessions by the value of the cookie "old".
type oldLibrary struct {
	mu       sync.Mutex
	sessions map[string]session.Moved
	loads    int
	err      error
	loading  *held // holds the next Load, after it has read
}

func (l *oldLibrary) load(_ context.Context, value string, s session.Session) (session.Moved, error) {
	l.mu.Lock()
	l.loads++
	m, ok := l.sessions[value]
	err, hold := l.err, l.loading
	l.loading = nil
	l.mu.Unlock()
	if hold != nil {
		close(hold.arrived)
		<-hold.release
	}
	switch {
	case err != nil:
		return session.Moved{}, err
	case !ok:
		return session.Moved{}, session.ErrAbsent
	}
	for k := range m.Session.Keys() {
		s = session.Key[string](k).Set(s, session.Key[string](k).Get(m.Session))
	}
	m.Session = s
	return m, nil
}

// newMovingSite is a site whose visitors have sessions with an old library: ann is logged in with "a", and "b" is anonymous.
func newMovingSite(t *testing.T, h ring.Handler, change ...func(*session.Options)) (*site, *oldLibrary) {
	old := &oldLibrary{sessions: map[string]session.Moved{
		"a": {Session: lang.Set(session.Session{}, "de"), Owner: "ann"},
		"b": {Session: lang.Set(session.Session{}, "it")},
	}}
	s := newSite(t, h, append([]func(*session.Options){func(o *session.Options) {
		o.Moving = &session.Moving{Cookie: http.Cookie{Name: "old"}, Load: old.load, Marks: memory.NewTable()}
	}}, change...)...)
	return s, old
}

func (s *site) visitorWith(old string) *visitor {
	v := s.visitor()
	v.cookies["old"] = old
	return v
}

func TestS9_TheFirstRequestBringsAnOldSessionOver(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	v := s.visitorWith("a")
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` {
		t.Errorf("the first request sees %s", a.body)
	} else if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the answer with the cookie may be cached: %q", a.header.Get("Cache-Control"))
	}
	if v.ownerToken() == "" || v.cookies["old"] != "" || v.token() != "" {
		t.Errorf("the browser has %v", v.cookies)
	}
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` || len(a.set) != 0 {
		t.Errorf("the second request sees %s and is sent %v", a.body, a.set)
	}
	if s.happened() != "brought over" || old.loads != 1 {
		t.Errorf("%s; %d loads", s.happened(), old.loads)
	}
	w := s.visitorWith("b")
	if a := w.get("/show"); a.body != `live  {"lang":"it"}` || w.token() == "" || w.ownerToken() != "" {
		t.Errorf("an anonymous visitor sees %s and has %v", a.body, w.cookies)
	}
}

func TestS2_AnOldCookieThatOpensNothingIsForgotten(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	v := s.visitorWith("nothing")
	if a := v.get("/show"); a.body != "none  {}" || len(v.cookies) != 0 {
		t.Errorf("a visitor sees %s and has %v", a.body, v.cookies)
	}
	old.sessions["empty"] = session.Moved{}
	if v = s.visitorWith("empty"); v.get("/show").body != "none  {}" || len(v.cookies) != 0 || s.table.Len() != 0 {
		t.Errorf("an empty session makes %d records", s.table.Len())
	}
	v = s.visitorWith("a")
	v.cookies["__Host-session"] = "junk" // of whoever
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` {
		t.Errorf("beside a dead cookie a visitor sees %s", a.body)
	}
}

// The log-out is the visitor's first request, or comes later, and the old cookie may come again.
func TestC4_ALogOutIsFinalForASessionThatWasMoved(t *testing.T) {
	for _, first := range []string{"/logout", "/show"} {
		s, _ := newMovingSite(t, routes(common).serve)
		v := s.visitorWith("a")
		v.get(first)
		v.get("/logout")
		if len(v.cookies) != 0 {
			t.Errorf("after a log-out the browser has %v", v.cookies)
		}
		v.cookies["old"] = "a" // a copy
		if a := v.get("/show"); !strings.HasSuffix(a.body, "  {}") || v.ownerToken() != "" {
			t.Errorf("a copy of the old cookie opens %s", a.body)
		}
		if s.table.Len() != 0 {
			t.Errorf("%d sessions are left", s.table.Len())
		}
	}
}

// A request that has read the old session, and is then overtaken by another one and by a log-out, revives nothing.
func TestC4_ASlowFirstRequestRevivesNoMovedSession(t *testing.T) {
	for _, path := range []string{"/show", "/dark"} {
		s, old := newMovingSite(t, routes(common).serve)
		slow := &held{make(chan struct{}), make(chan struct{})}
		old.loading = slow
		late := make(chan answer)
		go func() { late <- s.ask("GET", path, "old=a") }()
		<-slow.arrived
		v := s.visitorWith("a")
		v.get("/show")
		v.get("/logout")
		close(slow.release)
		v.take(<-late)
		if a := v.get("/show"); strings.Contains(a.body, "ann") || v.ownerToken() != "" {
			t.Errorf("after a log-out, a slow %s leaves %s and %v", path, a.body, v.cookies)
		}
	}
}

func TestC4_ASlowResponseToAFirstRequestRevivesNothing(t *testing.T) {
	gate := &held{make(chan struct{}), make(chan struct{})}
	h := routes{"/slow": func(req ring.Request) ring.Response {
		close(gate.arrived)
		<-gate.release
		return ring.Text(session.Info(req).Owner)
	}, "/show": common["/show"], "/logout": common["/logout"]}
	s, _ := newMovingSite(t, h.serve)
	late := make(chan answer)
	go func() { late <- s.ask("GET", "/slow", "old=a") }()
	<-gate.arrived
	v := s.visitorWith("a")
	v.get("/show")
	v.get("/logout")
	close(gate.release)
	v.take(<-late)
	if a := v.get("/show"); strings.Contains(a.body, "ann") {
		t.Errorf("the late answer logs in again: %s", a.body)
	}
}

func TestC1_ParallelFirstRequestsShareOneSession(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	slow := &held{make(chan struct{}), make(chan struct{})}
	old.loading = slow
	late := make(chan answer)
	go func() { late <- s.ask("POST", "/dark", "old=a") }()
	<-slow.arrived
	v := s.visitorWith("a")
	v.post("/french")
	first := v.ownerToken()
	close(slow.release)
	v.take(<-late)
	if v.ownerToken() != first {
		t.Error("the two requests have two sessions")
	}
	if a := v.get("/show"); a.body != `live ann {"lang":"fr","theme":"dark"}` {
		t.Errorf("after both: %s", a.body)
	}
	if s.table.Len() != 1 {
		t.Errorf("%d sessions", s.table.Len())
	}
}

func TestH3_AFailedFirstResponseMovesNobodyOut(t *testing.T) {
	s, _ := newMovingSite(t, routes(common).serve)
	v := s.visitorWith("a")
	if a := v.get("/fail"); a.status != 500 || len(a.set) != 0 {
		t.Errorf("%d with %v", a.status, a.set)
	}
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` {
		t.Errorf("the next request sees %s", a.body)
	}
	lost := s.visitorWith("b")
	lost.ask("GET", "/dark") // the answer never arrives
	if a := lost.get("/show"); a.body != `live  {"lang":"it","theme":"dark"}` {
		t.Errorf("after a lost answer: %s", a.body)
	}
}

func TestS7_LimitsOfAMovedSessionCountFromTheOldLogIn(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve, func(o *session.Options) { o.Idle = -1 })
	m := old.sessions["a"]
	m.Created = s.clock().Add(-11 * time.Hour)
	old.sessions["a"] = m
	m.Created = s.clock().Add(-12 * time.Hour)
	old.sessions["over"] = m
	m.Created = s.clock().Add(time.Hour)
	old.sessions["ahead"] = m
	v := s.visitorWith("a")
	v.get("/show")
	ahead := s.visitorWith("ahead")
	ahead.get("/show")
	if a := s.visitorWith("over").get("/show"); a.body != "none  {}" {
		t.Errorf("a session of 12 hours ago: %s", a.body)
	}
	s.wait(59 * time.Minute)
	if a := v.get("/show"); !strings.Contains(a.body, "ann") {
		t.Errorf("before 12 hours are over: %s", a.body)
	}
	s.wait(time.Minute)
	v.cookies["old"] = "a"
	if a := v.get("/show"); a.body != "expired  {}" {
		t.Errorf("after 12 hours: %s", a.body)
	}
	s.wait(11 * time.Hour)
	if a := ahead.get("/show"); a.body != "expired  {}" {
		t.Errorf("a beginning in the future counts from now: %s", a.body)
	}
}

// An idle session ends although the old library would still have it.
func TestS7_AMovedSessionThatIdledIsNotBroughtOverAgain(t *testing.T) {
	s, _ := newMovingSite(t, routes(common).serve)
	s.visitorWith("a").get("/show")
	s.wait(30 * time.Minute)
	if _, err := s.table.Sweep(t.Context(), s.clock().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if a := s.visitorWith("a").get("/show"); a.body != "unknown  {}" {
		t.Errorf("after 30 minutes: %s", a.body)
	}
}

func TestS7_AMovedSessionMayHaveLimitsOfItsOwn(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	m := old.sessions["a"]
	m.Absolute, m.Persistent, m.Created = 30*24*time.Hour, true, s.clock().Add(-24*time.Hour)
	old.sessions["a"] = m
	v := s.visitorWith("a")
	a := v.get("/show")
	for _, c := range a.set {
		if c.Name == "__Host-session-owner" && c.MaxAge != 29*24*3600 {
			t.Errorf("the cookie lives %d seconds", c.MaxAge)
		}
	}
	s.wait(28 * 24 * time.Hour)
	if a := v.get("/show"); !strings.Contains(a.body, "ann") {
		t.Errorf("after 28 days: %s", a.body)
	}
}

func TestS6_AMovedLogInKeepsTheAnonymousValues(t *testing.T) {
	const csrf session.Bound[string] = "csrf"
	h := routes{"/token": func(req ring.Request) ring.Response {
		return ring.Text("ok").With(session.Set(csrf.Set(session.From(req), "x")))
	}, "/dark": common["/dark"], "/show": common["/show"], "/logout": common["/logout"]}
	s, _ := newMovingSite(t, h.serve)
	v := s.visitor()
	v.post("/dark")
	v.post("/token")
	v.cookies["old"] = "b" // has no owner, so the session at hand stays
	if a := v.get("/show"); a.body != `live  {"csrf":"x","theme":"dark"}` {
		t.Errorf("beside an anonymous session: %s", a.body)
	}
	v.cookies["old"] = "a"
	if a := v.get("/show"); a.body != `live ann {"lang":"de","theme":"dark"}` {
		t.Errorf("with the log-in: %s", a.body)
	}
	if v.token() != "" || v.ownerToken() == "" {
		t.Errorf("the browser has %v", v.cookies)
	}
	v.cookies["old"] = "a"
	if a := v.get("/show"); a.body != `live ann {"lang":"de","theme":"dark"}` || v.cookies["old"] != "" {
		t.Errorf("with an owner's session: %s, %v", a.body, v.cookies)
	}
}

func TestS9_AnotherSiteBringsNothingOver(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	ask := func(method, mode string) answer {
		r := httptest.NewRequest(method, "/show", nil)
		r.Header.Set("Cookie", "old=b")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Sec-Fetch-Mode", mode)
		w := httptest.NewRecorder()
		s.app.ServeHTTP(w, r)
		return answer{set: w.Result().Cookies()}
	}
	if a := ask("POST", "navigate"); old.loads != 0 || len(a.set) != 0 {
		t.Errorf("a form of another site: %d loads; %v", old.loads, a.set)
	}
	if a := ask("GET", "navigate"); len(a.set) != 2 {
		t.Errorf("a link of another site sets %v", a.set)
	}
}

func TestS4_AMarkHoldsNeitherTokenNorOldCookie(t *testing.T) {
	marks := memory.NewTable()
	var seen []stores.Row
	s, old := newMovingSite(t, routes(common).serve, func(o *session.Options) {
		o.Moving.Marks = markSpy{marks, func(_ stores.Handle, row stores.Row) { seen = append(seen, row) }}
	})
	secret := strings.Repeat("secret", 6)
	old.sessions[secret] = old.sessions["a"]
	v := s.visitorWith(secret)
	v.get("/show")
	if len(seen) != 1 {
		t.Fatalf("%d marks", len(seen))
	}
	token := v.ownerToken()
	if all := fmt.Sprintf("%s %v", seen[0].Body.Bytes(), seen[0]); strings.Contains(all, secret) || strings.Contains(all, token[:24]) || strings.Contains(all, token[24:]) {
		t.Error("a mark shows a secret")
	}
	if seen[0].Owner != "" {
		t.Error("a mark is listed for an owner")
	}
}

// Marks may lie in the table of sessions.
func TestS3_AMarkIsNoSession(t *testing.T) {
	table := memory.NewTable()
	var mark stores.Handle
	s, _ := newMovingSite(t, routes(common).serve, func(o *session.Options) {
		o.Moving.Marks = markSpy{table, func(h stores.Handle, _ stores.Row) { mark = h }}
	})
	s.visitorWith("a").get("/show")
	if mark == (stores.Handle{}) {
		t.Fatal("no mark")
	}
	for _, secret := range []string{strings.Repeat("A", 44), strings.Repeat("_", 44)} {
		token := stores.TokenOf("__Host-session", mark.String()+secret)
		if _, err := stores.Keep(table).Load(t.Context(), token, s.clock()); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("a token for the mark's handle: %v", err)
		}
	}
	if recs, err := table.List(t.Context(), "ann"); err != nil || len(recs) != 0 {
		t.Errorf("%d records of ann: %v", len(recs), err)
	}
}

func TestT6_AnOldLibraryThatIsDownIsAFailure(t *testing.T) {
	s, old := newMovingSite(t, routes(common).serve)
	old.err = errors.New("down")
	v := s.visitorWith("a")
	if a := v.get("/show"); a.status != 503 || len(a.set) != 0 || s.happened() != "failed" {
		t.Errorf("%d with %v", a.status, a.set)
	}
	old.err = nil
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` {
		t.Errorf("when it is up again: %s", a.body)
	}
}

func TestT6_ATableOfMarksThatIsDownIsAFailure(t *testing.T) {
	marks := &gate{Table: memory.NewTable()}
	s, old := newMovingSite(t, routes(common).serve, func(o *session.Options) { o.Moving.Marks = marks })
	down := func() error { return errors.New("down") }
	for _, kind := range []string{"load", "save"} {
		marks.set(&marks.fail, kind, down)
		v := s.visitorWith("a")
		if a := v.get("/show"); a.status != 503 || len(a.set) != 0 {
			t.Errorf("%s: %d with %v", kind, a.status, a.set)
		}
		marks.set(&marks.fail, kind, nil)
	}
	marks.set(&marks.after, "save", down) // it has the mark; the answer is lost
	v := s.visitorWith("a")
	if a := v.get("/show"); a.status != 503 {
		t.Errorf("%d", a.status)
	}
	marks.set(&marks.after, "save", nil)
	loads := old.loads
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` || old.loads != loads {
		t.Errorf("after a lost answer: %s, %d more loads", a.body, old.loads-loads)
	}
	s.happened()
	old.sessions["large"] = session.Moved{Session: theme.Set(session.Session{}, strings.Repeat("x", 70_000))}
	if a := s.visitorWith("large").get("/show"); a.status != 503 || s.happened() != "failed" {
		t.Errorf("a session that is too large: %d", a.status)
	}
}

func TestS5_DiscardLeavesTheOldCookie(t *testing.T) {
	h := routes{"/discard": func(ring.Request) ring.Response { return ring.Text("").With(session.Discard) }, "/show": common["/show"]}
	s, _ := newMovingSite(t, h.serve)
	v := s.visitorWith("a")
	if a := v.get("/discard"); len(a.set) != 0 {
		t.Errorf("set %v", a.set)
	}
	if a := v.get("/show"); a.body != `live ann {"lang":"de"}` {
		t.Errorf("%s", a.body)
	}
}

func TestAMovingThatIsWrongPanicsAtSetUp(t *testing.T) {
	load := func(context.Context, string, session.Session) (session.Moved, error) { return session.Moved{}, nil }
	for name, m := range map[string]session.Moving{
		"no name":       {Load: load, Marks: memory.NewTable()},
		"no load":       {Cookie: http.Cookie{Name: "old"}, Marks: memory.NewTable()},
		"no marks":      {Cookie: http.Cookie{Name: "old"}, Load: load},
		"our own name":  {Cookie: http.Cookie{Name: "__Host-session"}, Load: load, Marks: memory.NewTable()},
		"a broken name": {Cookie: http.Cookie{Name: "o;d"}, Load: load, Marks: memory.NewTable()},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "session: Options.Moving") {
					t.Errorf("panics with %v", p)
				}
			}()
			session.Wrap(memory.New(), session.Options{Moving: &m})
		})
	}
}

// A markSpy sees what is saved.
type markSpy struct {
	*memory.Table
	saved func(stores.Handle, stores.Row)
}

func (s markSpy) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	s.saved(h, row)
	return s.Table.Save(ctx, h, expected, row)
}
