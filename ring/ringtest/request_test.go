package ringtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

var fetchMetadata = tells("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User", "Sec-Purpose", "Origin", "Referer")

func TestEachKindOfRequestSaysWhatItIs(t *testing.T) {
	const evil = "https://evil.example"
	cases := []struct {
		what string
		req  Request
		want string
	}{
		{"typed", Get("/x"), "none | navigate | document | ?1 |  |  | "},
		{"link", Follow("/x"), "same-origin | navigate | document | ?1 |  |  | https://example.com/page?q=1"},
		{"form", Post("/x"), "same-origin | navigate | document | ?1 |  | https://example.com | https://example.com/page?q=1"},
		{"fetch", Fetch("GET", "/x"), "same-origin | cors | empty |  |  |  | https://example.com/page?q=1"},
		{"fetch PUT", Fetch("PUT", "/x"), "same-origin | cors | empty |  |  | https://example.com | https://example.com/page?q=1"},
		{"image", Image("/x"), "same-origin | no-cors | image |  |  |  | https://example.com/page?q=1"},
		{"frame", Frame("/x"), "same-origin | navigate | iframe |  |  |  | https://example.com/page?q=1"},
		{"prefetch", Prefetch("/x"), "none | navigate | document |  | prefetch |  | https://example.com/page?q=1"},
		{"prerender", Prerender("/x"), "none | navigate | document |  | prefetch;prerender |  | https://example.com/page?q=1"},
		{"foreign link", Get("/x").From(evil), "cross-site | navigate | document |  |  |  | https://evil.example/"},
		{"foreign form", Post("/x").From(evil + "/trap"), "cross-site | navigate | document |  |  | https://evil.example | https://evil.example/"},
		{"foreign fetch", Fetch("GET", "/x").From(evil), "cross-site | cors | empty |  |  | https://evil.example | https://evil.example/"},
		{"foreign image", Image("/x").From(evil), "cross-site | no-cors | image |  |  |  | https://evil.example/"},
		{"a sister's form", Post("/x").From("https://www.example.com"), "same-site | navigate | document |  |  | https://www.example.com | https://www.example.com/"},
		{"plain http's form", Post("/x").From("http://example.com"), "cross-site | navigate | document |  |  | http://example.com | http://example.com/"},
	}
	for _, c := range cases {
		b := New(t, routes{"/x": fetchMetadata}.handler())
		b.Get("/page?q=1#top")
		if got := b.Do(c.req).Body; got != c.want {
			t.Errorf("%s:\n%q; want\n%q", c.what, got, c.want)
		}
	}
}

func TestNoSecFetchGoesOverPlainHTTP(t *testing.T) {
	for origin, want := range map[string]string{
		"http://shop.example":   " |  |  |  |  | http://shop.example | http://shop.example/",
		"http://localhost:8080": "same-origin | navigate | document | ?1 |  | http://localhost:8080 | http://localhost:8080/",
		"http://127.0.0.1:8080": "same-origin | navigate | document | ?1 |  | http://127.0.0.1:8080 | http://127.0.0.1:8080/",
	} {
		b := New(t, fetchMetadata, Origin(origin))
		wantBody(t, b.Post("/x"), want)
	}
	t.Run("where a secure page leads there, it isn't named", func(t *testing.T) {
		b := New(t, fetchMetadata, Origin("http://shop.example"))
		wantBody(t, b.Do(Post("/x").From("https://evil.example")), " |  |  |  |  | null | ")
	})
}

func TestAnOldBrowserSendsNoSecFetch(t *testing.T) {
	b := New(t, routes{"/x": fetchMetadata, "/y": tells("Purpose")}.handler(), Old)
	wantBody(t, b.Get("/x"), " |  |  |  |  |  | ")
	wantBody(t, b.Post("/x"), " |  |  |  |  | https://example.com | https://example.com/x")
	wantBody(t, b.Prefetch("/x"), " |  |  |  |  |  | https://example.com/x")
	wantBody(t, b.Prefetch("/y"), "prefetch")
	wantBody(t, b.Tab().CrossSite("/x"), " |  |  |  |  | https://evil.example | https://evil.example/")
}

func TestARequestBringsWhatABrowserSends(t *testing.T) {
	see := func(req ring.Request) ring.Response {
		return ring.Text(fmt.Sprint(req.Scheme, " ", req.Host, " ", req.ClientIP(), " ", req.Header.Get("Accept-Language"), " ",
			strings.HasPrefix(req.Header.Get("User-Agent"), "Mozilla/5.0"), " ", req.Header.Get("Upgrade-Insecure-Requests")))
	}
	wantBody(t, New(t, ring.Handler(see)).Get("/"), "https example.com 192.0.2.1 en true 1")
	wantBody(t, New(t, ring.Handler(see), Origin("http://localhost:8080")).Fetch("GET", "/"), "http localhost:8080 192.0.2.1 en true ")
}

