package secure_test

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/secure"
)

var page = template.Must(template.New("").Parse(`<script nonce="{{.}}">1</script>`))

func withNonce(req ring.Request) ring.Response { return ring.HTML(page, secure.Nonce(req)) }

func text(ring.Request) ring.Response { return ring.Text("") }

func request(scheme string) ring.Request {
	req := ring.NewRequest("GET", "/path?q=1", nil)
	req.Scheme, req.Host = scheme, "example.com"
	return req
}

func TestEachFieldIsSent(t *testing.T) {
	h := secure.Wrap(secure.Headers{
		ContentSecurityPolicy: "default-src 'self'", ContentTypeOptions: "nosniff", FrameOptions: "DENY", ReferrerPolicy: "no-referrer",
		PermissionsPolicy: "camera=()", OpenerPolicy: "same-origin", ResourcePolicy: "same-site", StrictTransport: secure.HSTS,
	})(text)(request("https")).Header
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "no-referrer", "Permissions-Policy": "camera=()", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-site", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
	} {
		if got := h.HTTP()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}

func TestTheZeroHeadersSendNothing(t *testing.T) {
	if got, want := secure.Wrap(secure.Headers{})(text)(request("https")).Header, text(request("https")).Header; !got.Equal(want) {
		t.Errorf("sent %v; want %v", got, want)
	}
}

func TestAFieldOfTheResponsesOwnStays(t *testing.T) {
	own := func(ring.Request) ring.Response { return ring.Text("").With(ring.SetHeader("x-frame-options", "DENY")) }
	if got := secure.Wrap(secure.Site())(own)(request("https")).Header.HTTP()["X-Frame-Options"]; len(got) != 1 || got[0] != "DENY" {
		t.Errorf("X-Frame-Options: %q; want the response's own alone", got)
	}
}

func TestStrictTransportIsSentOverHTTPSOnly(t *testing.T) {
	h := secure.Wrap(secure.Headers{StrictTransport: secure.HSTS})(text)
	if got := h(request("http")).Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("over http: %q", got)
	}
	if got := h(request("https")).Header.Get("Strict-Transport-Security"); got != secure.HSTS {
		t.Errorf("over https: %q", got)
	}
}

// What fails has the fields too, also if a handler forgot to answer, panicked, or is net/http's own.
func TestH4_APageOfAnErrorHasTheFieldsToo(t *testing.T) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	for name, h := range map[string]ring.Handler{
		"a failed response": func(ring.Request) ring.Response { return ring.Fail(errors.New("broken")) },
		"the zero response": func(ring.Request) ring.Response { return ring.Response{} },
		"a panic":           ring.Recover(func(ring.Request) ring.Response { panic("broken") }),
		"a plain handler":   ring.FromHTTP(http.NotFoundHandler()),
	} {
		t.Run(name, func(t *testing.T) {
			got := ringtest.New(t, secure.Wrap(secure.Site())(h)).Get("/")
			if got.Status < 400 || got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("status %d, header\n%v", got.Status, got.Header)
			}
		})
	}
}

func TestAPageWithANonceHasItInItsPolicy(t *testing.T) {
	h := secure.Wrap(secure.Site())(withNonce)
	seen := map[string]bool{}
	for range 3 {
		resp := h(request("https"))
		_, rest, _ := strings.Cut(ringtest.Body(resp), `nonce="`)
		nonce, _, _ := strings.Cut(rest, `"`)
		nonce = strings.ReplaceAll(nonce, "&#43;", "+")
		if len(nonce) < 22 || seen[nonce] { // 128 bits
			t.Fatalf("the nonce is %q", nonce)
		}
		seen[nonce] = true
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self' 'nonce-"+nonce+"';") || strings.Contains(policy, "{") {
			t.Errorf("nonce %s, policy %s", nonce, policy)
		}
	}
}

