package routers

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/httprate"
	"github.com/justinas/nosurf"
	"github.com/klauspost/compress/gzhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
)

type middleware = func(http.Handler) http.Handler

// middlewares are those of others, set up so that they let everything pass.
var middlewares = map[string]middleware{
	"CrossOriginProtection": http.NewCrossOriginProtection().Handler,
	"gzhttp":                func(h http.Handler) http.Handler { return gzhttp.GzipHandler(h) },
	"nosurf": func(h http.Handler) http.Handler {
		n := nosurf.New(h)
		n.ExemptFunc(func(*http.Request) bool { return true })
		return n
	},
	"otelhttp": otelhttp.NewMiddleware("shop", otelhttp.WithTracerProvider(&spans{})),
	"httprate": httprate.LimitBy(1000, time.Minute, httprate.Key("everybody"), httprate.WithLimitCounter(&hits{})),
}

// throughMiddleware mounts a middleware among the layers, in each place that it can have, and runs a test there.
func throughMiddleware(t *testing.T, test func(testing.TB, *site)) {
	t.Helper()
	places := map[string]func(*breakage, ring.Middleware){
		"inside":  func(b *breakage, l ring.Middleware) { b.inside = l },
		"outside": func(b *breakage, l ring.Middleware) { b.layer = l },
	}
	for name, mw := range middlewares {
		for place, put := range places {
			for router, m := range map[string]mount{"ServeMux": ServeMux, "routes": Routes, "a group": group(mw)} {
				var b breakage
				if router != "a group" {
					put(&b, ring.FromMiddleware(mw))
				} else if place == "outside" {
					continue
				}
				for _, f := range fronts() {
					t.Run(strings.Join([]string{name, place, router, f.name}, " "), func(t *testing.T) { test(t, newSite(t, f, m, b)) })
				}
			}
		}
	}
}

// group mounts pages in a group of ring/route that has the middleware around it.
func group(mw middleware) mount {
	return func(pages []Page, layers ...ring.Middleware) http.Handler {
		var routes []route.Route
		for _, p := range pages {
			routes = append(routes, route.Method(p.Method, p.Path, ring.Adapt(p.Handler)))
		}
		return ring.Chain(layers...)(route.New(route.Group(ring.FromMiddleware(mw), routes...)))
	}
}

func TestLawsHoldWithMiddlewareOfOthersAmongTheLayers(t *testing.T) {
	throughMiddleware(t, func(t testing.TB, s *site) {
		noByteBeforeTheCommit(t, s)
		aStoreThatFailsReplacesThePage(t, s)
		aLogOutIsFinal(t, s)
		differentKeysSurvive(t, s)
		aMessageArrives(t, s)
	})
}

func TestPagesStreamThroughMiddlewareOfOthers(t *testing.T) {
	throughMiddleware(t, func(t testing.TB, s *site) {
		readParts(t, s.open(t), "/stream", "text/plain", "one ", "two ", "three")
		readParts(t, s.open(t), "/events", "text/event-stream", "data: 0\n\n", "data: 1\n\n")
		b := s.open(t)
		if a := b.get("/socket"); s.major == 1 {
			wantIn(t, a, 101, "ping\n")
		} else {
			wantIn(t, a, 501, "HTTP/1.1 only")
		}
		a, hints := hinted(b, "/hints")
		wantIn(t, a, 200, "page")
		if len(hints) != 1 || hints[0].Get("Link") == "" || hints[0].Get("Set-Cookie") != "" {
			t.Errorf("hints %v", hints)
		}
		want(t, "afterwards", b.account(), `live "" {"visits":2}`)
	})
}

// greeting is a ring handler behind the middleware, beside the plain ones.
func greeting(req ring.Request) ring.Response {
	s := session.From(req)
	return ring.Text("theme "+theme.Get(s)).With(session.Set(visits.Add(s, 1)), notice.Put("greeted"))
}

