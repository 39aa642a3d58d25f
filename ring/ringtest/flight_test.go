package ringtest

import (
	"errors"
	"net/http"
	"testing"

	"github.com/signet-go/signet/ring"
)

func TestRedirectsChangeTheMethodAsBrowsersDo(t *testing.T) {
	for _, c := range []struct {
		status         int
		method, result string
	}{
		{301, "POST", "GET /to  []"},
		{302, "POST", "GET /to  []"},
		{303, "POST", "GET /to  []"},
		{307, "POST", "POST /to a=b []"},
		{308, "POST", "POST /to a=b []"},
		{301, "PUT", "PUT /to a=b []"},
		{302, "PUT", "PUT /to a=b []"},
		{303, "PUT", "GET /to  []"},
	} {
		b := New(t, routes{"/from": func(ring.Request) ring.Response {
			return ring.Redirect("/to").With(ring.Status(c.status))
		}}.handler())
		p := b.Do(Fetch(c.method, "/from", "a", "b"))
		if p.Body != c.result {
			t.Errorf("%d for %s: %v; want %q", c.status, c.method, p, c.result)
		}
	}
	t.Run("HEAD stays HEAD", func(t *testing.T) {
		b := New(t, routes{"/from": redirect(ring.Redirect, "/to")}.handler())
		if p := b.Fetch("HEAD", "/from"); p.Method != "HEAD" || p.Body != "" || p.URL.Path != "/to" {
			t.Error(p)
		}
	})
	t.Run("the type of a body that is gone is gone too", func(t *testing.T) {
		b := New(t, routes{"/from": redirect(ring.Redirect, "/to"), "/to": tells("Content-Type", "Origin", "Sec-Fetch-Site")}.handler())
		wantBody(t, b.Post("/from", "a", "b"), " |  | same-origin")
	})
}

func TestWhatIsNoRedirectIsAPage(t *testing.T) {
	for _, resp := range []ring.Response{
		ring.Text("").With(ring.Status(303)),
		ring.Redirect("/to").With(ring.Status(300)),
		ring.Redirect("/to").With(ring.Status(304)),
		ring.Redirect("/to").With(ring.Status(201)),
		ring.Redirect("https://elsewhere.example/"),
		ring.Redirect("//elsewhere.example/"),
		ring.Redirect("http://example.com/"),
		ring.Redirect("https://example.com:8443/"),
		ring.Redirect("mailto:ann@example.com"),
	} {
		b := New(t, routes{"/from": func(ring.Request) ring.Response { return resp }}.handler())
		if p := b.Get("/from"); p.Status != resp.Status || p.URL.Path != "/from" || p.Err != nil || len(p.Hops) != 0 || b.Page() != p {
			t.Errorf("%v; want %d", p, resp.Status)
		}
	}
}

func TestLocationsAreRelativeToTheRequest(t *testing.T) {
	for location, want := range map[string]string{
		"to":                             "https://example.com/a/to#here",
		"../to?x=y":                      "https://example.com/to?x=y#here",
		"?x=y":                           "https://example.com/a/from?x=y#here",
		"/to#there":                      "https://example.com/to#there",
		"https://example.com":            "https://example.com/#here",
		"https://example.com:443/to":     "https://example.com:443/to#here",
		"//example.com/to":               "https://example.com/to#here",
		"/caf%C3%A9":                     "https://example.com/caf%C3%A9#here",
		"/café":                          "https://example.com/caf%C3%A9#here",
		"https://other.example/to?x=%20": "https://other.example/to?x=%20#here",
	} {
		hop := func(req ring.Request) ring.Response {
			if req.URL.Path == "/a/from" && req.URL.RawQuery == "" {
				return ring.Redirect(location)
			}
			return ring.Text("arrived")
		}
		b := New(t, ring.Handler(hop), Site("https://other.example", ring.Handler(hop)))
		p := b.Get("/a/from#here")
		if got := p.URL.String(); got != want || p.Body != "arrived" || len(p.Hops) != 1 {
			t.Errorf("%s leads to %s; want %s", location, got, want)
		}
	}
}

