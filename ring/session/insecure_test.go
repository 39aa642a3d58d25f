package session_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func TestACookieThatABrowserDropsIsHintedAtOnce(t *testing.T) {
	insecure := session.Options{Insecure: true}
	plain := session.Options{Cookie: http.Cookie{Name: "sid"}, Insecure: true}
	for _, c := range []struct {
		name, target, header string
		o                    session.Options
		hint                 bool
	}{
		{"a name in the LAN", "http://shop.lan:8080/", "", session.Options{}, true},
		{"an address in the LAN", "http://192.168.1.7/", "", session.Options{}, true},
		{"a name that begins alike", "http://localhost.example.com/", "", session.Options{}, true},
		{"a proxy that says http", "http://shop.lan/", "X-Forwarded-Proto: http", session.Options{}, true},
		{"TLS", "https://shop.example/", "", session.Options{}, false},
		{"localhost", "http://localhost:8080/", "", session.Options{}, false},
		{"below localhost", "http://app.localhost/", "", session.Options{}, false},
		{"127.0.0.1", "http://127.0.0.1:8080/", "", session.Options{}, false},
		{"::1", "http://[::1]:8080/", "", session.Options{}, false},
		{"::1 without a port", "http://[::1]/", "", session.Options{}, false},
		{"a proxy that says https", "http://shop.example/", "X-Forwarded-Proto: https", session.Options{}, false},
		{"another header of a proxy", "http://shop.example/", "Forwarded: for=192.0.2.1;proto=https", session.Options{}, false},
		{"yet another", "http://shop.example/", "X-Forwarded-Ssl: on", session.Options{}, false},
		{"Insecure", "http://shop.lan/", "", insecure, false},
		{"a cookie without Secure", "http://shop.lan/", "", plain, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := captureLog(t)
			app := session.Wrap(memory.New(), c.o)(routes{
				"/":     func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) },
				"/read": func(req ring.Request) ring.Response { return ring.Text(session.From(req).String()) },
			}.serve)
			ask := func(path string) {
				r := httptest.NewRequest("GET", strings.TrimSuffix(c.target, "/")+path, nil)
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				app.ServeHTTP(w, r)
				if w.Code != 200 || (w.Header().Get("Set-Cookie") != "") != (path == "/") {
					t.Fatalf("%s: %d, %v", path, w.Code, w.Header())
				}
			}
			ask("/read")
			if log.String() != "" {
				t.Errorf("without a cookie: %q", log)
			}
			ask("/")
			ask("/")
			want := 0
			if c.hint {
				want = 1
			}
			if s := log.String(); strings.Count(s, "\n") != want || c.hint && !(strings.Contains(s, "Options.Insecure") &&
				strings.Contains(s, "TrustForwarded") && strings.Contains(s, "__Host-session") && strings.Contains(s, "level=WARN")) {
				t.Errorf("log %q; want %d lines", s, want)
			}
		})
	}
	t.Run("a proxy that is trusted", func(t *testing.T) {
		log := captureLog(t)
		app := ring.TrustForwarded(netip.MustParsePrefix("192.0.2.0/24"))(session.Wrap(memory.New(), session.Options{})(
			func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) }))
		r := httptest.NewRequest("GET", "http://shop.example/", nil)
		r.Header.Set("X-Forwarded-Proto", "https")
		app.ServeHTTP(httptest.NewRecorder(), r)
		if log.String() != "" {
			t.Errorf("log %q", log)
		}
	})
	t.Run("a handler called as a function", func(t *testing.T) {
		log := captureLog(t)
		session.Wrap(memory.New(), session.Options{})(func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) })(
			ring.NewRequest("GET", "http://shop.lan/", nil))
		if log.String() != "" {
			t.Errorf("log %q", log)
		}
	})
}

// captureLog makes slog.Default write to what it returns, for the time of the test.
func captureLog(t *testing.T) *strings.Builder {
	t.Helper()
	b, before := &strings.Builder{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return b
}
