package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func TestTheCookieIsThatOfTheOptions(t *testing.T) {
	for name, c := range map[string]struct {
		o    session.Options
		want string
	}{
		"zero":         {session.Options{}, "__Host-session=T; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"insecure":     {session.Options{Insecure: true}, "session=T; Path=/; HttpOnly; SameSite=Lax"},
		"named":        {session.Options{Slot: session.Named("basket")}, "__Host-basket=T; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"named cookie": {session.Options{Cookie: http.Cookie{Name: "sid", Secure: true}}, "sid=T; Path=/; Secure; SameSite=Lax"},
		"path":         {session.Options{Cookie: http.Cookie{Path: "/app", Secure: true, HttpOnly: true}}, "session=T; Path=/app; HttpOnly; Secure; SameSite=Lax"},
		"domain":       {session.Options{Cookie: http.Cookie{Domain: "example.com", Secure: true}}, "session=T; Path=/; Domain=example.com; Secure; SameSite=Lax"},
		"persistent":   {session.Options{Persistent: true}, "__Host-session=T; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"no SameSite":  {session.Options{Cookie: http.Cookie{Secure: true, SameSite: http.SameSiteDefaultMode}}, "__Host-session=T; Path=/; Secure"},
		"partitioned": {session.Options{Cookie: http.Cookie{Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true}},
			"__Host-session=T; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"},
		"strict": {session.Options{Cookie: http.Cookie{Secure: true, SameSite: http.SameSiteStrictMode}}, "__Host-session=T; Path=/; Secure; SameSite=Strict"},
	} {
		app := session.Wrap(memory.New(), c.o)(func(ring.Request) ring.Response {
			return ring.Text("").With(c.o.Slot.Update(func(s session.Session) session.Session { return theme.Set(s, "x") }))
		})
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		set := w.Header().Get("Set-Cookie")
		if len(w.Result().Cookies()) != 1 {
			t.Errorf("%s: %q", name, set)
			continue
		}
		if got := strings.Replace(set, w.Result().Cookies()[0].Value, "T", 1); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

func TestMistakesPanicAtSetUp(t *testing.T) {
	for name, f := range map[string]func(){
		"no store":   func() { session.Wrap(nil, session.Options{}) },
		"not secure": func() { session.Wrap(memory.New(), session.Options{Cookie: http.Cookie{Name: "sid"}}) },
		"__Host- and Domain": func() {
			session.Wrap(memory.New(), session.Options{Cookie: http.Cookie{Name: "__Host-x", Domain: "example.com", Secure: true}})
		},
		"bad name": func() { session.Wrap(memory.New(), session.Options{Cookie: http.Cookie{Name: "a b", Secure: true}}) },
		"bad path": func() {
			session.Wrap(memory.New(), session.Options{Cookie: http.Cookie{Path: "/a\r\nX: y", Secure: true}})
		},
		"None, not secure": func() {
			session.Wrap(memory.New(), session.Options{Insecure: true, Cookie: http.Cookie{Name: "x", SameSite: http.SameSiteNoneMode}})
		},
		"Max-Age":           func() { session.Wrap(memory.New(), session.Options{Cookie: http.Cookie{Secure: true, MaxAge: 60}}) },
		"negative deadline": func() { session.Wrap(memory.New(), session.Options{Deadline: -1}) },
		"negative size":     func() { session.Wrap(memory.New(), session.Options{MaxBytes: -1}) },
		"slot name":         func() { session.Named("a b") },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "session: ") {
					t.Errorf("%s: panic %v; want one that says what is wrong", name, p)
				}
			}()
			f()
		}()
	}
}

func TestOnDroppedAnswersALateChange(t *testing.T) {
	s := newSite(t, common.serve, func(o *session.Options) {
		o.OnDropped = func(req ring.Request, resp ring.Response) ring.Response {
			text, _ := resp.Body.Text()
			return ring.Text("too late for " + text).With(ring.Status(410))
		}
	})
	v := s.visitor()
	v.get("/dark")
	if a := late(t, s, v, "POST", "/light", func() { v.get("/logout") }); a.status != 410 || a.body != "too late for light" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestOnFailureAnswersForTheStore(t *testing.T) {
	s := newSite(t, common.serve, func(o *session.Options) {
		o.OnFailure = func(_ ring.Request, err error) ring.Response {
			return ring.Text("closed").With(ring.Status(502))
		}
	})
	s.table.set(&s.table.fail, "save", func() error { return errors.New("down") })
	if a := s.visitor().get("/dark"); a.status != 502 || a.body != "closed" || len(a.set) != 0 {
		t.Errorf("%d %s %v", a.status, a.body, a.set)
	}
	if got := s.happened(); got != "failed" {
		t.Errorf("events %q", got)
	}
}

func TestEventsTellWhatWasDecidedAndNeverAToken(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	var all []string
	var said []session.Event
	for _, path := range []string{"/dark", "/light", "/read", "/renew", "/ann", "/french", "/bob", "/clear", "/fail", "/logout", "/read", "/dark", "/logout"} {
		for _, value := range v.cookies {
			all = append(all, value, value[24:])
		}
		v.get(path)
		s.mu.Lock()
		said = append(said, s.events...)
		s.mu.Unlock()
	}
	s.ask("GET", "/read", "__Host-session="+strings.Repeat("B", 68))
	s.ask("GET", "/read", "__Host-session=nonsense")
	want := "created, saved, renewed, logged in, saved, deleted, logged in, deleted, created, deleted, refused unknown, refused malformed"
	dump := fmt.Sprintf("%v %+v", said, said)
	if got := s.happened(); got != want {
		t.Errorf("events %q; want %q", got, want)
	}
	for _, token := range all {
		if strings.Contains(dump, token) {
			t.Errorf("an event holds a token")
		}
	}
}

func TestALogOutIsCommittedThoughTheClientHasLeft(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	ctx, leave := context.WithCancel(t.Context())
	app := session.Wrap(stores.Keep(s.table), session.Options{Now: s.clock})(func(req ring.Request) ring.Response {
		leave()
		return ring.Text("bye").With(session.Delete)
	})
	r := httptest.NewRequestWithContext(ctx, "POST", "/logout", nil)
	r.Header.Set("Cookie", "__Host-session="+v.token())
	app.ServeHTTP(httptest.NewRecorder(), r)
	if got := v.get("/show").body; got != "unknown  {}" {
		t.Errorf("%s; want the session ended", got)
	}
}

func TestInfoTellsAboutTheSession(t *testing.T) {
	var got session.Information
	s := newSite(t, func(req ring.Request) ring.Response {
		got = session.Info(req)
		return common.serve(req)
	})
	v := s.visitor()
	began := s.clock()
	v.get("/ann")
	s.wait(10 * time.Minute)
	v.get("/read")
	if got.State != session.Live || got.Owner != "ann" || !got.Authenticated.Equal(began) || !got.Created.Equal(began) ||
		!got.Seen.Equal(began) || !got.Expires.Equal(began.Add(30*time.Minute)) || got.Handle.String() != v.ownerToken()[:24] || !got.Now.Equal(s.clock()) {
		t.Errorf("%+v", got)
	}
	if a, b := string(got.AppendID(nil)), string(got.AppendID(nil)); a == b || len(a) != 12 {
		t.Errorf("ids %q and %q", a, b)
	}
}