func TestEachHopSetsItsCookies(t *testing.T) {
	b := New(t, routes{
		"/one": func(ring.Request) ring.Response {
			return ring.Redirect("/two").With(ring.AddHeader("Set-Cookie", "a=1"))
		},
		"/two": func(req ring.Request) ring.Response {
			return ring.Redirect("/three?"+req.Header.Get("Cookie")).With(ring.AddHeader("Set-Cookie", "b=2"), ring.AddHeader("Set-Cookie", "__Host-c=3"))
		},
		"/three": sets("a=; Max-Age=0"),
	}.handler())
	p := b.Post("/one", "x", "y")
	if got, want := p.String(), `POST /one 303 → GET /two 303 → GET /three?a=1 200 "set"`; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := names(b.Cookies()); got != "b" {
		t.Errorf("the jar has %q; want b", got)
	}
	if len(p.Refused) != 0 || len(p.Hops[1].Refused) != 1 {
		t.Errorf("refused: %v and %v", p.Refused, p.Hops[1].Refused)
	}
	for name, want := range map[string]string{"a": "", "b": "2", "__Host-c": "3"} {
		if c, ok := p.Cookie(name); !ok || c.Value != want {
			t.Errorf("the page has set %s to %q, %v; want %q", name, c.Value, ok, want)
		}
	}
	if _, ok := p.Cookie("d"); ok {
		t.Error("the page has set d")
	}
}

func TestRedirectsEnd(t *testing.T) {
	calls := 0
	b := New(t, routes{"/": func(ring.Request) ring.Response {
		calls++
		return ring.Redirect("/")
	}}.handler())
	p := b.Get("/")
	if !errors.Is(p.Err, ErrTooManyRedirects) || calls != 21 || len(p.Hops) != 20 {
		t.Errorf("%d calls, %d hops, %v", calls, len(p.Hops), p.Err)
	}
	b = New(t, routes{"/": func(ring.Request) ring.Response {
		return ring.Redirect("/").With(ring.SetHeader("Location", "http://a b/"))
	}}.handler())
	if p := b.Get("/"); p.Err == nil || p.Status != http.StatusSeeOther {
		t.Errorf("%v; want an error", p)
	}
}

func TestARedirectThroughAnotherSiteIsCrossSite(t *testing.T) {
	site := routes{
		"/away": redirect(ring.TemporaryRedirect, "https://other.example/back"),
		"/here": tells("Sec-Fetch-Site", "Origin", "Sec-Fetch-User"),
	}.handler()
	other := routes{"/back": redirect(ring.TemporaryRedirect, "https://example.com/here")}.handler()
	b := New(t, site, Site("https://other.example", other))
	wantBody(t, b.Post("/away"), "cross-site | null | ?1")
	wantBody(t, b.Get("/away"), "none |  | ?1")
	t.Run("a form of another site may come by", func(t *testing.T) {
		wantBody(t, b.Do(Post("https://other.example/back").From("https://other.example/")), "cross-site | https://other.example | ")
	})
}

func TestATabOnAnotherSiteIsThere(t *testing.T) {
	other := routes{"/": page(`<a href="https://example.com/x">back</a> <form action=/y method=post><button>Go</button></form>`)}.handler()
	b := New(t, routes{"/out": redirect(ring.Redirect, "https://other.example/"), "/x": tells("Sec-Fetch-Site", "Referer")}.handler(),
		Site("https://other.example", other))
	b.Get("/out")
	wantBody(t, b.Click("back"), "cross-site | https://other.example/")
	b.Get("/out")
	wantBody(t, b.Submit("Go"), "POST /y  []")
	if got := b.Page().URL.Host; got != "other.example" {
		t.Errorf("the form went to %s", got)
	}
}
