package session_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// Each of these was found by somebody who tried to break a law.

// deriving is a table that derives a context of its own, as drivers do.
type deriving struct{ *memory.Table }

func (d deriving) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	return d.Table.Load(ctx, h)
}

func (d deriving) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return d.Table.Save(ctx, h, expected, row)
}

func TestT6_AStoreMayDeriveContexts(t *testing.T) {
	app := session.Wrap(stores.Keep(deriving{memory.NewTable()}), session.Options{})(common.serve)
	s := &site{t: t, app: app}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v := s.visitor()
			for range 300 {
				if a := v.post("/count"); a.status != 200 {
					t.Errorf("%d %s", a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
}

func TestS9_ANamedSessionSharesNoCookieWithAnOwner(t *testing.T) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a name that ends in -owner is taken")
			}
		}()
		session.Named("session-owner")
	}()
	cookie := func(name string) http.Cookie { return http.Cookie{Name: name, Secure: true} }
	for _, names := range [][2]string{{"sid", "sid"}, {"sid", "sid-owner"}, {"sid-owner", "sid"}} {
		outer := session.Wrap(memory.New(), session.Options{Slot: session.Named("corner-a"), Cookie: cookie(names[0])})
		inner := session.Wrap(memory.New(), session.Options{Slot: session.Named("corner-b"), Cookie: cookie(names[1])})
		resp := ring.Chain(outer, inner)(common.serve)(ring.NewRequest("GET", "/nowhere", nil))
		if resp.Err == nil || !strings.Contains(resp.Err.Error(), "two layers") {
			t.Errorf("%v: %v", names, resp.Err)
		}
	}
}

func TestS5_WhatLayersAddToAnAttemptIsAddedToItsAnswer(t *testing.T) {
	basket := session.Named("basket")
	app := ring.Chain(session.Wrap(memory.New(), session.Options{}), session.Wrap(memory.New(), session.Options{Slot: basket}))(routes{
		"/": func(ring.Request) ring.Response {
			return basket.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return visits.Add(s, 1), ring.Text("").With(session.Login("ann"))
			}).With(theme.Put("dark"))
		},
		"/show": common["/show"],
	}.serve)
	v := (&site{t: t, app: app}).visitor()
	v.get("/")
	if got := v.get("/show").body; got != `live ann {"theme":"dark"}` {
		t.Errorf("%s; want the log-in of the answer and the value of the layer", got)
	}
}

func TestS8_AShortLimitOfItsOwnIsTouchedInTime(t *testing.T) {
	s := newSite(t, routes{
		"/login": func(ring.Request) ring.Response {
			return ring.Text("").With(session.Login("ann"), session.Lifetime(30*time.Second, 0, false))
		}, "/show": common["/show"],
	}.serve)
	v := s.visitor()
	v.get("/login")
	for range 12 {
		s.wait(10 * time.Second)
		v.get("/show")
	}
	if got := v.get("/show").body; got != "live ann {}" {
		t.Errorf("used every ten seconds: %s", got)
	}
}

func TestS8_AnOlderSessionThatIsReadOutlivesATighterLimit(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.app = chain(s.table, session.Options{Now: s.clock, Idle: 5 * time.Minute, OnEvent: s.record})(common.serve)
	for range 20 {
		s.wait(time.Minute)
		if got := v.get("/read").body; got != "dark" {
			t.Fatalf("read every minute, it is %q; want %q", got, "dark")
		}
	}
	s.wait(6 * time.Minute)
	if got := v.get("/read").body; got == "dark" {
		t.Error("it outlives the tighter limit without being read")
	}
}

func TestS7_NoLimitIsNotTheEnd(t *testing.T) {
	for _, o := range []session.Options{{Idle: math.MaxInt64, Absolute: -1}, {Idle: -1, Absolute: -1}, {Idle: -1, Absolute: math.MaxInt64}} {
		app := session.Wrap(memory.New(), o)(common.serve)
		v := (&site{t: t, app: app}).visitor()
		v.get("/dark")
		if got := v.get("/read").body; got != "dark" {
			t.Errorf("idle %v, absolute %v: read %q", o.Idle, o.Absolute, got)
		}
	}
}

