package ringtest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/signet-go/signet/ring"
)

// visitors gives a session cookie to whoever has none, and logs in those who ask for it.
func visitors() ring.Handler {
	return routes{
		"/": func(req ring.Request) ring.Response {
			if strings.Contains(req.Header.Get("Cookie"), "session=") {
				return ring.Text(req.Header.Get("Cookie"))
			}
			return ring.Text("new").With(ring.AddHeader("Set-Cookie", "session=anonymous"))
		},
		"/login": func(ring.Request) ring.Response {
			return ring.Redirect("/").With(ring.AddHeader("Set-Cookie", "session=ann"))
		},
	}.handler()
}

func TestTheLastResponseToArriveDecides(t *testing.T) {
	for _, c := range []struct {
		order func(login, visit *Pending)
		want  string
	}{
		{func(login, visit *Pending) { login.Arrive(); visit.Arrive() }, "anonymous"},
		{func(login, visit *Pending) { visit.Arrive(); login.Arrive() }, "ann"},
	} {
		b := New(t, visitors())
		login, visit := b.Start(Post("/login")), b.Tab().Start(Get("/"))
		login.Wait()
		visit.Wait()
		if len(b.Cookies()) != 0 || b.Page() != nil {
			t.Fatal("a response arrived by itself")
		}
		c.order(login, visit)
		if got, _ := b.Cookie("session"); got.Value != c.want {
			t.Errorf("the session is of %s; want %s", got.Value, c.want)
		}
	}
}

func TestARequestLeavesWithTheCookiesOfItsStart(t *testing.T) {
	hold := make(chan struct{})
	b := New(t, routes{"/slow": func(req ring.Request) ring.Response {
		<-hold
		return echo(req)
	}}.handler())
	slow := b.Start(Get("/slow"))
	b.SetCookie("late=1")
	close(hold)
	wantBody(t, slow.Arrive(), "GET /slow  []")
	wantBody(t, b.Get("/slow"), "GET /slow  [late=1]")
}

func TestStepStopsBetweenTheHops(t *testing.T) {
	b := New(t, visitors())
	first := b.Start(Post("/login"))
	second := first.Step()
	if second == nil {
		t.Fatal("a redirect is the end")
	}
	if c, _ := b.Cookie("session"); c.Value != "ann" {
		t.Errorf("the redirect has arrived, and the session is of %q", c.Value)
	}
	b.SetCookie("session=eve")
	if second.Step() != nil || b.Page().Body != "session=ann" {
		t.Errorf("the tab shows %v", b.Page())
	}
	if first.Arrive() != second.Arrive() || first.Arrive() != b.Page() {
		t.Error("a response arrives twice")
	}
	if c, _ := b.Cookie("session"); c.Value != "eve" {
		t.Errorf("a response that has arrived sets its cookie again: %q", c.Value)
	}
}

func TestABrowserThatLeavesEndsTheContext(t *testing.T) {
	var write, context error
	b := New(t, ring.Handler(func(req ring.Request) ring.Response {
		return ring.Stream("text/event-stream", func(w ring.Writer) error {
			_, _ = w.WriteString("data: 1\n\n")
			_ = w.Flush()
			<-req.Context().Done()
			context = req.Context().Err()
			_, write = w.WriteString("data: 2\n\n")
			return write
		})
	}))
	synctest.Test(t, func(t *testing.T) {
		p := b.Start(Fetch("GET", "/events"))
		synctest.Wait()
		if got := p.Received(); got != "data: 1\n\n" {
			t.Errorf("received %q", got)
		}
		p.Cancel()
		if page := p.Arrive(); page.Err == nil || page.Body != "data: 1\n\n" || page.Status != 200 {
			t.Errorf("%v", page)
		}
	})
	if write == nil || context == nil {
		t.Errorf("writing gives %v, the context %v", write, context)
	}
}

func TestTheContextEndsWithTheResponse(t *testing.T) {
	var r *http.Request
	b := New(t, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		r = req
		if r.Context().Err() != nil {
			t.Error("the context has ended before the handler")
		}
	}))
	b.Get("/")
	if r.Context().Err() == nil {
		t.Error("the context outlives the request")
	}
}

func TestABrokenResponse(t *testing.T) {
	long := strings.Repeat("x", buffered+1)
	for _, c := range []struct {
		what   string
		write  func(w http.ResponseWriter)
		status int
		body   string
		cookie bool
	}{
		{"before the first byte", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 0, "", false},
		{"by a bug", func(http.ResponseWriter) { panic("bug") }, 0, "", false},
		{"while the server still holds it", func(w http.ResponseWriter) {
			fmt.Fprint(w, "part")
			panic(http.ErrAbortHandler)
		}, 0, "", false},
		{"after a flush", func(w http.ResponseWriter) {
			fmt.Fprint(w, "part")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "more")
			panic(http.ErrAbortHandler)
		}, 200, "part", true},
		{"after much of it", func(w http.ResponseWriter) {
			fmt.Fprint(w, long)
			panic(http.ErrAbortHandler)
		}, 200, long, true},
		{"shorter than it says", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "9")
			fmt.Fprint(w, "part")
		}, 200, "part", true},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Set-Cookie", "a=1")
				c.write(w)
			}))
			p := b.Get("/")
			if !errors.Is(p.Err, ErrBrokeOff) || p.Status != c.status || p.Body != c.body {
				t.Errorf("%v; want %d %.20q", p, c.status, c.body)
			}
			if _, kept := b.Cookie("a"); kept != c.cookie {
				t.Errorf("the cookie is kept: %v; want %v", kept, c.cookie)
			}
		})
	}
}

func TestARedirectThatBreaksOffLeadsNowhere(t *testing.T) {
	b := New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/to")
		w.WriteHeader(303)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	if p := b.Get("/"); p.Err == nil || p.URL.Path != "/" {
		t.Error(p)
	}
}