func TestHeaderFieldsCanBeReplaced(t *testing.T) {
	b := New(t, tells("User-Agent", "X-Mine", "Sec-Fetch-Site"), Header("User-Agent", "Lynx"), Header("X-Mine", "1"))
	wantBody(t, b.Get("/"), "Lynx | 1 | none")
	wantBody(t, b.Do(Get("/").WithHeader("x-mine", "2").WithHeader("Sec-Fetch-Site", "?")), "Lynx | 2 | ?")
}

func TestBodies(t *testing.T) {
	b := New(t, ring.Handler(func(req ring.Request) ring.Response {
		body, err := req.Bytes()
		if err != nil {
			return ring.Fail(err)
		}
		return ring.Text(req.Method + " " + req.Header.Get("Content-Type") + " " + string(body))
	}))
	wantBody(t, b.Post("/", "name", "Ann B", "name", "é&="), "POST application/x-www-form-urlencoded name=Ann+B&name=%C3%A9%26%3D")
	wantBody(t, b.Post("/"), "POST application/x-www-form-urlencoded ")
	wantBody(t, b.Fetch("PATCH", "/", "a", "b"), "PATCH application/x-www-form-urlencoded a=b")
	wantBody(t, b.Fetch("DELETE", "/"), "DELETE  ")
	wantBody(t, b.Do(Fetch("PUT", "/").WithBody("application/json", `{"a":1}`)), `PUT application/json {"a":1}`)
}

func TestARequestFromElsewhereKeepsToSameSite(t *testing.T) {
	b := New(t, routes{"/set": sets("s=1; SameSite=Strict", "l=1; SameSite=Lax", "n=1; SameSite=None; Secure")}.handler())
	b.Get("/set")
	for _, c := range []struct {
		what string
		req  Request
		want string
	}{
		{"typed", Get("/x"), "GET /x  [s=1; l=1; n=1]"},
		{"own fetch", Fetch("POST", "/x"), "POST /x  [s=1; l=1; n=1]"},
		{"a sister's", Post("/x").From("https://www.example.com"), "POST /x  [s=1; l=1; n=1]"},
		{"link", Get("/x").From("https://evil.example"), "GET /x  [l=1; n=1]"},
		{"form", Post("/x").From("https://evil.example"), "POST /x  [n=1]"},
		{"fetch", Fetch("GET", "/x").From("https://evil.example"), "GET /x  [n=1]"},
		{"frame", Frame("/x").From("https://evil.example"), "GET /x  [n=1]"},
		{"image", Image("/x").From("https://evil.example"), "GET /x  [n=1]"},
		{"the same domain over plain http", Post("/x").From("http://example.com"), "POST /x  [n=1]"},
	} {
		if got := b.Do(c.req).Body; got != c.want {
			t.Errorf("%s: %q; want %q", c.what, got, c.want)
		}
	}
}

func TestOnlyNavigationFromElsewhereSetsCookies(t *testing.T) {
	b := New(t, sets("l=1; SameSite=Lax"))
	for _, r := range []Request{Image("/"), Frame("/"), Fetch("POST", "/")} {
		if p := b.Do(r.From("https://evil.example")); len(p.Refused) != 1 {
			t.Errorf("%v: refused %v", p, p.Refused)
		}
	}
	if c := b.Cookies(); len(c) > 0 {
		t.Fatalf("the jar has %v", c)
	}
	if p := b.CrossSite("/"); len(p.Refused) != 0 || names(b.Cookies()) != "l" {
		t.Errorf("%v: refused %v, the jar has %v", p, p.Refused, b.Cookies())
	}
}

func TestValueIsTheRequestForAHandlerCalledAsAFunction(t *testing.T) {
	req := Post("/login?next=/x", "name", "Ann").Value()
	form, err := req.Form()
	if err != nil || form.Get("name") != "Ann" || req.Query("next") != "/x" {
		t.Errorf("name %q, next %q, %v", form.Get("name"), req.Query("next"), err)
	}
	if got := req.Scheme + " " + req.Host + " " + req.Method + " " + req.Header.Get("Sec-Fetch-Site"); got != "https example.com POST same-origin" {
		t.Error(got)
	}
	if got := Get("/").Value().Header.Get("Sec-Fetch-Mode"); got != "navigate" {
		t.Error(got)
	}
}

func TestMistakesInARequest(t *testing.T) {
	b := New(nil, ring.Handler(echo))
	wantMistake(t, "name has no value", func() { b.Post("/", "name") })
	wantMistake(t, "From", func() { b.Do(Get("/").From("evil.example")) })
	wantMistake(t, "nobody answers at https://example.org", func() { b.Get("https://example.org/") })
	wantMistake(t, "parse", func() { b.Get("/%zz") })
	wantMistake(t, "no origin", func() { New(nil, nil, Origin("example.com")) })
	wantMistake(t, "no origin", func() { New(nil, nil, Origin("https://example.com/path")) })
	wantMistake(t, "shows no page", func() { b.Submit("Log in") })
}