func TestS10_EveryAnswerToASessionIsPrivate(t *testing.T) {
	notFound := ring.OnError(nil, func(_ ring.Request, resp ring.Response) ring.Response { return ring.Text("for you") })
	s := newSite(t, notFound(routes{
		"/fail": func(ring.Request) ring.Response { return ring.Fail(&ring.Error{Status: 404}) },
		"/cookie": func(ring.Request) ring.Response {
			return ring.Text("").With(cookies.Set(http.Cookie{Name: "a", Value: "b"}))
		},
		"/dark": common["/dark"], "/count": common["/count"], "/logout": common["/logout"],
	}.serve))
	v := s.visitor()
	if h := v.get("/cookie").header; h.Get("Cache-Control") != "no-store" {
		t.Errorf("a handler's own cookie: %v", h)
	}
	v.get("/dark")
	if h := v.get("/fail").header; h.Get("Cache-Control") != "private" || h.Get("Vary") != "Cookie" {
		t.Errorf("a failed page: %v", h)
	}
	a := late(t, s, v, "GET", "/count", func() { v.get("/logout") })
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Vary") != "Cookie" {
		t.Errorf("a dropped change: %v", a.header)
	}
}

func TestS10_PagesLoadedAheadAreForgottenWithTheSessionTheyAreOf(t *testing.T) {
	own := ring.SetHeader("Clear-Site-Data", `"cache"`)
	s := newSite(t, routes{
		"/dark": common["/dark"], "/ann": common["/ann"], "/read": common["/read"], "/renew": common["/renew"], "/logout": common["/logout"],
		"/own": func(ring.Request) ring.Response { return ring.Text("").With(session.Login("ann"), own) },
	}.serve)
	v := s.visitor()
	for _, step := range []struct{ path, want string }{
		{"/read", ""},
		{"/dark", `"prefetchCache", "prerenderCache"`}, // creates
		{"/read", ""},
		{"/ann", `"prefetchCache", "prerenderCache"`},
		{"/renew", `"prefetchCache", "prerenderCache"`},
		{"/own", `"cache"`},
		{"/logout", `"prefetchCache", "prerenderCache"`},
	} {
		r := httptest.NewRequest("GET", step.path, nil)
		r.Header.Set("Cookie", v.header())
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		w := httptest.NewRecorder()
		s.app.ServeHTTP(w, r)
		if got := w.Header().Get("Clear-Site-Data"); got != step.want {
			t.Errorf("%s: Clear-Site-Data %s; want %s", step.path, got, step.want)
		}
		v.take(answer{set: w.Result().Cookies()})
	}
	if h := s.visitor().get("/ann").header; h.Get("Clear-Site-Data") != "" {
		t.Errorf("without fetch metadata: %v", h)
	}
}

func TestK2_OneCookieOnAnAttemptAndOnItsPlaceholder(t *testing.T) {
	set := func(v string) ring.Change { return cookies.Set(http.Cookie{Name: "a", Value: v}) }
	s := newSite(t, func(ring.Request) ring.Response {
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			return theme.Set(s, "x"), ring.Text("").With(set("b"))
		}).With(set("c"))
	})
	if a := s.visitor().get("/"); a.status != 500 || len(a.set) != 0 {
		t.Errorf("%d %v; want a failure", a.status, a.set)
	}
}

func TestS6_ALogInThatCanNotEndTheOtherOwnersSessionLeavesNothing(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/ann")
	deletes := 0
	s.table.set(&s.table.fail, "delete", func() error {
		if deletes++; deletes == 1 {
			return errors.New("down")
		}
		return nil
	})
	if a := v.get("/bob"); a.status != 503 || len(a.set) != 0 {
		t.Errorf("%d %v", a.status, a.set)
	}
	if recs, _ := s.table.List(t.Context(), "bob"); len(recs) != 0 {
		t.Errorf("Bob has %d sessions that nobody can use", len(recs))
	}
}

