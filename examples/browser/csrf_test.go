package browser

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const saved session.Counter = "saved"

// openProtected is a site whose cookies come with each request, whoever makes it, so that nothing but csrf.Wrap refuses one.
func openProtected(t *testing.T, start func(http.Handler) *httptest.Server) *front {
	options := session.Options{Cookie: http.Cookie{Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode}}
	layers := ring.Chain(session.Wrap(memory.New(), options), csrf.Wrap(csrf.Options{}))
	f := &front{t: t, more: make(chan struct{}), site: layers(func(req ring.Request) ring.Response {
		count := func() string { return strconv.FormatInt(saved.Get(session.From(req)), 10) }
		switch req.Method {
		case http.MethodOptions: // a script asks whether it may; without an answer it may not
			return ring.NoContent()
		case http.MethodGet:
			return ring.Data("text/html; charset=utf-8", fmt.Sprintf(`<!doctype html><title>Site</title><form method="post">%s<button>Save</button></form><p>%s`,
				csrf.Field(req), count()))
		default:
			return ring.Redirect("/").With(saved.By(1))
		}
	})}
	server := start(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// formOf is a form that is sent with an encoding.
func formOf(url, encoding string) string {
	return strings.Replace(form(url, "a", "b"), "form.submit()", fmt.Sprintf("form.enctype = %q; form.submit()", encoding), 1)
}

// fetching asks by a script, with cookies, and waits until it is answered or refused by the browser.
func fetching(tb *tab, url, options string) {
	await[bool](tb, fmt.Sprintf(`fetch(%q, {credentials: "include", %s}).then(() => true, () => true)`, url, options))
}

// framed sends a form from a frame whose origin is none.
func framed(tb *tab, url string) {
	inside := "<script>" + form(url, "a", "b") + "</script>"
	tb.run(`let f = document.createElement("iframe"); f.sandbox = "allow-forms allow-scripts"; f.srcdoc = ` +
		strconv.Quote("<body>"+html.UnescapeString(inside)) + `; document.body.append(f);`)
}

func TestNothingThatAnotherSiteSendsIsDone(t *testing.T) {
	for name, c := range map[string]struct {
		start func(http.Handler) *httptest.Server
		from  func(*testing.T, *front) string // the page that sends
	}{
		"from another site": {httptest.NewServer, func(t *testing.T, _ *front) string { return openForeignSite(t) }},
		"from another port": {httptest.NewServer, func(t *testing.T, _ *front) string {
			return strings.Replace(openForeignSite(t), "localhost", "127.0.0.1", 1)
		}},
		"from http to the same host": {httptest.NewTLSServer, func(t *testing.T, _ *front) string {
			return strings.Replace(openForeignSite(t), "localhost", "127.0.0.1", 1)
		}},
		"from http and another site": {httptest.NewTLSServer, func(t *testing.T, _ *front) string { return openForeignSite(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := openProtected(t, c.start), open(t)
			tb, foreign := b.tab(), b.tab()
			elsewhere := c.from(t, s)
			tb.open(s.url + "/")
			want(t, "after the site's own form", tb.follow(press("Save")).Text, "Save\n\n1")

			came := 0
			try := func(what, kind string, send func(url string)) {
				foreign.open(elsewhere)
				before, _ := s.answered()
				path := "/" + strings.NewReplacer(" ", "-", "/", "-").Replace(what)
				send(s.url + path)
				for _, e := range s.waitSince(before, 1, kind+" "+path) {
					if e.cookies > 0 {
						came++
					}
					if !strings.Contains(e.answer, "This request was made by another site.") {
						t.Errorf("%s is answered with %q", what, e.answer)
					}
				}
			}
			for _, encoding := range []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"} {
				try("form "+encoding, "POST", func(url string) { foreign.follow(formOf(url, encoding)) })
				try("script "+encoding, "POST", func(url string) {
					fetching(foreign, url, fmt.Sprintf(`method: "POST", mode: "no-cors", headers: {"Content-Type": %q}, body: "a=b"`, encoding))
				})
			}
			try("without a referrer", "POST", func(url string) {
				foreign.run(`let m = document.createElement("meta"); m.name = "referrer"; m.content = "no-referrer"; document.head.append(m);`)
				foreign.follow(form(url, "a", "b"))
			})
			try("without cookies", "POST", func(url string) {
				await[bool](foreign, fmt.Sprintf(`fetch(%q, {method: "POST", mode: "no-cors", credentials: "omit"}).then(() => true, () => true)`, url))
			})
			try("beacon", "POST", func(url string) { foreign.run(fmt.Sprintf(`navigator.sendBeacon(%q, "a=b")`, url)) })
			try("sandboxed frame", "POST", func(url string) { framed(foreign, url) })
			if came == 0 {
				t.Error("no request came with cookies, so it was not csrf.Wrap alone that refused them")
			}
			// These the browser doesn't send without asking first.
			for _, method := range []string{"PUT", "PATCH", "DELETE"} {
				foreign.open(elsewhere)
				fetching(foreign, s.url+"/"+method, fmt.Sprintf(`method: %q`, method))
			}
			want(t, "in the end", tb.reload().Text, "Save\n\n1")
		})
	}
}
