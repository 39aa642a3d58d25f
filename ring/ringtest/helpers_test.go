package ringtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
)

// routes is a handler by path.
type routes map[string]ring.Handler

func (r routes) handler() ring.Handler {
	return func(req ring.Request) ring.Response {
		if h, ok := r[req.URL.Path]; ok {
			return h(req)
		}
		return echo(req)
	}
}

// echo answers with what was asked, and the cookies that came.
func echo(req ring.Request) ring.Response {
	body, err := req.Bytes()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Text(fmt.Sprintf("%s %s %s [%s]", req.Method, req.URL.RequestURI(), body, req.Header.Get("Cookie")))
}

// metadata answers with the named header fields.
func tells(names ...string) ring.Handler {
	return func(req ring.Request) ring.Response {
		var values []string
		for _, n := range names {
			values = append(values, req.Header.Get(n))
		}
		return ring.Text(strings.Join(values, " | "))
	}
}

// sets answers with Set-Cookie fields.
func sets(fields ...string) ring.Handler {
	return func(ring.Request) ring.Response {
		resp := ring.Text("set")
		for _, f := range fields {
			resp = resp.With(ring.AddHeader("Set-Cookie", f))
		}
		return resp
	}
}

func redirect(to func(string) ring.Response, location string) ring.Handler {
	return func(ring.Request) ring.Response { return to(location) }
}

func page(content string) ring.Handler {
	return func(ring.Request) ring.Response { return ring.Data("text/html; charset=utf-8", content) }
}

// show opens a page with some HTML.
func show(t testing.TB, content string) *Browser {
	t.Helper()
	b := New(t, routes{"/folder/page": page(content)}.handler())
	b.Get("/folder/page?a=b#top")
	return b
}

func wantBody(t testing.TB, p *Page, want string) {
	t.Helper()
	if p.Body != want {
		t.Errorf("%v; want the body %q", p, want)
	}
}

// mistake returns what f says when it ends the test, for a browser without one.
func mistake(t testing.TB, f func()) (message string) {
	t.Helper()
	defer func() {
		switch v := recover().(type) {
		case nil:
			t.Error("nothing was wrong; want a mistake")
		case string:
			message = v
		default:
			panic(v)
		}
	}()
	f()
	return ""
}

func wantMistake(t testing.TB, part string, f func()) {
	t.Helper()
	if got := mistake(t, f); !strings.HasPrefix(got, "ringtest: ") || !strings.Contains(got, part) {
		t.Errorf("the mistake is %q; want ringtest: …%s…", got, part)
	}
}

func address(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// noon is when tests of the jar begin.
var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// own is what a request from the site itself may do.
var own = reach{relation: strict}

func names(cookies []*http.Cookie) string {
	var list []string
	for _, c := range cookies {
		list = append(list, c.Name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
