package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// plainRoutes are handlers of net/http that change the session by ring.Amend.
func plainRoutes(t *testing.T) http.Handler {
	amends := func(changes ...ring.Change) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := ring.Amend(r.Context(), changes...); err != nil {
				t.Errorf("%s: %v", r.URL.Path, err)
			}
			fmt.Fprint(w, "wrote")
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/dark", amends(theme.Put("dark")))
	mux.Handle("/french", amends(lang.Put("fr")))
	mux.Handle("/count", amends(visits.By(1)))
	mux.Handle("/ann", amends(session.Login("ann")))
	mux.Handle("/renew", amends(session.Renew))
	mux.Handle("/logout", amends(session.Delete))
	mux.Handle("/read", amends())
	mux.HandleFunc("/show", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, session.Info(ring.FromContext(r.Context())).Owner, " ", session.FromContext(r.Context()))
	})
	return mux
}

func plainSite(t *testing.T, h http.Handler) *site {
	return newSite(t, ring.Adapt(h))
}

func TestH3_ARequestReadsWhatItHasChangedByAmend(t *testing.T) {
	var said []string
	say := func(r *http.Request) {
		info := session.Info(ring.FromContext(r.Context()))
		said = append(said, fmt.Sprintf("%v %v %q", info.State, session.FromContext(r.Context()), info.Owner))
	}
	s := plainSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		say(r)
		_ = ring.Amend(ctx, theme.Put("dark"), visits.By(2))
		say(r)
		_ = ring.Amend(ctx, session.Set(visits.Add(session.FromContext(ctx), 1)))
		say(r)
		_ = ring.Amend(ctx, session.Login("ann"))
		say(r)
		fmt.Fprint(w, "wrote")
	}))
	v := s.visitor()
	v.get("/")
	v.get("/")
	want := []string{
		`none {} ""`, `none {"theme":"dark","visits":2} ""`, `none {"theme":"dark","visits":3} ""`, `live {"theme":"dark","visits":3} "ann"`,
		`live {"theme":"dark","visits":3} "ann"`, `live {"theme":"dark","visits":5} "ann"`, `live {"theme":"dark","visits":6} "ann"`,
		`live {"theme":"dark","visits":6} "ann"`,
	}
	if got, want := strings.Join(said, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
}

func TestS9_ALogOutByAmendShowsNoOwner(t *testing.T) {
	var after session.Information
	var left session.Session
	s := newSite(t, routes{"/ann": common["/ann"], "/": ring.Adapt(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), session.Delete)
		after, left = session.Info(ring.FromContext(r.Context())), session.FromContext(r.Context())
	}))}.serve)
	v := s.visitor()
	v.get("/ann")
	v.post("/")
	if after.State != session.None || after.Owner != "" || left.Len() != 0 {
		t.Errorf("after the log-out: %v %q %v", after.State, after.Owner, left)
	}
}

func TestS7_InfoHasTheLimitsOfALogInByAmend(t *testing.T) {
	var info session.Information
	s := plainSite(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), session.Login("ann"), session.Lifetime(0, 30*24*time.Hour, true))
		info = session.Info(ring.FromContext(r.Context()))
	}))
	s.visitor().get("/")
	if want := s.clock().Add(30 * 24 * time.Hour); !info.Expires.Equal(want) || !info.Authenticated.Equal(s.clock()) {
		t.Errorf("expires %v, authenticated %v; want %v, now", info.Expires, info.Authenticated, want)
	}
}

func TestC1_ChangesOfParallelPlainHandlersBothSurvive(t *testing.T) {
	s := plainSite(t, plainRoutes(t))
	v := s.visitor()
	v.get("/count")
	a := late(t, s, v, "POST", "/dark", func() { v.get("/french") })
	if a.status != 200 || a.body != "wrote" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	late(t, s, v, "POST", "/count", func() { v.get("/count") })
	if got := v.get("/show").body; got != ` {"lang":"fr","theme":"dark","visits":3}` {
		t.Errorf("stored %s", got)
	}
}

