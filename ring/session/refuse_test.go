package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func TestC4_WhereOnlyAMessageIsLostTheAnswerIsTheHandlers(t *testing.T) {
	var s *site
	revoke := func(ring.Request) ring.Response { // "log out everywhere", with this browser's own session among those
		_, err := stores.Keep(s.table).(stores.Owners).DeleteOwned(context.Background(), "ann")
		if err != nil {
			return ring.Fail(err)
		}
		return ring.Redirect("/").With(notice.Put("Everybody is logged out."))
	}
	asked := 0
	for name, option := range map[string]func(*session.Options){
		"ready-made": func(*session.Options) {},
		"one's own": func(o *session.Options) {
			o.OnDropped = func(ring.Request, ring.Response) ring.Response { asked++; return ring.Text("dropped") }
		},
	} {
		app := routes{
			"/ann": common["/ann"], "/everywhere": revoke, "/logout": common["/logout"],
			"/say": func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("Saved.")) },
		}
		s = newSite(t, flash.Wrap(app.serve), option)
		v := s.visitor()
		v.get("/ann")
		s.happened()
		if a := v.post("/everywhere"); a.status != http.StatusSeeOther || s.happened() != "dropped" {
			t.Errorf("%s: %d %s after DeleteOwned", name, a.status, a.body)
		}
		v.get("/ann")
		if a := late(t, s, v, "POST", "/say", func() { s.visitorOf(v).post("/logout") }); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d %s beside a log-out", name, a.status, a.body)
		}
	}
	if asked != 0 {
		t.Errorf("OnDropped was called %d times", asked)
	}
}

// visitorOf is another tab of a browser.
func (s *site) visitorOf(v *visitor) *visitor {
	tab := s.visitor()
	for name, value := range v.cookies {
		tab.cookies[name] = value
	}
	return tab
}

func TestC4_ARedirectToTheLogInPageIsNotReplaced(t *testing.T) {
	guard := func(req ring.Request) ring.Response { // it saves where the visitor wanted to go
		if session.Info(req).Owner == "" {
			return ring.Redirect("/login").With(theme.Put("/wanted"))
		}
		return ring.Redirect("/done").With(visits.By(1))
	}
	s := newSite(t, routes{"/ann": common["/ann"], "/renew": common["/renew"], "/guarded": guard}.serve)
	v := s.visitor()
	v.get("/ann")
	old := s.visitorOf(v)
	v.post("/renew")
	if a := old.post("/guarded"); a.status != http.StatusSeeOther || a.header.Get("Location") != "/login" {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := late(t, s, v, "POST", "/guarded", func() { s.visitorOf(v).post("/renew") })
	if a.status != http.StatusConflict {
		t.Errorf("%d; want 409 where the handler saw a session, and what it changed is lost", a.status)
	}
}

func TestS10_WhatIsSaidInsteadOfAnAnswerIsNotCached(t *testing.T) {
	page := func(text string) ring.Response { return ring.Text(text).With(ring.Status(http.StatusNotFound)) }
	s := newSite(t, routes{"/ann": common["/ann"], "/count": common["/count"], "/logout": common["/logout"]}.serve, func(o *session.Options) {
		o.OnDropped = func(ring.Request, ring.Response) ring.Response { return page("dropped") }
		o.OnFailure = func(ring.Request, error) ring.Response { return page("failed") }
	})
	v := s.visitor()
	v.get("/ann")
	check := func(what, body string, a answer) {
		t.Helper()
		if a.body != body || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Vary") != "Cookie" {
			t.Errorf("%s: %q, %v", what, a.body, a.header)
		}
	}
	check("a dropped change", "dropped", late(t, s, v, "GET", "/count", func() { s.visitorOf(v).post("/logout") }))
	v.get("/ann")
	s.table.set(&s.table.fail, "save", func() error { return errFull })
	check("a failed save", "failed", v.get("/count"))
	s.table.set(&s.table.fail, "load", func() error { return errFull })
	check("a failed load", "failed", v.get("/count"))
}

func TestWhatIsSaidInsteadOfAnAnswerCarriesNoMessage(t *testing.T) {
	away := func() ring.Response {
		return ring.Redirect("/login").With(notice.Put("Your session has ended."), visits.By(1))
	}
	s := newSite(t, flash.Wrap(routes{"/ann": common["/ann"], "/count": common["/count"], "/logout": common["/logout"]}.serve), func(o *session.Options) {
		o.OnDropped = func(ring.Request, ring.Response) ring.Response { return away() }
		o.OnFailure = func(ring.Request, error) ring.Response { return away() }
	})
	v := s.visitor()
	v.get("/ann")
	check := func(a answer, kind session.EventKind) {
		t.Helper()
		s.mu.Lock()
		defer s.mu.Unlock()
		e := s.events[len(s.events)-1]
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/login" || len(a.set) != 0 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if e.Kind != kind || e.Err == nil || !strings.Contains(e.Err.Error(), "flash message") || !strings.Contains(e.Err.Error(), "session change") {
			t.Errorf("the event is %v: %v; want what was lost", e.Kind, e.Err)
		}
	}
	check(late(t, s, v, "POST", "/count", func() { s.visitorOf(v).post("/logout") }), session.Dropped)
	v.get("/ann")
	s.table.set(&s.table.fail, "save", func() error { return errFull })
	check(v.get("/count"), session.Failed)
}

func TestAClientThatLeavesWhileItsSessionIsLoadedIsNoFailureOfTheStore(t *testing.T) {
	asked := 0
	var events []session.Event
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	table := leaving{memory.NewTable(), leave}
	app := session.Wrap(stores.Keep(table), session.Options{
		OnFailure: func(ring.Request, error) ring.Response { asked++; return ring.Text("") },
		OnEvent:   func(_ context.Context, e session.Event) { events = append(events, e) },
	})(common.serve)
	r := httptest.NewRequest("GET", "/show", nil).WithContext(ctx)
	r.Header.Set("Cookie", "__Host-session="+strings.Repeat("A", 68))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Code < 400 || w.Code > 499 { // 5xx would be logged as an error
		t.Errorf("%d", w.Code)
	}
	if asked != 0 || len(events) != 0 {
		t.Errorf("OnFailure was called %d times, events %v", asked, events)
	}
}

// leaving is a table whose client leaves while it looks.
type leaving struct {
	*memory.Table
	leave func()
}

func (l leaving) Load(ctx context.Context, _ stores.Handle) (stores.Row, error) {
	l.leave()
	if ctx.Err() == nil {
		return stores.Row{}, errors.New("the context of a load goes on")
	}
	return stores.Row{}, ctx.Err()
}
