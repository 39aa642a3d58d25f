package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

// openSite is a site and its sessions as a background job sees them.
func openSite(t *testing.T) (*site, *session.Sessions) {
	r := routes{"/handle": func(req ring.Request) ring.Response { return ring.Text(session.Info(req).Handle.String()) }}
	for path, h := range common {
		r[path] = h
	}
	s := newSite(t, r.serve)
	return s, session.Open(stores.Keep(s.table), session.Options{Now: s.clock, OnEvent: s.record, Deadline: time.Hour})
}

// handle returns that of the visitor's session.
func (v *visitor) handle() session.Handle {
	v.s.t.Helper()
	h, err := stores.ParseHandle(v.ask("GET", "/handle").body)
	if err != nil {
		v.s.t.Fatal(err)
	}
	return h
}

func TestASessionIsReadByItsHandle(t *testing.T) {
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/dark")
	v.get("/ann")
	got, info, err := sessions.Load(t.Context(), v.handle())
	if err != nil || theme.Get(got) != "dark" || info.Owner != "ann" || info.State != session.Live || info.Handle != v.handle() {
		t.Errorf("%v, %+v, %v", got, info, err)
	}
	for name, end := range map[string]func(*visitor){
		"ended":   func(v *visitor) { v.post("/logout") },
		"expired": func(*visitor) { s.wait(time.Hour) },
	} {
		v := s.visitor()
		v.get("/dark")
		h := v.handle()
		if alive, err := sessions.Alive(t.Context(), h); !alive || err != nil {
			t.Errorf("%v, %v; want it alive", alive, err)
		}
		end(v)
		if alive, err := sessions.Alive(t.Context(), h); alive || err != nil {
			t.Errorf("%s: %v, %v; want it not alive", name, alive, err)
		}
		if _, _, err := sessions.Load(t.Context(), h); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v; want ErrNotFound", name, err)
		}
		if err := sessions.Amend(t.Context(), h, visits.By(1)); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s, changed: %v; want ErrNotFound", name, err)
		}
	}
}

func TestC1_AChangeByHandleIsMergedWithThatOfARequest(t *testing.T) {
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/count")
	h := v.handle()
	got, _, err := sessions.Load(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	v.get("/french")
	s.happened()
	if err := sessions.Amend(t.Context(), h, session.Set(theme.Set(got, "dark")), visits.By(2)); err != nil {
		t.Fatal(err)
	}
	if got := v.get("/show").body; got != `live  {"lang":"fr","theme":"dark","visits":3}` {
		t.Errorf("the session is %s", got)
	}
	if got := s.happened(); got != "saved" {
		t.Errorf("events %s; want one of the change", got)
	}
}

func TestC2_NoChangeByHandleIsLost(t *testing.T) {
	const n = 20
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/count")
	h := v.handle()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := sessions.Amend(t.Context(), h, visits.By(1)); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if a := v.ask("POST", "/count"); a.status != 200 {
				t.Error(a.body)
			}
		})
	}
	all.Wait()
	if got, _, err := sessions.Load(t.Context(), h); visits.Get(got) != 2*n+1 || err != nil {
		t.Errorf("%d, %v; want %d", visits.Get(got), err, 2*n+1)
	}
}

// What happens between the load and the save of a change by handle.
func TestC4_AChangeByHandleAndARequestThatIsFaster(t *testing.T) {
	for _, c := range []struct {
		path string
		want error
		show string // what the browser has then
	}{
		{"/logout", session.ErrNotFound, "none  {}"},
		{"/ann", session.ErrNotFound, `live ann {"theme":"dark"}`}, // the change was made for somebody anonymous
		{"/renew", nil, `live  {"lang":"fr","theme":"dark"}`},
		{"/light", nil, `live  {"lang":"fr","theme":"light"}`},
		{"/clear", nil, `live  {"lang":"fr"}`},
	} {
		t.Run(c.path, func(t *testing.T) {
			s, sessions := openSite(t)
			v := s.visitor()
			v.get("/dark")
			h, before := v.handle(), v.header()
			held := s.table.holdNext("save")
			amended := make(chan error, 1)
			go func() { amended <- sessions.Amend(t.Context(), h, lang.Put("fr")) }()
			<-held.arrived
			v.post(c.path)
			close(held.release)
			if err := <-amended; !errors.Is(err, c.want) {
				t.Errorf("%v; want %v", err, c.want)
			}
			if got := v.get("/show").body; got != c.show {
				t.Errorf("the session is %s; want %s", got, c.show)
			}
			if after := v.header(); after != before {
				if got := s.ask("GET", "/show", before).body; strings.HasPrefix(got, "live") {
					t.Errorf("the token of before opens a session that is %s", got)
				}
			}
		})
	}
}

