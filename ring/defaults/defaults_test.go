package defaults_test

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/defaults"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/secure"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/static"
	"github.com/signet-go/signet/stores/memory"
)

const notice = flash.Key[string]("notice")

var form = template.Must(template.New("").Parse(`<form action="/save" method="post">{{.}}<button>Save</button></form>`))

func app() ring.Handler {
	return route.New(
		route.Get("/", func(req ring.Request) ring.Response { return ring.Text("home " + notice.Get(req)) }),
		route.Get("/plain", func(ring.Request) ring.Response { return ring.Text("plain") }),
		route.Get("/form", func(req ring.Request) ring.Response { return ring.HTML(form, csrf.Field(req)) }),
		route.Post("/save", func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("saved")) }),
		route.Get("/client", func(req ring.Request) ring.Response { return ring.Text(req.ClientIP().String() + " " + req.Scheme) }),
		route.Get("/fail", func(ring.Request) ring.Response { return ring.Fail(errors.New("broken")) }),
		route.Get("/panic", func(ring.Request) ring.Response { panic("broken") }),
		route.Post("/body", func(req ring.Request) ring.Response {
			b, err := req.Bytes()
			if err != nil {
				return ring.Fail(err)
			}
			return ring.Text(fmt.Sprint(len(b)))
		}),
	)
}

// quiet keeps the log of a Config to itself.
func quiet(c defaults.Config) defaults.Config {
	c.Log = slog.New(slog.DiscardHandler)
	return c
}

func TestASecureSiteIsReadyAtOnce(t *testing.T) {
	b := ringtest.New(t, quiet(defaults.SecureSite(memory.New())).Wrap(app()))
	b.Get("/form")
	page := b.Submit("")
	if page.Body != "home saved" {
		t.Fatalf("after the form: %d %q", page.Status, page.Body)
	}
	for name, want := range map[string]string{
		"Strict-Transport-Security": secure.HSTS, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN",
	} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
	if page.Header.Get("X-Request-Id") == "" || page.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("the header is\n%v", page.Header)
	}
	for _, c := range b.Cookies() {
		if !c.Secure || !c.HttpOnly || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("the cookie %s is %v", c.Name, c.Secure)
		}
	}
	if got := b.CrossSite("/save").Status; got != 403 {
		t.Errorf("another site's form: status %d; want 403", got)
	}
}

func TestHTTPIsRedirectedByWhatIsSecure(t *testing.T) {
	for name, c := range map[string]struct {
		config defaults.Config
		status int
	}{
		"Site": {defaults.Site(memory.New()), 200}, "SecureSite": {defaults.SecureSite(memory.New()), 308},
		"API": {defaults.API(), 200}, "SecureAPI": {defaults.SecureAPI(), 308},
	} {
		resp := quiet(c.config).Wrap(app())(ring.NewRequest("GET", "/plain", nil))
		if resp.Status != c.status || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, want %d; %v", name, resp.Status, c.status, resp.Header)
		}
	}
}

func TestASiteWorksOverHTTP(t *testing.T) {
	b := ringtest.New(t, quiet(defaults.Site(memory.New())).Wrap(app()), ringtest.Origin("http://192.168.0.7:8080"))
	b.Get("/form")
	if page := b.Submit(""); page.Body != "home saved" {
		t.Errorf("after the form: %d %q", page.Status, page.Body)
	}
}

func TestAnAPIHasNoSessions(t *testing.T) {
	b := ringtest.New(t, quiet(defaults.SecureAPI()).Wrap(app()))
	if page := b.Get("/plain"); page.Body != "plain" || page.Header.Get("Set-Cookie") != "" || page.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%d %q, %v", page.Status, page.Body, page.Header)
	}
	if page := b.Get("/"); page.Status != 500 { // its handler wants a message
		t.Errorf("a handler that needs a session: status %d", page.Status)
	}
}