func TestAPageWithoutANonceHasNoneInItsPolicy(t *testing.T) {
	for policy, want := range map[string]string{
		secure.Site().ContentSecurityPolicy:              "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
		"script-src {nonce}":                             "script-src 'none'",
		"script-src {nonce} 'strict-dynamic'; img-src *": "script-src 'strict-dynamic'; img-src *",
		"": "",
	} {
		if got := secure.Wrap(secure.Headers{ContentSecurityPolicy: policy})(text)(request("https")).Header.Get("Content-Security-Policy"); got != want {
			t.Errorf("%q: %q; want %q", policy, got, want)
		}
	}
}

func TestAPlainHandlerAsksForANonceBeforeItsFirstByte(t *testing.T) {
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	mux := http.NewServeMux()
	mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, secure.Nonce(ring.FromContext(r.Context())))
	})
	mux.HandleFunc("/late", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "page")
		fmt.Fprint(w, secure.Nonce(ring.FromContext(r.Context())))
	})
	b := ringtest.New(t, ring.Use(secure.Wrap(secure.Site()))(mux))
	early := b.Get("/early")
	if early.Body == "" || !strings.Contains(early.Header.Get("Content-Security-Policy"), early.Body) {
		t.Errorf("nonce %q, policy %q", early.Body, early.Header.Get("Content-Security-Policy"))
	}
	if late := b.Get("/late"); late.Body != "page" || !strings.Contains(log.String(), "nonce") {
		t.Errorf("a nonce after the first byte: %q, log %q", late.Body, log.String())
	}
}

func TestANonceWithoutItsLayerIsAFailure(t *testing.T) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if got := ringtest.New(t, ring.Handler(withNonce)).Get("/").Status; got != 500 {
		t.Errorf("status %d", got)
	}
}

func TestHTTPGoesToHTTPS(t *testing.T) {
	for _, c := range []struct {
		scheme, host string
		port         int
		status       int
		location     string
	}{
		{"https", "example.com", 443, 200, ""},
		{"http", "example.com", 443, 308, "https://example.com/path?q=1"},
		{"http", "example.com:8080", 443, 308, "https://example.com/path?q=1"},
		{"http", "example.com:8080", 8443, 308, "https://example.com:8443/path?q=1"},
		{"http", "[::1]:8080", 443, 308, "https://[::1]/path?q=1"},
		{"http", "[::1]", 8443, 308, "https://[::1]:8443/path?q=1"},
		{"http", "", 443, 400, ""},
		{"http", "evil.example/x", 443, 400, ""},
		{"http", "a@evil.example", 443, 400, ""},
		{"http", `evil.example\`, 443, 400, ""},
	} {
		req := request(c.scheme)
		req.Host = c.host
		resp := secure.HTTPS(c.port)(text)(req)
		if resp.Status != c.status || resp.Header.Get("Location") != c.location {
			t.Errorf("%s://%s: status %d, Location %q; want %d, %q", c.scheme, c.host, resp.Status, resp.Header.Get("Location"), c.status, c.location)
		}
	}
}

// A path that begins with two slashes is no host.
func TestARedirectToHTTPSStaysOnItsHost(t *testing.T) {
	for _, target := range []string{"//evil.example/x", "/\\evil.example", "/%2f%2fevil.example", "/a?next=//evil.example"} {
		r := httptest.NewRequest("POST", "/", nil)
		r.URL.Path, r.RequestURI, r.Host = target, target, "example.com"
		w := httptest.NewRecorder()
		secure.HTTPS(443)(text).ServeHTTP(w, r)
		if got := w.Header().Get("Location"); !strings.HasPrefix(got, "https://example.com/") {
			t.Errorf("%s goes to %s", target, got)
		}
	}
}

func TestWhatCannotBeUsedPanicsAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"a line break in a value": func() { secure.Wrap(secure.Headers{ReferrerPolicy: "a\r\nSet-Cookie: b"}) },
		"no port":                 func() { secure.HTTPS(0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			f()
		})
	}
}

func Example() {
	layers := ring.Chain(secure.HTTPS(443), secure.Wrap(secure.Site()))
	site := layers(func(req ring.Request) ring.Response { return ring.Text("hello") })

	b := ringtest.New(nil, site)
	fmt.Println(b.Get("/").Header.Get("X-Frame-Options"))
	// Output: SAMEORIGIN
}