func TestRingHandlersBehindMiddlewareOfOthersKeepTheirSession(t *testing.T) {
	for name, mw := range middlewares {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				m := func(pages []Page, layers ...ring.Middleware) http.Handler {
					routes := []route.Route{route.Group(ring.FromMiddleware(mw), route.Post("/greeting", greeting))}
					for _, p := range pages {
						routes = append(routes, route.Method(p.Method, p.Path, ring.Adapt(p.Handler)))
					}
					return ring.Chain(layers...)(route.New(routes...))
				}
				s := newSite(t, f, m, breakage{})
				b := s.open(t)
				b.post("/theme", "value", "dark")
				b.get("/")
				wantIn(t, b.post("/greeting"), 200, "theme dark")
				want(t, "afterwards", b.account(), `live "" {"theme":"dark","visits":1}`)
				wantIn(t, b.get("/login"), 200, "<p>greeted")
			})
		}
	}
}

// amending is middleware of net/http that changes the session itself, around plain handlers and ring handlers.
func TestMiddlewareOfNetHTTPAmendsWhatHandlersInsideAnswer(t *testing.T) {
	counts := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "POST" || amend(w, r, visits.By(1)) {
				h.ServeHTTP(w, r)
			}
		})
	}
	everywhereWith(t, breakage{inside: ring.FromMiddleware(counts)}, func(t testing.TB, s *site) {
		b := s.open(t)
		wantIn(t, b.post("/visit"), 200, "visits 2")
		b.post("/lang", "value", "fr")
		want(t, "afterwards", b.account(), `live "" {"lang":"fr","visits":3}`)
	})
}

func TestCrossOriginProtectionAsALayerRefusesOtherSites(t *testing.T) {
	layer := ring.FromMiddleware(http.NewCrossOriginProtection().Handler)
	everywhereWith(t, breakage{inside: layer}, func(t testing.TB, s *site) {
		b := s.open(t)
		b.post("/lang", "value", "fr")
		s.table.took()
		a := b.do("POST", "/lang", "value=de", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
		wantIn(t, a, 403, "cross-origin request")
		want(t, "store calls", s.table.took(), "load")
		want(t, "afterwards", b.account(), `live "" {"lang":"fr"}`)
	})
}

func TestGzipAsALayerCompressesPagesAndStreams(t *testing.T) {
	compress := ring.FromMiddleware(func(h http.Handler) http.Handler { return gzhttp.GzipHandler(h) })
	for place, b := range map[string]breakage{"inside": {inside: compress}, "outside": {layer: compress}} {
		t.Run(place, func(t *testing.T) {
			everywhereWith(t, b, func(t testing.TB, s *site) {
				b, g := s.open(t), s.gate()
				zipped := func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }
				b.do("POST", "/lang", "value="+strings.Repeat("long", 2000))
				resp, err := s.client.Do(b.request("GET", "/account", "", zipped))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if got := unzipped(t, resp); !strings.Contains(got, "longlong") || resp.Header.Get("Cache-Control") != "private" {
					t.Errorf("%.100q, header %v", got, resp.Header)
				}

				stream, err := s.client.Do(b.request("GET", "/stream", "", zipped, at(g)))
				if err != nil {
					t.Fatal(err)
				}
				defer stream.Body.Close()
				first := make([]byte, len("one "))
				z, err := gzip.NewReader(stream.Body)
				if err == nil {
					_, err = io.ReadFull(z, first)
				}
				if err != nil || string(first) != "one " { // while the handler waits
					t.Fatalf("%q, %v", first, err)
				}
				g.release()
				if rest, err := io.ReadAll(z); string(rest) != "two three" || err != nil {
					t.Errorf("%q, %v", rest, err)
				}

				s.table.failing("save", context.DeadlineExceeded)
				wantIn(t, b.do("POST", "/visit", "", zipped), 503, "503 Service Unavailable")
			})
		})
	}
}

