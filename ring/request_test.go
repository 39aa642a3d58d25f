package ring_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"github.com/go-chi/chi/v5"
	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
)

func TestQueryAgreesWithNetURL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringMatching(`([ab;%=&+2]|%61|%zz){0,12}`).Draw(t, "query")
		want, err := url.ParseQuery(raw)
		req := ring.Request{URL: url.URL{RawQuery: raw}}
		for _, name := range []string{"", "a", "b", "aa", " ", "2"} {
			if got := req.Query(name); got != want.Get(name) {
				t.Fatalf("%q of %q is %q; want %q", name, raw, got, want.Get(name))
			}
		}
		all, gotErr := req.QueryValues()
		if (gotErr != nil) != (err != nil) || all.Encode() != want.Encode() {
			t.Fatalf("QueryValues of %q: %v, %v; want %v, %v", raw, all, gotErr, want, err)
		}
	})
}

func TestMalformedQueryIs400(t *testing.T) {
	_, err := ring.NewRequest("GET", "/?a=%zz", nil).QueryValues()
	if got := ring.Fail(err).Status; got != 400 {
		t.Errorf("status %d; want 400", got)
	}
}

func TestNewRequest(t *testing.T) {
	req := ring.NewRequest("GET", "https://shop.example:8443/a?b=1", nil)
	if req.Scheme != "https" || req.Host != "shop.example:8443" || req.URL.String() != "/a?b=1" || req.Served() {
		t.Errorf("%s %s %s %v", req.Scheme, req.Host, &req.URL, req.Served())
	}
	if req := ring.NewRequest("GET", "", nil); req.URL.Path != "/" || req.Scheme != "http" || req.ClientIP() != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("%q %q %v", req.URL.Path, req.Scheme, req.ClientIP())
	}
	defer func() {
		if recover() == nil {
			t.Error("a target that can't be parsed didn't panic")
		}
	}()
	ring.NewRequest("GET", "http://[", nil)
}

func TestParamIsFoundForEveryRouter(t *testing.T) {
	show := ring.Handler(func(req ring.Request) ring.Response {
		return ring.Text(req.Param("id") + req.Param("absent"))
	})

	mux := http.NewServeMux()
	mux.Handle("/users/{id}", show)
	wantBody(t, get(mux, "/users/7"), 200, "7")

	r := chi.NewRouter()
	r.Get("/users/{id}", show.ServeHTTP)
	wantBody(t, get(r, "/users/8"), 200, "8")

	set := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			return h(req.WithParams([]string{"id", "x", "id"}, []string{"1", "2", "9"}))
		}
	}
	wantBody(t, get(set(show), "/"), 200, "9")
	wantBody(t, get(ring.Use(set)(plain(show)), "/"), 200, "9")

	t.Run("the innermost router counts", func(t *testing.T) {
		wantBody(t, get(ring.Use(set)(r), "/users/8"), 200, "8")
	})
	t.Run("a plain handler inside finds it too", func(t *testing.T) {
		h := set(ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(r.PathValue("id")))
		})))
		wantBody(t, get(h, "/"), 200, "9")
	})
	t.Run("H1: the request outside keeps its own", func(t *testing.T) {
		outside := httptest.NewRequest("GET", "/", nil)
		outside.SetPathValue("id", "outside")
		ask(set(ring.FromHTTP(http.NotFoundHandler())), outside)
		if got := outside.PathValue("id"); got != "outside" {
			t.Errorf("the id outside became %q", got)
		}
	})
}

func TestClientIP(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:80":          "192.0.2.1",
		"192.0.2.1":             "192.0.2.1",
		"[::ffff:192.0.2.1]:80": "192.0.2.1",
		"[fe80::1%eth0]:80":     "fe80::1",
		"fe80::1%eth0":          "fe80::1",
	} {
		if got := (ring.Request{RemoteAddr: addr}).ClientIP(); got != netip.MustParseAddr(want) {
			t.Errorf("%s: %v; want %s", addr, got, want)
		}
	}
	for _, addr := range []string{"", "@", "pipe", "1.2.3:80"} {
		if got := (ring.Request{RemoteAddr: addr}).ClientIP(); got.IsValid() {
			t.Errorf("%q: %v; want none", addr, got)
		}
	}
}

func TestSchemeIsThatOfTheConnection(t *testing.T) {
	h := ring.Handler(func(req ring.Request) ring.Response { return ring.Text(req.Scheme) })
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	wantBody(t, ask(h, r), 200, "http")
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("X-Forwarded-Proto", "http")
	wantBody(t, ask(h, r), 200, "https")
}

