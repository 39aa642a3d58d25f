package redistest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

const (
	visits session.Counter  = "visits"
	mark   session.Key[int] = "mark"
	many                    = 100
)

// crowd sends a hundred requests with one cookie, which have all loaded the session before the first of them commits.
func crowd(t *testing.T, open Open) {
	p := newPlace(t, open)
	store := stores.Keep(p.Table)
	var in sync.WaitGroup
	app := session.Wrap(store, session.Options{Deadline: time.Hour})(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			in.Done()
			in.Wait()
		}
		switch path := req.URL.Path; path {
		case "/count":
			return ring.Text("").With(visits.By(1))
		case "/key":
			key := session.Key[int](req.Query("key"))
			return ring.Text("").With(session.Set(key.Set(session.From(req), 1)))
		case "/login":
			return ring.Text("").With(session.Login("ann"))
		case "/logout":
			return ring.Text("").With(session.Delete)
		case "/begin":
			return ring.Text("").With(mark.Put(1))
		}
		s := session.From(req)
		return ring.Text(fmt.Sprintf("%s %d keys, %d visits", session.Info(req).State, s.Len(), visits.Get(s)))
	})
	ask := func(method, target, cookie string) (ring.Response, string) {
		req := ring.NewRequest(method, target, nil)
		if cookie != "" {
			req = req.WithHeader("Cookie", cookie)
		}
		resp := app(req)
		for line := range resp.Header.All("Set-Cookie") {
			if c, err := http.ParseSetCookie(line); err == nil && c.MaxAge >= 0 {
				cookie = c.Name + "=" + c.Value
			}
		}
		return resp, cookie
	}
	visitor := func() string {
		_, cookie := ask("GET", "/begin", "")
		return cookie
	}
	shows := func(t *testing.T, cookie, want string) {
		t.Helper()
		resp, _ := ask("GET", "/", cookie)
		if body, _ := resp.Body.Text(); body != want {
			t.Errorf("the session is %q; want %q", body, want)
		}
	}
	all := func(t *testing.T, target func(i int) string, cookie func(i int) string) []string {
		t.Helper()
		cookies := make([]string, many)
		in.Add(many)
		var done sync.WaitGroup
		for i := range many {
			done.Go(func() {
				resp, c := ask("POST", target(i), cookie(i))
				if cookies[i] = c; resp.Status != http.StatusOK {
					t.Errorf("%s: %d, %v", target(i), resp.Status, resp.Err)
				}
			})
		}
		done.Wait()
		return cookies
	}
	always := func(s string) func(int) string { return func(int) string { return s } }

	t.Run("that count", func(t *testing.T) {
		c := visitor()
		all(t, always("/count"), always(c))
		shows(t, c, fmt.Sprintf("live 2 keys, %d visits", many))
	})
	t.Run("that set different keys", func(t *testing.T) {
		c := visitor()
		all(t, func(i int) string { return fmt.Sprint("/key?key=k", i) }, always(c))
		shows(t, c, fmt.Sprintf("live %d keys, 0 visits", many+1))
	})
	t.Run("that log out", func(t *testing.T) {
		c := visitor()
		all(t, always("/logout"), always(c))
		shows(t, c, "unknown 0 keys, 0 visits")
	})
	t.Run("that log in, and then out", func(t *testing.T) {
		c := visitor()
		cookies := all(t, always("/login"), always(c))
		recs, err := p.List(ctx, "ann")
		if err != nil || len(recs) != many {
			t.Errorf("listed %d, %v; want one for each log-in", len(recs), err)
		}
		for _, c := range cookies {
			resp, _ := ask("GET", "/", c)
			if body, _ := resp.Body.Text(); !strings.HasPrefix(body, "live") {
				t.Errorf("a session that was logged in is %q", body)
			}
		}
		all(t, always("/logout"), func(i int) string { return cookies[i] })
		if recs, err := p.List(ctx, "ann"); err != nil || len(recs) != 0 {
			t.Errorf("listed %d, %v; want none", len(recs), err)
		}
	})
}