func unzipped(t testing.TB, resp *http.Response) string {
	t.Helper()
	if got := resp.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding %q", got)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

func TestNosurfAsALayerWantsItsToken(t *testing.T) {
	withForm := func(pages []Page) []Page {
		return append(slices.Clone(pages), Page{"GET", "/form", func(w http.ResponseWriter, r *http.Request) {
			_ = ring.Amend(r.Context(), viewed.Put("form"))
			fmt.Fprint(w, nosurf.Token(r))
		}})
	}
	for name, m := range mounts {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				protect := ring.FromMiddleware(func(h http.Handler) http.Handler { return nosurf.New(h) })
				s := newSite(t, f, func(pages []Page, layers ...ring.Middleware) http.Handler {
					return m(withForm(pages), layers...)
				}, breakage{inside: protect})
				b := s.open(t)
				token := b.get("/form").body
				if len(b.cookies) != 2 || token == "" {
					t.Fatalf("token %q, cookies %q", token, slices.Collect(maps.Keys(b.cookies)))
				}
				wantIn(t, b.post("/lang", "value", "de"), 400, "")
				want(t, "without the token", b.account(), `live "" {"viewed":"form"}`)
				if a := b.post("/lang", "value", "fr", "csrf_token", token); a.status != 303 {
					t.Errorf("with the token: %d %q", a.status, a.body)
				}
				want(t, "with the token", b.account(), `live "" {"lang":"fr","viewed":"form"}`)
			})
		}
	}
}

func TestOtelhttpAsALayerSeesTheStatusThatIsSent(t *testing.T) {
	seen := &spans{statuses: make(chan int64, 1)}
	layer := ring.FromMiddleware(otelhttp.NewMiddleware("shop", otelhttp.WithTracerProvider(seen)))
	everywhereWith(t, breakage{layer: layer}, func(t testing.TB, s *site) {
		b := s.open(t)
		for _, path := range []string{"/visit", "/form", "/visit?fails"} {
			if path == "/visit?fails" {
				s.table.failing("save", context.DeadlineExceeded)
			}
			a := b.post(path)
			if status := <-seen.statuses; status != int64(a.status) { // the span may end later than the response
				t.Errorf("%s: the span has %d, the response %d", path, status, a.status)
			}
		}
	})
}

func TestARateLimiterAsALayerRefuses(t *testing.T) {
	for name, m := range mounts {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				limit := httprate.LimitBy(2, time.Minute, httprate.Key("everybody"), httprate.WithLimitCounter(&hits{}))
				s := newSite(t, f, m, breakage{inside: ring.FromMiddleware(limit)})
				b := s.open(t)
				wantIn(t, b.post("/visit"), 200, "visits 1")
				wantIn(t, b.post("/visit"), 200, "visits 2")
				s.table.took()
				wantIn(t, b.post("/visit"), 429, "Too Many Requests")
				want(t, "store calls", s.table.took(), "load")
			})
		}
	}
}

// hits counts requests without regard to the time.
type hits struct {
	mu sync.Mutex
	n  int
}

func (c *hits) Config(int, time.Duration)                 {}
func (c *hits) Increment(key string, now time.Time) error { return c.IncrementBy(key, now, 1) }

func (c *hits) IncrementBy(_ string, _ time.Time, by int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += by
	return nil
}

func (c *hits) Get(string, time.Time, time.Time) (current, previous int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n, 0, nil
}

// spans are traces of which the status is kept, if there is room.
type spans struct {
	noop.TracerProvider
	statuses chan int64
}

func (s *spans) Tracer(string, ...trace.TracerOption) trace.Tracer { return tracer{spans: s} }

type tracer struct {
	noop.Tracer
	spans *spans
}

func (t tracer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	s := span{spans: t.spans}
	return trace.ContextWithSpan(ctx, s), s
}

type span struct {
	noop.Span
	spans *spans
}

func (s span) TracerProvider() trace.TracerProvider { return s.spans }

func (s span) SetAttributes(all ...attribute.KeyValue) {
	for _, a := range all {
		if a.Key == "http.response.status_code" {
			select {
			case s.spans.statuses <- a.Value.AsInt64():
			default:
			}
		}
	}
}