func TestC6_AnOwnerAndAMemberHaveTheirLimitsToo(t *testing.T) {
	s := newSite(t, func(ring.Request) ring.Response {
		return ring.Text("").With(session.Login(strings.Repeat("x", 256)))
	})
	if a := s.visitor().get("/"); a.status != 500 || s.table.Len() != 0 {
		t.Errorf("an owner of 256 bytes: %d", a.status)
	}
	type d4 [1][1][1][1]int
	type d14 [1][1][1][1][1][1][1][1][1][1]d4 // as deep as a value may lie, but a member lies one deeper
	for depth, set := range []session.Session{
		session.Members[d14]("m").Add(session.Session{}, d14{}),
		session.Members[[1]d14]("m").Add(session.Session{}, [1]d14{}),
	} {
		if _, err := stores.ParseData(set.Data().Bytes(), 0); err != nil {
			t.Errorf("%d deeper: what Add took does not parse: %v", depth, err)
		}
		if taken := set.Err() == nil; taken != (depth == 0) {
			t.Errorf("%d deeper: %v", depth, set.Err())
		}
	}
}

// closing notes whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestTheBodyOfAnAttemptThatFailsIsClosed(t *testing.T) {
	var body *closing
	answer := func() ring.Response {
		body = &closing{Reader: strings.NewReader("x")}
		return ring.Read("text/plain", body)
	}
	s := newSite(t, routes{
		"/bad": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return session.Key[func()]("f").Set(s, func() {}), answer()
			})
		},
		"/panic": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) { return s, answer() }).
				With(session.Update(func(session.Session) session.Session { panic("oops") }))
		},
	}.serve)
	for _, path := range []string{"/bad", "/panic"} {
		if a := s.visitor().get(path); a.status != 500 || !body.closed {
			t.Errorf("%s: %d, closed: %v", path, a.status, body.closed)
		}
	}
}

func TestAnEventTellsWhoLoggedOutThoughAMessageStays(t *testing.T) {
	s := newSite(t, routes{
		"/ann":    common["/ann"],
		"/logout": func(ring.Request) ring.Response { return ring.Text("").With(session.Delete, theme.Put("x")) },
	}.serve)
	v := s.visitor()
	v.get("/ann")
	s.events = nil
	v.get("/logout")
	if len(s.events) != 2 || s.events[0].Kind != session.Deleted || s.events[0].Owner != "ann" ||
		s.events[1].Kind != session.Created || s.events[1].Owner != "" || s.events[1].Handle == s.events[0].Handle {
		t.Errorf("events %+v", s.events)
	}
}

func TestS9_ALogOutTakesBothCookies(t *testing.T) {
	s := newSite(t, common.serve)
	v, provoked := s.visitor(), s.visitor()
	v.get("/ann")
	provoked.get("/dark")
	v.cookies["__Host-session"] = provoked.token()
	v.get("/logout")
	if len(v.cookies) != 0 {
		t.Errorf("cookies %v are left", v.cookies)
	}
}

func TestS9_ALogInTakesTheAnonymousCookieAway(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	v.get("/ann")
	if v.token() != "" || v.ownerToken() == "" {
		t.Errorf("cookies %v; want the owner's alone", v.cookies)
	}
}

func TestARandomSourceThatRepeatsIsAnError(t *testing.T) {
	store := stores.KeepRand(memory.NewTable(), zeros{})
	if _, err := store.Save(t.Context(), stores.Token{}, stores.Record{Data: theme.Set(session.Session{}, "x").Data()}, true); err == nil {
		t.Error("versions of nothing but zeros are taken")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return copy(b, bytes.Repeat([]byte{0}, len(b))), nil }

func TestOutOfTheZeroResponseIsNothing(t *testing.T) {
	if _, d := session.Outcome(ring.NewRequest("GET", "/", nil), ring.Response{}.With(theme.Put("x"))); d.String() != "leave" {
		t.Errorf("%s", d)
	}
}