// Each part is there, and is gone if it is taken out of the Config.
func TestEachPartIsOnOrOff(t *testing.T) {
	files := static.New(fstest.MapFS{"app.css": {Data: []byte("body{}")}}, static.Options{})
	full := func() defaults.Config {
		c := quiet(defaults.SecureSite(memory.New()))
		c.Static, c.Limits = files, ring.Limits{Body: 3}
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
		c.ErrorPage = func(_ ring.Request, resp ring.Response) ring.Response {
			return ring.Text(fmt.Sprint("page ", resp.Status))
		}
		return c
	}
	ask := func(method, target string, header ...string) func(ring.Handler) ring.Response {
		return func(h ring.Handler) ring.Response {
			req := ring.NewRequest(method, target, strings.NewReader(""))
			req.Scheme, req.Host = "https", "example.com"
			for i := 0; i < len(header); i += 2 {
				req = req.WithHeader(header[i], header[i+1])
			}
			return h(req)
		}
	}
	for name, c := range map[string]struct {
		off  func(*defaults.Config)
		ask  func(ring.Handler) ring.Response
		says func(ring.Response) string
		on   string
		left string
	}{
		"Proxies": {func(c *defaults.Config) { c.Proxies = nil }, ask("GET", "/client", "X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", "https"),
			ringtest.Body, "198.51.100.7 https", "192.0.2.1 https"},
		"RequestID":   {func(c *defaults.Config) { c.RequestID = false }, ask("GET", "/plain", "X-Request-Id", "abc", "X-Forwarded-For", "198.51.100.7"), header("X-Request-Id"), "abc", ""},
		"Headers":     {func(c *defaults.Config) { c.Headers = secure.Headers{} }, ask("GET", "/plain"), header("X-Frame-Options"), "SAMEORIGIN", ""},
		"ErrorPage":   {func(c *defaults.Config) { c.ErrorPage = nil }, ask("GET", "/fail"), ringtest.Body, "page 500", "500 Internal Server Error\n"},
		"Static":      {func(c *defaults.Config) { c.Static = nil }, ask("GET", "/app.css"), status, "200", "404"},
		"NotModified": {func(c *defaults.Config) { c.NotModified = false }, ask("GET", "/plain", "If-None-Match", "*"), status, "304", "200"},
		"Limits": {func(c *defaults.Config) { c.Limits = ring.Limits{} }, func(h ring.Handler) ring.Response {
			req := ring.NewRequest("POST", "/body", strings.NewReader("four"))
			req.Scheme, req.Host = "https", "example.com"
			return h(req.WithHeader("Sec-Fetch-Site", "same-origin"))
		}, status, "413", "200"},
		"CSRF":  {func(c *defaults.Config) { c.CSRF = nil }, ask("POST", "/save", "Sec-Fetch-Site", "cross-site"), status, "403", "303"},
		"HTTPS": {func(c *defaults.Config) { c.HTTPS = 0 }, func(h ring.Handler) ring.Response { return h(ring.NewRequest("GET", "/plain", nil)) }, status, "308", "200"},
	} {
		t.Run(name, func(t *testing.T) {
			with := full()
			if got := c.says(c.ask(with.Wrap(app()))); got != c.on {
				t.Errorf("with it: %q; want %q", got, c.on)
			}
			without := full()
			c.off(&without)
			if got := c.says(c.ask(without.Wrap(app()))); got != c.left {
				t.Errorf("without it: %q; want %q", got, c.left)
			}
		})
	}
}

func header(name string) func(ring.Response) string {
	return func(resp ring.Response) string { return resp.Header.Get(name) }
}

func status(resp ring.Response) string { return fmt.Sprint(resp.Status) }

func TestAPanicIsAPageWithRecover(t *testing.T) {
	c := quiet(defaults.SecureSite(memory.New()))
	if page := ringtest.New(t, c.Wrap(app())).Get("/panic"); page.Status != 500 || page.Header.Get("X-Frame-Options") == "" {
		t.Errorf("status %d, %v", page.Status, page.Header)
	}
	c.Recover = false
	defer func() {
		if recover() == nil {
			t.Error("without Recover the panic is gone too")
		}
	}()
	req := ring.NewRequest("GET", "/panic", nil)
	req.Scheme = "https"
	c.Wrap(app())(req)
}

func TestTheLogGetsRequestsAndFailures(t *testing.T) {
	var lines bytes.Buffer
	c := defaults.SecureSite(memory.New())
	c.Log = slog.New(slog.NewTextHandler(&lines, nil))
	ringtest.New(t, c.Wrap(app())).Get("/fail")
	if got := lines.String(); strings.Count(got, "msg=request ") != 1 || strings.Count(got, `msg="request failed"`) != 1 || strings.Count(got, " id=") != 2 {
		t.Errorf("the log has\n%s", got)
	}
	lines.Reset()
	c.AccessLog = false
	ringtest.New(t, c.Wrap(app())).Get("/plain")
	if lines.Len() > 0 {
		t.Errorf("without AccessLog it has\n%s", lines.String())
	}
}

// A file is served before a session is loaded, so a store that is down takes no file with it.
func TestAFileNeedsNoStore(t *testing.T) {
	c := quiet(defaults.SecureSite(memory.New()))
	c.Static = static.New(fstest.MapFS{"app.css": {Data: []byte("body{}")}}, static.Options{})
	b := ringtest.New(t, c.Wrap(app()))
	b.Get("/form")
	page := b.Get("/app.css")
	if page.Body != "body{}" || strings.Contains(page.Header.String(), "Cookie") || !strings.HasPrefix(page.Header.Get("Cache-Control"), "public") {
		t.Errorf("%q\n%v", page.Body, page.Header)
	}
}

func TestTheZeroConfigAddsNothing(t *testing.T) {
	got := quiet(defaults.Config{}).Wrap(app())(ring.NewRequest("GET", "/plain", nil))
	if diff := ringtest.Diff(ring.Text("plain"), got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatNeedsAStorePanicsWithoutOne(t *testing.T) {
	for name, c := range map[string]defaults.Config{"Flash": {Flash: true}, "CSRF": {CSRF: &csrf.Options{}}} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			c.Wrap(app())
		})
	}
}

func Example() {
	site := defaults.SecureSite(memory.New())
	site.Session = session.Options{Persistent: true}
	site.Log = slog.New(slog.DiscardHandler)
	h := site.Wrap(func(req ring.Request) ring.Response { return ring.Text("hello") })

	b := ringtest.New(nil, h)
	fmt.Println(b.Get("/").Header.Get("Strict-Transport-Security"))
	// Output: max-age=63072000; includeSubDomains
}
