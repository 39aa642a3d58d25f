package sqltest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

const (
	visits session.Counter  = "visits"
	mark   session.Key[int] = "mark"
	owner                   = "ann"
	each                    = 50 // requests of one process
)

// An answer is what a browser keeps of one.
type answer struct {
	Status int
	Body   string
	Cookie string // the one that it has afterwards
	Err    string
}

// serve gives a site. A POST goes on once gate lets it.
func serve(table session.Table, gate func()) func(method, target, cookie string) answer {
	app := session.Wrap(session.Keep(table), session.Options{Deadline: time.Minute})(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			gate()
		}
		switch req.URL.Path {
		case "/begin":
			return ring.Text("").With(mark.Put(1))
		case "/count":
			return ring.Text("").With(visits.By(1))
		case "/key":
			key := session.Key[int](req.Query("is"))
			return ring.Text("").With(session.Set(key.Set(session.From(req), 1)))
		case "/login":
			return ring.Text("").With(session.Login(owner))
		case "/logout":
			return ring.Text("").With(session.Delete)
		}
		s := session.From(req)
		return ring.Text(fmt.Sprintf("%s %d keys, %d visits", session.Info(req).State, s.Len(), visits.Get(s)))
	})
	return func(method, target, cookie string) answer {
		req := ring.NewRequest(method, target, nil)
		if cookie != "" {
			req = req.WithHeader("Cookie", cookie)
		}
		resp := app(req)
		a := answer{Status: resp.Status, Cookie: cookie}
		a.Body, _ = resp.Body.Text()
		if resp.Err != nil {
			a.Err = resp.Err.Error()
		}
		for line := range resp.Header.All("Set-Cookie") {
			if c, err := http.ParseSetCookie(line); err == nil && c.MaxAge >= 0 {
				a.Cookie = c.Name + "=" + c.Value
			}
		}
		return a
	}
}

// answerCrowd sends one process's part of a crowd: each request has loaded its session before the first in any process commits.
func answerCrowd(table session.Table, k task, barrier func() error) error {
	var loaded sync.WaitGroup
	loaded.Add(len(k.Cookies))
	open := make(chan struct{})
	ask := serve(table, func() {
		loaded.Done()
		<-open
	})
	answers := make([]answer, len(k.Cookies))
	var done sync.WaitGroup
	for i, c := range k.Cookies {
		done.Go(func() { answers[i] = ask("POST", strings.ReplaceAll(k.Kind, "#", fmt.Sprint(k.First+i)), c) })
	}
	loaded.Wait()
	if err := barrier(); err != nil {
		return err
	}
	close(open)
	done.Wait()
	return json.NewEncoder(os.Stdout).Encode(answers)
}

// crowds sends a hundred requests of one visitor, half of them in each of two processes.
func crowds(t *testing.T, e Engine) {
	table, place, _ := e.fresh(t)
	ask := serve(table, func() {})
	visitor := func() string { return ask("GET", "/begin", "").Cookie }
	shows := func(t *testing.T, cookie, want string) {
		t.Helper()
		if a := ask("GET", "/", cookie); a.Body != want || a.Status != http.StatusOK {
			t.Errorf("the session is %q (%d, %s); want %q", a.Body, a.Status, a.Err, want)
		}
	}
	of := func(cookie string) []string {
		cookies := make([]string, 2*each)
		for i := range cookies {
			cookies[i] = cookie
		}
		return cookies
	}
	crowd := func(t *testing.T, one, other string, cookies []string) []answer {
		t.Helper()
		a := start(t, task{Kind: one, Place: place, Cookies: cookies[:each]})
		b := start(t, task{Kind: other, Place: place, Cookies: cookies[each:], First: each})
		goOn(t, a, b)
		var all []answer
		for _, p := range []*process{a, b} {
			var some []answer
			if err := json.Unmarshal([]byte(p.line(t)), &some); err != nil {
				t.Fatal(err)
			}
			p.wait(t)
			all = append(all, some...)
		}
		return all
	}
	fine := func(t *testing.T, answers []answer) {
		t.Helper()
		for i, a := range answers {
			if a.Status != http.StatusOK {
				t.Fatalf("request %d: %d, %s", i, a.Status, a.Err)
			}
		}
	}

	t.Run("that count", func(t *testing.T) {
		c := visitor()
		fine(t, crowd(t, "/count", "/count", of(c)))
		shows(t, c, fmt.Sprintf("live 2 keys, %d visits", 2*each))
	})
	t.Run("that set different keys", func(t *testing.T) {
		c := visitor()
		fine(t, crowd(t, "/key?is=k#", "/key?is=k#", of(c)))
		shows(t, c, fmt.Sprintf("live %d keys, 0 visits", 2*each+1))
	})
	t.Run("that log in, and then out", func(t *testing.T) {
		answers := crowd(t, "/login", "/login", of(visitor()))
		fine(t, answers)
		cookies := make([]string, 2*each)
		for i, a := range answers {
			if cookies[i] = a.Cookie; !strings.HasPrefix(ask("GET", "/", a.Cookie).Body, "live") {
				t.Errorf("log-in %d opens no session", i)
			}
		}
		if recs, err := table.List(ctx, owner); err != nil || len(recs) != 2*each {
			t.Errorf("%d sessions, %v; want one for each log-in", len(recs), err)
		}
		fine(t, crowd(t, "/logout", "/logout", cookies))
		if recs, err := table.List(ctx, owner); err != nil || len(recs) != 0 {
			t.Errorf("%d sessions, %v; want none", len(recs), err)
		}
	})
	t.Run("that log out beside others that count", func(t *testing.T) {
		c := visitor()
		for i, a := range crowd(t, "/count", "/logout", of(c)) {
			if a.Status != http.StatusOK && a.Status != http.StatusConflict {
				t.Errorf("request %d: %d, %s", i, a.Status, a.Err)
			}
		}
		shows(t, c, "unknown 0 keys, 0 visits")
	})
}