func TestC4_WhatWasEndedByHandleStaysSo(t *testing.T) {
	for name, end := range map[string]func(*session.Sessions, session.Handle) error{
		"End": func(s *session.Sessions, h session.Handle) error { return s.End(context.Background(), h) },
		"Delete": func(s *session.Sessions, h session.Handle) error {
			return s.Amend(context.Background(), h, session.Delete)
		},
		"EndOwned": func(s *session.Sessions, _ session.Handle) error {
			n, err := s.EndOwned(context.Background(), "ann")
			if n != 1 {
				return fmt.Errorf("%d sessions, %w", n, err)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, sessions := openSite(t)
			v := s.visitor()
			v.get("/ann")
			h := v.handle()
			held := s.table.holdNext("save")
			late := make(chan answer, 1)
			go func() { late <- v.ask("POST", "/dark") }()
			<-held.arrived
			s.happened()
			if err := end(sessions, h); err != nil {
				t.Fatal(err)
			}
			if got := s.happened(); got != "deleted" {
				t.Errorf("events %q", got)
			}
			close(held.release)
			if a := <-late; a.status != 409 || len(a.set) != 0 {
				t.Errorf("the request beside it: %d, cookies %v; want it dropped", a.status, a.set)
			}
			if got := v.get("/show").body; !strings.HasPrefix(got, "unknown") || s.table.Len() != 0 {
				t.Errorf("the session is %s; want it ended", got)
			}
		})
	}
	s, sessions := openSite(t)
	if err := sessions.End(t.Context(), stores.Handle{1}); err != nil || s.table.Len() != 0 {
		t.Errorf("what is absent: %v", err)
	}
}

