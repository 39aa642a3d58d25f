package session_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// shared is a site with several sessions in one table.
func shared(t *testing.T, names ...string) (*site, []session.Slot) {
	s := newSite(t, common.serve)
	var slots []session.Slot
	var layers []ring.Middleware
	for _, name := range names {
		slot := session.Slot{}
		if name != "" {
			slot = session.Named(name)
		}
		slots = append(slots, slot)
		layers = append(layers, chain(s.table, session.Options{Slot: slot, Now: s.clock}))
	}
	s.app = ring.Chain(layers...)(func(req ring.Request) ring.Response {
		slot := slots[0]
		if i, ok := map[string]int{"/second": 1}[req.URL.Path]; ok {
			slot = slots[i]
		}
		switch req.Method {
		case "POST":
			return ring.Text("").With(slot.Set(theme.Set(slot.From(req), "dark")))
		case "PUT":
			return ring.Text("").With(slot.Login("42"))
		case "PATCH":
			return ring.Text("").With(slot.Renew)
		}
		i := slot.Info(req)
		return ring.Text(i.State.String() + " " + i.Owner + " " + slot.From(req).String())
	})
	return s, slots
}

// Customers and administrators, or a session and a basket, may be kept in one store: customer 42 is not administrator 42.
func TestS3_ATokenOpensItsOwnCookieOnly(t *testing.T) {
	for _, methods := range [][]string{{"POST"}, {"PUT"}, {"POST", "PATCH"}, {"PUT", "PATCH"}} {
		s, _ := shared(t, "", "cookie-admin")
		v := s.visitor()
		for _, m := range methods {
			v.take(v.ask(m, "/"))
		}
		copied := &visitor{s: s, cookies: map[string]string{}}
		for name, value := range v.cookies {
			copied.cookies[strings.Replace(name, "session", "cookie-admin", 1)] = value
		}
		if got := copied.get("/second").body; !strings.HasPrefix(got, "unknown  {}") && !strings.HasPrefix(got, "stale  {}") {
			t.Errorf("%v: in the cookie of the other session the token opens %q", methods, got)
		}
		if got := v.get("/").body; !strings.HasPrefix(got, "live") {
			t.Errorf("%v: in its own cookie the token opens %q", methods, got)
		}
	}
}

func TestAProgramLoadsAndSavesWithoutWrap(t *testing.T) {
	s := newSite(t, common.serve)
	store := stores.Keep(s.table)
	now := s.clock()
	token, err := store.Save(t.Context(), stores.TokenOf("__Host-session", ""), stores.Record{Owner: "ann", Created: now, Seen: now, Expires: now.Add(time.Hour)}, false)
	if err != nil || token.Cookie() != "__Host-session" || token.IsZero() {
		t.Fatalf("a token for the cookie %q, %v", token.Cookie(), err)
	}
	r := s.ask("GET", "/show", (&http.Cookie{Name: "__Host-session-owner", Value: token.Reveal()}).String())
	if r.body != "live ann {}" {
		t.Errorf("the browser that has it is %q", r.body)
	}
	v := s.visitor()
	v.get("/ann")
	if rec, err := store.Load(t.Context(), stores.TokenOf("__Host-session", v.ownerToken()), now); err != nil || rec.Owner != "ann" {
		t.Errorf("%q, %v; want the session of the cookie", rec.Owner, err)
	}
	if _, err := store.Load(context.Background(), stores.TokenOf("", v.ownerToken()), now); !errors.Is(err, stores.ErrNotFound) {
		t.Errorf("without the name of its cookie: %v; want ErrNotFound", err)
	}
}
