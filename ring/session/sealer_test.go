package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// minting is a store that gives a new token at each write, as one does that seals the session into it.
type minting struct{ stores.Store }

func (s minting) Save(ctx context.Context, t stores.Token, rec stores.Record, _ bool) (stores.Token, error) {
	return s.Store.Save(ctx, t, rec, true)
}

// sealer is minting, and says so.
type sealer struct{ minting }

func (sealer) Seals() {}

// around is a store around one that it knows as a stores.Store only.
type around struct{ stores.Store }

func (a around) Unwrap() stores.Store { return a.Store }

func (s *site) wrap(store stores.Store, h ring.Handler, o session.Options) {
	o.Now, o.OnEvent = s.clock, s.record
	s.app = session.Wrap(store, o)(h)
}

func TestS9_ATokenThatAWriteChangesIsSent(t *testing.T) {
	s := newSite(t, common.serve)
	s.wrap(minting{stores.Keep(s.table)}, common.serve, session.Options{})
	v := s.visitor()
	for _, login := range []string{"", "/ann"} {
		if login != "" {
			v.post(login)
		}
		v.post("/dark")
		name, before := "__Host-session", v.token()
		if login != "" {
			name, before = "__Host-session-owner", v.ownerToken()
		}
		a := v.post("/count")
		if len(a.set) != 1 || a.set[0].Name != name || a.set[0].Value == before {
			t.Errorf("after %q a write set %d cookies; want another %s", login, len(a.set), name)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control %q; want no-store", got)
		}
		if a := v.get("/read"); a.body != "dark" || len(a.set) != 0 {
			t.Errorf("a reader got %q and %d cookies; want dark and none", a.body, len(a.set))
		}
		if a := v.post("/dark"); len(a.set) != 0 {
			t.Errorf("an equal value set %d cookies; want none", len(a.set))
		}
	}
}

func TestS9_AResponseThatSetsTheCookieOfAWriteItselfFails(t *testing.T) {
	s := newSite(t, common.serve)
	own := func(req ring.Request) ring.Response {
		return common.serve(req).With(func(r ring.Response) ring.Response {
			if req.URL.Path == "/french" {
				r.Header = r.Header.Add("Set-Cookie", "__Host-session=x")
			}
			return r
		})
	}
	s.wrap(minting{stores.Keep(s.table)}, own, session.Options{})
	v := s.visitor()
	v.post("/dark")
	if a := v.ask("POST", "/french"); a.status != http.StatusInternalServerError || len(a.set) != 0 {
		t.Errorf("%d with %d cookies; want 500 and none", a.status, len(a.set))
	}
}

func TestAsFindsWhatAStoreInsideCanDo(t *testing.T) {
	inner := memory.New()
	store := around{around{inner}}
	if got, ok := stores.As[stores.Owners](store); !ok || got != stores.Owners(inner) {
		t.Errorf("an Owners inside: %v, %v", got, ok)
	}
	if got, ok := stores.As[*memory.Store](inner); !ok || got != inner {
		t.Errorf("the store itself: %v, %v", got, ok)
	}
	hides := struct{ stores.Store }{inner}
	for _, store := range []stores.Store{nil, around{}, around{hides}, hides, sealer{minting{inner}}} {
		if got, ok := stores.As[stores.Sweeper](store); ok || got != nil {
			t.Errorf("%T can sweep: %v", store, got)
		}
	}
}

func TestS7_WithASealerIdlingIsAskedForAndCountsFromTheLastWrite(t *testing.T) {
	for _, c := range []struct {
		idle     time.Duration
		path     string // what the visitor does after each of three times ten minutes
		after    time.Duration
		want     string
		lifetime bool
	}{
		{0, "/read", 11 * time.Hour, "live", false},
		{0, "/read", 12*time.Hour - 30*time.Minute, "expired", false},
		{time.Hour, "/read", 29 * time.Minute, "live", false},
		{time.Hour, "/read", 30 * time.Minute, "expired", false},
		{time.Hour, "/count", 59 * time.Minute, "live", false},
		{time.Hour, "/count", time.Hour, "expired", false},
		{0, "/read", 30 * time.Minute, "expired", true},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			s := newSite(t, common.serve)
			var store stores.Store = sealer{minting{stores.Keep(s.table)}}
			if c.idle == 0 {
				store = around{around{store}}
			}
			h := func(req ring.Request) ring.Response {
				if req.URL.Path == "/dark" && c.lifetime {
					return common.serve(req).With(session.Lifetime(time.Hour, 0, false))
				}
				return common.serve(req)
			}
			s.wrap(store, h, session.Options{Idle: c.idle, TouchEvery: time.Second})
			v := s.visitor()
			v.post("/dark")
			for range 3 {
				s.wait(10 * time.Minute)
				v.post(c.path)
			}
			s.wait(c.after)
			if a := v.get("/show"); !strings.HasPrefix(a.body, c.want+" ") {
				t.Errorf("the session is %q; want %s", a.body, c.want)
			}
			if log := s.table.log(); strings.Contains(log, "touch") {
				t.Errorf("store calls %s; want no touch", log)
			}
		})
	}
}

// cramped takes no session with the key lang.
type cramped struct{ stores.Store }

func (s cramped) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	if lang.Get(session.Of(rec.Data)) != "" {
		return stores.Token{}, fmt.Errorf("cramped: %w", stores.ErrTooLarge)
	}
	return s.Store.Save(ctx, t, rec, renew)
}

func TestC6_WhatTheStoreCanNotTakeIsAFailureThatNamesTheBiggestKeys(t *testing.T) {
	app := session.Wrap(cramped{memory.New()}, session.Options{})(common.serve)
	resp := app(ring.NewRequest("POST", "/french", nil))
	if !errors.Is(resp.Err, stores.ErrTooLarge) || !strings.Contains(resp.Err.Error(), `"lang" 3`) {
		t.Errorf("error %v; want ErrTooLarge and the key lang with its bytes", resp.Err)
	}
	if _, cookie := resp.Header.Lookup("Set-Cookie"); cookie || resp.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, cookie %t; want 413 and none", resp.Status, cookie)
	}
}
