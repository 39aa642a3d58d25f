package session_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

var errFull = errors.New("the disk is full")

func TestC4_ALogOutDependsOnNothingButTheDelete(t *testing.T) {
	for name, c := range map[string]struct {
		says ring.Change // beside the log-out
		fail func(*gate) // the store
	}{
		"a message and a table that takes no new rows": {notice.Put("Bye."), func(g *gate) {
			g.set(&g.fail, "save", func() error { return errFull })
		}},
		"an Update and a table that takes no new rows": {visits.By(1), func(g *gate) {
			g.set(&g.fail, "save", func() error { return errFull })
		}},
		"a message that is too large": {notice.Put(strings.Repeat("x", 70_000)), func(*gate) {}},
	} {
		t.Run(name, func(t *testing.T) {
			app := routes{
				"/ann": common["/ann"], "/show": common["/show"],
				"/bye": func(ring.Request) ring.Response { return ring.Redirect("/").With(session.Delete, c.says) },
			}
			s := newSite(t, flash.Wrap(app.serve))
			v := s.visitor()
			v.get("/ann")
			before := v.header()
			c.fail(s.table)
			s.happened()
			a := v.post("/bye")
			if a.status != http.StatusSeeOther || len(v.cookies) != 0 || len(a.set) != 1 {
				t.Errorf("%d %s, the browser has %v", a.status, a.body, v.cookies)
			}
			if got := s.ask("GET", "/show", before).body; !strings.HasPrefix(got, "unknown") {
				t.Errorf("the session is %s; want it ended", got)
			}
			s.mu.Lock()
			e := s.events
			s.mu.Unlock()
			if len(e) < 2 || e[0].Kind != session.Deleted || e[1].Kind != session.Dropped || e[1].Err == nil {
				t.Errorf("events %v; want one of the log-out and one of what is lost", e)
			}
			if again := s.ask("POST", "/bye", before); again.status != http.StatusSeeOther || len(again.set) != 1 {
				t.Errorf("once more: %d, cookies %v", again.status, again.set)
			}
		})
	}
}

func TestC4_NobodyIsKeptInAStoreThatIsFull(t *testing.T) {
	store := memory.New(memory.Max(3))
	app := routes{"/show": common["/show"], "/bye": func(ring.Request) ring.Response {
		return ring.Redirect("/").With(session.Delete, notice.Put("Bye."))
	}, "/login": func(req ring.Request) ring.Response { return ring.Text("").With(session.Login(req.Query("name"))) }}
	s := &site{t: t, app: ring.Chain(session.Wrap(store, session.Options{}), flash.Wrap)(app.serve)}
	var v *visitor
	for _, name := range []string{"ann", "ben", "carl"} {
		v = s.visitor()
		v.get("/login?name=" + name)
	}
	before := v.header()
	if a := v.post("/bye"); a.status != http.StatusSeeOther {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := s.ask("GET", "/show", before).body; strings.Contains(got, "carl") {
		t.Errorf("%s after the log-out", got)
	}
}

func TestC4_ALogOutThatCanNotDeleteIsAFailure(t *testing.T) {
	s := newSite(t, flash.Wrap(routes{"/ann": common["/ann"], "/show": common["/show"], "/bye": func(ring.Request) ring.Response {
		return ring.Redirect("/").With(session.Delete, notice.Put("Bye."))
	}}.serve))
	v := s.visitor()
	v.get("/ann")
	s.table.set(&s.table.fail, "delete", func() error { return errFull })
	if a := v.post("/bye"); a.status != http.StatusServiceUnavailable || len(a.set) != 0 || s.table.Len() != 1 {
		t.Errorf("%d, cookies %v, %d sessions; want a failure that leaves everything", a.status, a.set, s.table.Len())
	}
}

func TestC4_RenewEndsTheTokenOfASessionThatIsEmpty(t *testing.T) {
	empty := func(ring.Request) ring.Response {
		return ring.Text("").With(session.Set(session.Session{}), session.Renew)
	}
	for name, path := range map[string]string{"that was emptied": "/renew", "that becomes empty": "/empty"} {
		s := newSite(t, routes{"/count": common["/count"], "/clear": common["/clear"], "/renew": common["/renew"], "/empty": empty, "/show": common["/show"]}.serve)
		v := s.visitor()
		v.get("/count")
		if path == "/renew" {
			v.get("/clear")
		}
		planted := v.header()
		a := v.post(path)
		if len(a.set) != 1 || v.header() == planted {
			t.Errorf("%s: %d cookies; want a new token", name, len(a.set))
		}
		if got := s.ask("GET", "/show", planted).body; !strings.HasPrefix(got, "stale") {
			t.Errorf("%s: the token of before finds a session that is %s", name, got)
		}
		if got := v.get("/show").body; got != "live  {}" {
			t.Errorf("%s: the new token finds %s", name, got)
		}
		s.wait(time.Minute)
		if got := v.get("/show").body; !strings.HasPrefix(got, "expired") {
			t.Errorf("%s: after a minute it is %s", name, got)
		}
	}
}