func TestS6_WhatTakesAResponseCanNotBeAmended(t *testing.T) {
	s, sessions := openSite(t)
	v, other := s.visitor(), s.visitor()
	v.get("/dark")
	other.get("/light")
	h := v.handle()
	others, _, err := sessions.Load(t.Context(), other.handle())
	if err != nil {
		t.Fatal(err)
	}
	s.table.log()
	for name, changes := range map[string][]ring.Change{
		"a log-in":                         {session.Login("ann")},
		"a renewal":                        {session.Renew},
		"a lifetime":                       {session.Lifetime(time.Hour, 0, true)},
		"what begins after a log-out":      {session.Delete, visits.By(1)},
		"a message":                        {flash.Key[string]("notice").Put("Saved.")},
		"a header field":                   {ring.SetHeader("X-A", "b")},
		"a status":                         {ring.Status(404)},
		"another session":                  {session.Set(theme.Set(others, "light"))},
		"a value that can't be encoded":    {session.Key[any]("f").Put(func() {})},
		"the session of another slot":      {session.Named("other").Update(func(s session.Session) session.Session { return theme.Set(s, "x") })},
		"a function that panics":           {session.Update(func(session.Session) session.Session { panic("no") })},
		"more than a session may hold":     {session.Key[string]("big").Put(strings.Repeat("x", 70_000))},
		"a session of a request, for fun ": {session.Set(theme.Set(session.From(session.WithSession(ring.NewRequest("GET", "/", nil), session.Session{})), "x"))},
	} {
		if err := sessions.Amend(t.Context(), h, changes...); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
	if calls := s.table.log(); strings.Contains(calls, "save") || strings.Contains(calls, "delete") {
		t.Errorf("the table was asked to %s", calls)
	}
}

func TestS8_AChangeByHandleThatMakesNoDifferenceCountsAsUse(t *testing.T) {
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/dark")
	h := v.handle()
	for range 4 { // each time most of the 30 minutes
		s.wait(25 * time.Minute)
		s.table.log()
		if err := sessions.Amend(t.Context(), h, theme.Put("dark")); err != nil {
			t.Fatal(err)
		}
		if got := s.table.log(); got != "load touch" {
			t.Errorf("the table was asked to %s", got)
		}
	}
}

func TestTheSessionsOfAnOwner(t *testing.T) {
	s, sessions := openSite(t)
	var browsers []*visitor
	for range 3 {
		v := s.visitor()
		v.get("/ann")
		browsers = append(browsers, v)
	}
	bob := s.visitor()
	bob.get("/bob")
	all, err := sessions.Owned(t.Context(), "ann")
	if err != nil || len(all) != 3 || all[0].Owner != "ann" || all[0].Handle == (session.Handle{}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if n, err := sessions.AmendOwned(t.Context(), "ann", theme.Put("dark")); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, v := range browsers {
		if got := v.get("/show").body; got != `live ann {"theme":"dark"}` {
			t.Errorf("the session is %s", got)
		}
	}
	if n, err := sessions.EndOwned(t.Context(), "ann", browsers[0].handle()); n != 2 || err != nil {
		t.Errorf("ended %d, %v", n, err)
	}
	for i, v := range append(browsers, bob) {
		if got, want := v.get("/show").body, i == 0 || i == 3; strings.HasPrefix(got, "live") != want {
			t.Errorf("%d: the session is %s", i, got)
		}
	}
	s.wait(time.Hour)
	if all, err := sessions.Owned(t.Context(), "ann"); len(all) != 0 || err != nil {
		t.Errorf("expired ones are listed: %v, %v", all, err)
	}
}

func TestAllYieldsWhoIsHere(t *testing.T) {
	s, sessions := openSite(t)
	for _, path := range []string{"/dark", "/ann", "/bob"} {
		s.visitor().get(path)
	}
	s.wait(25 * time.Minute)
	s.visitor().get("/dark")
	count := func() (n int, owners string) {
		for info, err := range sessions.All(t.Context()) {
			if err != nil || info.State != session.Live || info.Handle == (session.Handle{}) {
				t.Errorf("%+v, %v", info, err)
			}
			n, owners = n+1, owners+info.Owner
		}
		return n, owners
	}
	if n, owners := count(); n != 4 || owners != "annbob" && owners != "bobann" {
		t.Errorf("%d sessions, owners %s", n, owners)
	}
	s.wait(10 * time.Minute)
	if n, _ := count(); n != 1 {
		t.Errorf("%d sessions after three have expired", n)
	}
	for range sessions.All(t.Context()) {
		break
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for info, err := range sessions.All(over) {
		if !errors.Is(err, context.Canceled) || info.State != session.None {
			t.Errorf("a context that is over: %+v, %v", info, err)
		}
	}
	for _, err := range session.Open(struct{ stores.Store }{stores.Keep(s.table)}, session.Options{}).All(t.Context()) {
		if !errors.Is(err, session.ErrUnsupported) {
			t.Errorf("a store that hides what it can: %v", err)
		}
	}
}

func TestT6_AFailureIsNoAnswer(t *testing.T) {
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/ann")
	h := v.handle()
	for _, call := range []string{"load", "save", "delete"} {
		s.table.set(&s.table.fail, call, func() error { return errFull })
	}
	s.happened()
	if alive, err := sessions.Alive(t.Context(), h); alive || !errors.Is(err, errFull) {
		t.Errorf("alive: %v, %v", alive, err)
	}
	if err := sessions.End(t.Context(), h); !errors.Is(err, errFull) {
		t.Errorf("end: %v", err)
	}
	if _, err := sessions.AmendOwned(t.Context(), "ann", visits.By(1)); !errors.Is(err, errFull) {
		t.Errorf("amend: %v", err)
	}
	if got := s.happened(); got != "" {
		t.Errorf("events %s", got)
	}
	s.table.fail = nil
	s.table.set(&s.table.fail, "save", func() error { return errFull })
	if err := sessions.Amend(t.Context(), h, visits.By(1)); !errors.Is(err, errFull) {
		t.Errorf("amend: %v", err)
	}
	if got := s.happened(); got != "failed" {
		t.Errorf("events %s", got)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s.table.fail = nil
	if err := sessions.Amend(over, h, visits.By(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that is over: %v", err)
	}
}

func TestAStoreWithoutHandles(t *testing.T) {
	sealed, err := cookie.New(make([]byte, cookie.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	sessions := session.Open(sealed, session.Options{})
	h := stores.Handle{1}
	_, _, load := sessions.Load(t.Context(), h)
	_, alive := sessions.Alive(t.Context(), h)
	_, owned := sessions.Owned(t.Context(), "ann")
	_, ended := sessions.EndOwned(t.Context(), "ann")
	for i, err := range []error{load, alive, owned, ended, sessions.Amend(t.Context(), h, visits.By(1)), sessions.End(t.Context(), h)} {
		if !errors.Is(err, session.ErrUnsupported) {
			t.Errorf("%d: %v; want ErrUnsupported", i, err)
		}
	}
}

func TestTheSessionsOfAnOwnerInARevocableCookieStore(t *testing.T) {
	live := memory.New()
	sealed, err := cookie.New(make([]byte, cookie.MinSecret), cookie.Revocable(live))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, app: session.Wrap(sealed, session.Options{})(routes(common).serve)}
	v, other := s.visitor(), s.visitor()
	v.get("/ann")
	other.get("/ann")
	sessions := session.Open(live, session.Options{})
	all, err := sessions.Owned(t.Context(), "ann")
	if len(all) != 2 || err != nil {
		t.Fatalf("%d sessions, %v", len(all), err)
	}
	living := func() (n int) {
		for _, v := range []*visitor{v, other} {
			if strings.HasPrefix(v.get("/show").body, "live") {
				n++
			}
		}
		return n
	}
	if err := sessions.End(t.Context(), all[0].Handle); err != nil || living() != 1 {
		t.Errorf("%v, and %d sessions live; want one ended", err, living())
	}
	if n, err := sessions.EndOwned(t.Context(), "ann"); n != 1 || err != nil || living() != 0 {
		t.Errorf("ended %d, %v, and %d sessions live", n, err, living())
	}
}

func ExampleSessions() {
	store, options := memory.New(), session.Options{}
	const unread session.Counter = "unread"
	site := session.Wrap(store, options)(func(req ring.Request) ring.Response {
		return ring.Text(fmt.Sprint(unread.Get(session.From(req)), " unread")).With(session.Login("ann"))
	})
	site(ring.NewRequest("POST", "/login", nil))

	// A background job, as a message for Ann has come in:
	sessions := session.Open(store, options)
	n, err := sessions.AmendOwned(context.Background(), "ann", unread.By(1))
	fmt.Println(n, "session has an unread message,", err)

	all, _ := sessions.Owned(context.Background(), "ann")
	s, _, _ := sessions.Load(context.Background(), all[0].Handle)
	fmt.Println(s)

	_ = sessions.End(context.Background(), all[0].Handle)
	alive, _ := sessions.Alive(context.Background(), all[0].Handle)
	fmt.Println("alive:", alive)
	// Output:
	// 1 session has an unread message, <nil>
	// {"unread":1}
	// alive: false
}

func TestS9_AHandleNeverPassesToAnotherOwner(t *testing.T) {
	s, sessions := openSite(t)
	v := s.visitor()
	v.get("/dark")
	anonymous := v.handle()
	v.get("/ann")
	ann := v.handle()
	v.get("/renew")
	if v.handle() != ann || ann != anonymous {
		t.Error("the handle changed at a log-in of an anonymous visitor, or at a renewal")
	}
	v.get("/bob")
	if v.handle() == ann {
		t.Error("Bob has Ann's handle")
	}
	if alive, err := sessions.Alive(t.Context(), ann); alive || err != nil {
		t.Errorf("Ann's session is alive: %v, %v", alive, err)
	}
}