func TestTrustForwarded(t *testing.T) {
	h := ring.TrustForwarded(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))(
		func(req ring.Request) ring.Response { return ring.Text(req.ClientIP().String() + " " + req.Scheme) })
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		proto      []string
		want       string
	}{
		{"a proxy is believed", "10.0.0.1:1", []string{"192.0.2.7"}, []string{"https"}, "192.0.2.7 https"},
		{"what the client wrote is left of it", "10.0.0.1:1", []string{"6.6.6.6, 192.0.2.7"}, []string{"http, https"}, "192.0.2.7 https"},
		{"further proxies are skipped", "10.0.0.1:1", []string{"6.6.6.6", "192.0.2.7, 10.9.9.9"}, nil, "192.0.2.7 http"},
		{"with port and brackets", "[fd00::1]:1", []string{"[2001:db8::7]:443"}, nil, "2001:db8::7 http"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.7"}, nil, "192.0.2.7 http"},
		{"a stranger isn't believed", "192.0.2.1:1", []string{"10.0.0.9"}, []string{"https"}, "192.0.2.1 http"},
		{"garbage where a proxy writes", "10.0.0.1:1", []string{"6.6.6.6, <script>"}, []string{"gopher"}, "10.0.0.1 http"},
		{"an empty end", "10.0.0.1:1", []string{"6.6.6.6,"}, nil, "10.0.0.1 http"},
		{"only proxies", "10.0.0.1:1", []string{"10.1.1.1, 10.2.2.2"}, nil, "10.0.0.1 http"},
		{"no header", "10.0.0.1:1", nil, []string{"HTTPS"}, "10.0.0.1 https"},
		{"no peer", "@", []string{"192.0.2.7"}, []string{"https"}, "invalid IP http"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = c.forwarded, c.proto
			wantBody(t, ask(h, r), 200, c.want)
		})
	}
	for name, proxies := range map[string][]netip.Prefix{"none": nil, "the zero prefix": {{}}} {
		t.Run("panics with "+name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			ring.TrustForwarded(proxies...)
		})
	}
}

func TestContext(t *testing.T) {
	type key struct{}
	if ring.NewRequest("GET", "/", nil).Context() == nil {
		t.Error("no context outside of a server")
	}
	h := ring.Handler(func(req ring.Request) ring.Response {
		inner := req.WithContext(context.WithValue(req.Context(), key{}, "inner"))
		return ring.Text(req.Context().Value(key{}).(string) + " " + inner.Context().Value(key{}).(string))
	})
	r := httptest.NewRequest("GET", "/", nil)
	wantBody(t, ask(h, r.WithContext(context.WithValue(r.Context(), key{}, "outer"))), 200, "outer inner")
}

func TestH1_AssigningToARequestChangesACopy(t *testing.T) {
	spoil := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			changed := req.WithHeader("X", "inner")
			changed.Method, changed.URL.Path, changed.Host = "PUT", "/inner", "inner"
			h(changed)
			return ring.Text(req.Method + req.URL.Path + req.Host + req.Header.Get("X"))
		}
	}
	wantBody(t, get(spoil(func(ring.Request) ring.Response { return ring.NoContent() }), "/outer"), 200, "GET/outerexample.com")
}

func TestH1_PlainHandlerInsideChangesNothingOutside(t *testing.T) {
	spoil := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X", "spoilt")
		r.URL.Path, r.Method = "/spoilt", "PUT"
		w.WriteHeader(204)
	})
	for name, mount := range map[string]func(ring.Middleware) http.Handler{
		"Use":      func(m ring.Middleware) http.Handler { return ring.Use(m)(spoil) },
		"FromHTTP": func(m ring.Middleware) http.Handler { return m(ring.FromHTTP(spoil)) },
	} {
		t.Run(name, func(t *testing.T) {
			var after string
			look := func(h ring.Handler) ring.Handler {
				return func(req ring.Request) ring.Response {
					resp := h(req)
					after = req.Method + req.URL.Path + req.Header.Get("X")
					return resp
				}
			}
			r := httptest.NewRequest("GET", "/outer", nil)
			ask(mount(look), r)
			if outside := r.Method + r.URL.Path + r.Header.Get("X"); after != "GET/outer" || outside != "GET/outer" {
				t.Errorf("the layer sees %q, the server %q", after, outside)
			}
		})
	}
}