func TestC4_ALogOutBeatsTheWriteOfASlowPlainHandler(t *testing.T) {
	s := plainSite(t, plainRoutes(t))
	v := s.visitor()
	v.post("/ann")
	slow := s.visitorOf(v)
	a := late(t, s, slow, "POST", "/dark", func() { v.post("/logout") })
	if a.status != http.StatusConflict || strings.Contains(a.body, "wrote") {
		t.Errorf("the slow write answered %d %q; want a conflict in place of the page", a.status, a.body)
	}
	slow.take(a)
	if got := slow.get("/show").body; got != " {}" {
		t.Errorf("afterwards the session is %s", got)
	}
}

func TestT6_AStoreThatIsDownReplacesThePageOfAPlainHandler(t *testing.T) {
	s := plainSite(t, plainRoutes(t))
	v := s.visitor()
	v.post("/dark")
	s.table.set(&s.table.fail, "save", func() error { return stores.ErrRefused })
	if a := v.post("/french"); a.status != 503 || strings.Contains(a.body, "wrote") || len(a.set) != 0 {
		t.Errorf("%d %q %v", a.status, a.body, a.set)
	}
}

// What a handler derives from FromContext after a change has only what it changed itself.
func TestC2_AValueSetOnTopOfACountDoesNotCountTwice(t *testing.T) {
	s := plainSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), visits.By(1))
		_ = ring.Amend(r.Context(), session.Set(theme.Set(session.FromContext(r.Context()), "dark")))
		fmt.Fprint(w, visits.Get(session.FromContext(r.Context())))
	}))
	v := s.visitor()
	for n, want := range []string{"1", "2", "3"} {
		if got := v.post("/").body; got != want {
			t.Fatalf("request %d read %s", n, got)
		}
	}
}

func TestF1_APlainHandlerSendsAMessageToTheNextPage(t *testing.T) {
	const notice flash.Key[string] = "notice"
	mux := http.NewServeMux()
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), notice.Put("Saved.")); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "home "+notice.Get(ring.FromContext(r.Context())))
	})
	s := newSite(t, flash.Wrap(ring.Adapt(mux)))
	v := s.visitor()
	if a := v.post("/save"); a.status != 303 || len(a.set) != 1 {
		t.Fatalf("%d %v", a.status, a.set)
	}
	for _, want := range []string{"home Saved.", "home "} {
		if got := v.get("/").body; got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestAPlainHandlerIsTestedAsAFunction(t *testing.T) {
	save := func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), theme.Put("dark"), session.Login("ann"))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
	req := session.WithSession(ring.NewRequest("POST", "/save", nil), visits.Add(session.Session{}, 1))
	resp := ring.Adapt(http.HandlerFunc(save))(req)
	stored, decision := session.Outcome(req, resp)
	if got := stored.String(); resp.Status != 303 || got != `{"theme":"dark","visits":1}` || decision.String() != "renew" {
		t.Errorf("%d %s %v", resp.Status, got, decision)
	}
}

func TestH3_ARingHandlerReadsWhatMiddlewareAroundItHasChanged(t *testing.T) {
	mw := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = ring.Amend(r.Context(), visits.By(1))
			h.ServeHTTP(w, r)
		})
	}
	s := newSite(t, ring.FromMiddleware(mw)(func(req ring.Request) ring.Response {
		in := session.From(req)
		return ring.Text(fmt.Sprint(visits.Get(in))).With(session.Set(theme.Set(visits.Add(in, 1), "dark")))
	}))
	v := s.visitor()
	for n, want := range []string{"1", "3", "5"} {
		if got := v.post("/").body; got != want {
			t.Errorf("request %d read %s; want %s", n, got, want)
		}
	}
}

func TestH3_ASessionWithAnotherOneInsideIsNotAttemptedAfterAnAmend(t *testing.T) {
	basket := session.Named("amended-basket")
	amends := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = ring.Amend(r.Context(), visits.By(1))
			h.ServeHTTP(w, r)
		})
	}
	inner := session.Wrap(memory.New(), session.Options{Slot: basket})(func(ring.Request) ring.Response {
		return ring.Text("done").With(basket.Set(theme.Set(session.Session{}, "dark")))
	})
	s := newSite(t, ring.FromMiddleware(amends)(func(req ring.Request) ring.Response {
		return session.Attempt(func(in session.Session) (session.Session, ring.Response) { return theme.Set(in, "dark"), inner(req) })
	}))
	if a := s.visitor().post("/"); a.status != 500 {
		t.Errorf("%d %s; want the failure of an attempt with another session inside", a.status, a.body)
	}
}
