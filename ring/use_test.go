package ring_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"runtime"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/signet-go/signet/ring"
)

// between are the middlewares of others that may stand between two ring layers.
func between(logTo io.Writer) map[string]func(http.Handler) http.Handler {
	logger := middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(logTo, "", 0), NoColor: true})
	compress := middleware.Compress(5)
	return map[string]func(http.Handler) http.Handler{
		"nothing":             func(h http.Handler) http.Handler { return h },
		"a plain function":    plain,
		"Compress":            compress,
		"Logger":              logger,
		"Compress and Logger": func(h http.Handler) http.Handler { return compress(logger(h)) },
		"TimeoutHandler":      func(h http.Handler) http.Handler { return http.TimeoutHandler(h, forever, "late") },
		"MaxBytesHandler":     func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 1000) },
		"another Use":         func(h http.Handler) http.Handler { return plain(ring.Use(header("X-Between", "1"))(plain(h))) },
		"chi": func(h http.Handler) http.Handler {
			r := chi.NewRouter()
			r.Use(middleware.RequestID)
			r.Handle("/*", h)
			return r
		},
		"a writer without Unwrap": func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
			})
		},
	}
}

func TestRingHandlerBehindUseHandsItsValuesOver(t *testing.T) {
	for name, mw := range between(io.Discard) {
		t.Run(name, func(t *testing.T) {
			n := &notes{}
			h := ring.Use(n.wrap, header("X-Outer", "1"))(mw(ring.Handler(func(req ring.Request) ring.Response {
				return ring.Text("read "+note(req)).With(putNote("written"), ring.Status(201), ring.AddHeader("Vary", "Origin"))
			})))
			for _, method := range []string{"GET", "HEAD"} {
				n.stored = nil
				resp, body := fetch(t, h, method, "/")
				want := "read loaded"
				if method == "HEAD" {
					want = ""
				}
				if resp.StatusCode != 201 || body != want || n.all() != "written" {
					t.Errorf("%s: %d %q, stored %q", method, resp.StatusCode, body, n.all())
				}
				wantCookie(t, resp.Header, "note=written")
				h := resp.Header
				if h.Get("X-Outer") != "1" || h.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(h["Vary"], ","), "Origin") ||
					h.Get("Content-Type") != "text/plain; charset=utf-8" || len(h["Content-Type"]) != 1 {
					t.Errorf("%s: header %v", method, h)
				}
			}
		})
	}
}

func TestPlainHandlerBehindUseGetsWhatLayersAdd(t *testing.T) {
	handlers := map[string]struct {
		h      http.HandlerFunc
		status int
		body   string
	}{
		"writes":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "one, "); fmt.Fprint(w, "two") }, 200, "one, two"},
		"has a status": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(422); fmt.Fprint(w, "form") }, 422, "form"},
		"does nothing": {func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"copies": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.Copy(w, strings.NewReader("copied"))
		}, 200, "copied"},
		"writes a string": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "string") }, 200, "string"},
		"replaces cookies": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("Set-Cookie")
			w.Header().Set("Cache-Control", "public")
			w.WriteHeader(200)
		}, 200, ""},
		"writes a status twice": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(200) }, 404, ""},
	}
	always := func(n *notes) ring.Middleware {
		return ring.Chain(n.wrap, func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).With(putNote("layer")) }
		})
	}
	for name, mw := range between(io.Discard) {
		for what, c := range handlers {
			for mount, h := range map[string]func(*notes) http.Handler{
				"Use":      func(n *notes) http.Handler { return ring.Use(always(n))(mw(c.h)) },
				"FromHTTP": func(n *notes) http.Handler { return always(n)(ring.FromHTTP(mw(c.h))) },
				"FromHTTP behind Use": func(n *notes) http.Handler {
					return ring.Use(always(n))(mw(ring.FromHTTP(c.h)))
				},
			} {
				t.Run(mount+"/"+name+"/"+what, func(t *testing.T) {
					n := &notes{}
					resp, body := fetch(t, h(n), "GET", "/")
					if resp.StatusCode != c.status || body != c.body || n.all() != "layer" {
						t.Errorf("%d %q, stored %q", resp.StatusCode, body, n.all())
					}
					wantCookie(t, resp.Header, "note=layer")
					if resp.Header.Get("Cache-Control") != "no-store" {
						t.Errorf("header %v", resp.Header)
					}
					if head, body := fetch(t, h(n), "HEAD", "/"); head.StatusCode != c.status || body != "" || head.Header.Get("Set-Cookie") == "" {
						t.Errorf("HEAD: %d %q %v", head.StatusCode, body, head.Header)
					}
				})
			}
		}
	}
}

func TestUseOnChi(t *testing.T) {
	n := &notes{}
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, ring.Use(n.wrap))
	r.Get("/ring/{name}", ring.Handler(func(req ring.Request) ring.Response {
		return ring.Text(req.Param("name") + " " + note(req)).With(putNote(req.Param("name")))
	}).ServeHTTP)
	r.Get("/plain/{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, chi.URLParam(r, "name")) })
	r.With(ring.Use(header("X", "1"))).Method("GET", "/with", ring.Handler(writePlain))

	wantBody(t, get(r, "/ring/a"), 200, "a loaded")
	wantBody(t, get(r, "/plain/b"), 200, "b")
	wantBody(t, get(r, "/absent"), 404, "404 page not found\n")
	w := get(r, "/with")
	wantBody(t, w, 200, "plain")
	if n.all() != "a" || w.Header().Get("X") != "1" {
		t.Errorf("stored %q, header %v", n.all(), w.Header())
	}
}

func TestLoggerBetweenSeesStatusAndSize(t *testing.T) {
	var b syncBuffer
	get(ring.Use((&notes{}).wrap)(between(&b)["Logger"](ring.Handler(writeNote))), "/")
	if s := b.String(); !strings.Contains(s, " 200 5B") {
		t.Errorf("log %q; want status 200 and 5 bytes", s)
	}
}

func TestCompressBetweenCompressesAndKeepsItsHeader(t *testing.T) {
	h := ring.Use((&notes{}).wrap)(middleware.Compress(5)(ring.Handler(writeNote)))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := ask(h, r)
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); string(b) != "wrote" || err != nil || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%q %v %v", b, err, w.Header())
	}
	wantCookie(t, w.Header(), "note=hello")
}

// committedFirst fails if a body function runs, or a byte is written, before the layers have committed.
func committedFirst(wrap func(*notes) ring.Middleware) error {
	for name, resp := range map[string]func(early func()) ring.Handler{
		"stream": func(early func()) ring.Handler {
			return func(ring.Request) ring.Response {
				return ring.Stream("text/plain", func(w ring.Writer) error { early(); return w.Flush() }).With(putNote("x"))
			}
		},
		"reader": func(early func()) ring.Handler {
			return func(ring.Request) ring.Response { return ring.Read("text/plain", reading(early)).With(putNote("x")) }
		},
		"FromHTTP": func(early func()) ring.Handler {
			return func(req ring.Request) ring.Response {
				return ring.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { early() }))(req).With(putNote("x"))
			}
		},
	} {
		n, before := &notes{}, 0
		h := resp(func() {
			if n.all() == "" {
				before++
			}
		})
		get(wrap(n)(h), "/")
		get(ring.Use(wrap(n))(plain(h)), "/")
		if n.all() != "x,x" || before > 0 {
			return fmt.Errorf("%s: stored %q, ran %d times before", name, n.all(), before)
		}
	}
	return nil
}

type reading func()

func (f reading) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestH2_BodyStartsAfterTheLayersHaveCommitted(t *testing.T) {
	if err := committedFirst(func(n *notes) ring.Middleware { return n.wrap }); err != nil {
		t.Error(err)
	}
	t.Run("the check fails for a layer that commits nothing", func(t *testing.T) {
		forgets := func(*notes) ring.Middleware { return (&notes{}).wrap }
		if committedFirst(forgets) == nil {
			t.Error("a body ran before the commit and the check says nothing")
		}
	})
	t.Run("no byte of a plain handler is out before", func(t *testing.T) {
		w := httptest.NewRecorder()
		n := &notes{commit: func() {
			if w.Body.Len() > 0 || w.Flushed {
				t.Errorf("%q was written before the commit", w.Body)
			}
		}}
		add := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).With(putNote("x")) }
		}
		ring.Use(n.wrap, add)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "late")
		})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		wantBody(t, w, 200, "late")
		if n.all() != "x" || !w.Flushed {
			t.Errorf("stored %q, flushed %v", n.all(), w.Flushed)
		}
	})
}

func TestUseStreamsWithoutBuffering(t *testing.T) {
	part := make(chan string)
	srv := httptest.NewServer(ring.Use(header("X", "1"))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for s := range part {
			_, _ = io.WriteString(w, s)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
	})))
	defer srv.Close()
	go func() { part <- "a" }()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 1)
	for _, want := range []string{"a", "b", "c"} {
		if want != "a" {
			part <- want
		}
		if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != want {
			t.Fatalf("%q %v; want %q", buf, err, want)
		}
	}
	close(part)
	if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
		t.Errorf("%q %v", rest, err)
	}
}

// endedBefore is closed when a handler returns; a test asks whether it had when the server was done with the request.
func wantEnded(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	default:
		t.Error("the handler is still running")
	}
}

func TestReplacedHandlerIsCancelledAndItsWritesRefused(t *testing.T) {
	replace := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); return ring.Text("replaced") }
	}
	panics := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); panic("layer") }
	}
	again := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			h(req)
			if req.Header.Get("Again") != "" {
				return ring.Text("replaced")
			}
			h(req.WithHeader("Again", "1"))
			return ring.Text("replaced")
		}
	}
	for name, layer := range map[string]ring.Middleware{
		"replaced": replace, "the layer panics": ring.Chain(ring.Recover, panics), "called again": again,
	} {
		for where, mw := range between(io.Discard) {
			t.Run(name+"/"+where, func(t *testing.T) {
				logged(t)
				ended := make(chan struct{}, 2)
				inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() { ended <- struct{}{} }()
					w.Header().Set("X-Inner", "1")
					_, err := io.WriteString(w, "inner")
					if where != "TimeoutHandler" && where != "Compress" { // these buffer
						if err == nil {
							t.Error("a write was taken")
						}
						if r.Context().Err() == nil {
							t.Error("the context is not cancelled")
						}
						if _, err := w.Write([]byte("x")); err == nil {
							t.Error("another write was taken")
						}
						if n, err := io.Copy(w, strings.NewReader("x")); err == nil {
							t.Errorf("copied %d", n)
						}
					}
					if http.NewResponseController(w).Flush() == nil && where == "nothing" {
						t.Error("flushed")
					}
				})
				w := get(ring.Use(layer)(mw(inner)), "/")
				wantEnded(t, ended)
				if strings.Contains(w.Body.String(), "inner") || w.Header().Get("X-Inner") != "" {
					t.Errorf("%q %v", w.Body, w.Header())
				}
				if name != "the layer panics" {
					wantBody(t, w, 200, "replaced")
				}
			})
		}
	}
}

func TestReplacedRingHandlerRunsNoBody(t *testing.T) {
	replace := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); return ring.Text("replaced") }
	}
	for name, mw := range between(io.Discard) {
		t.Run(name, func(t *testing.T) {
			h := ring.Handler(func(req ring.Request) ring.Response {
				return ring.Stream("a/b", func(ring.Writer) error { t.Error("the stream runs"); return nil })
			})
			wantBody(t, get(ring.Use(replace)(mw(h)), "/"), 200, "replaced")
		})
	}
	t.Run("and neither does a later one of the same request", func(t *testing.T) {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 2 {
				ring.Handler(func(req ring.Request) ring.Response {
					return ring.Stream("a/b", func(ring.Writer) error { t.Error("the stream runs"); return nil })
				}).ServeHTTP(w, r)
			}
		})
		wantBody(t, get(ring.Use(replace)(h), "/"), 200, "replaced")
	})
}

func TestLayerMayCallTheHandlerAgain(t *testing.T) {
	twice := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			h(req)
			return h(req)
		}
	}
	lock := make(chan struct{}, 1) // held by a handler that waits for its first byte
	n := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		lock <- struct{}{}
		defer func() { <-lock }()
		n++
		fmt.Fprintf(w, "call %d", n)
	})
	wantBody(t, get(ring.Use(twice)(h), "/"), 200, "call 2")

	t.Run("but not return what an earlier call answered", func(t *testing.T) {
		log := logged(t)
		first := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response {
				resp := h(req)
				h(req)
				return resp
			}
		}
		if w := get(ring.Use(first)(h), "/"); w.Code != 500 || !strings.Contains(log.String(), "earlier call") {
			t.Errorf("%d %q, log %q", w.Code, w.Body, log)
		}
	})
	t.Run("nor that of an earlier request", func(t *testing.T) {
		logged(t)
		var kept *ring.Response
		cache := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response {
				if kept == nil {
					resp := h(req)
					kept = &resp
				}
				return *kept
			}
		}
		app := ring.Use(cache)(h)
		get(app, "/")
		if w := get(app, "/"); w.Code != 500 {
			t.Errorf("%d %q; want 500", w.Code, w.Body)
		}
	})
}

func TestLayersChangeTheHeadOfAPlainHandler(t *testing.T) {
	change := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			if _, isText := resp.Body.Text(); isText || resp.Status != 200 || resp.Header.Get("X") != "1" {
				t.Errorf("status %d, header %v", resp.Status, resp.Header)
			}
			resp.Header = resp.Header.Del("X")
			return resp.With(ring.Status(201))
		}
	}
	w := get(ring.Use(change)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", "1")
		w.Header()["Content-Type"] = nil
		fmt.Fprint(w, "<p>")
	})), "/")
	wantBody(t, w, 201, "<p>")
	if _, has := w.Result().Header["X"]; has || w.Header().Get("Content-Type") != "" {
		t.Errorf("header %v", w.Header())
	}
}

func TestLayersSeeTheTextOfARingHandler(t *testing.T) {
	upper := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			text, isText := resp.Body.Text()
			if !isText {
				t.Error("the body is no text")
			}
			resp.Body = ring.TextBody(strings.ToUpper(text))
			return resp
		}
	}
	wantBody(t, get(ring.Use(upper)(plain(ring.Handler(writePlain))), "/"), 200, "PLAIN")
}

func TestTimeoutBeforeTheHandOver(t *testing.T) {
	log := logged(t)
	n := &notes{}
	release, ended := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		ring.Handler(func(req ring.Request) ring.Response {
			<-req.Context().Done()
			<-release
			return ring.Text("late").With(putNote("lost"))
		}).ServeHTTP(w, r)
	})
	w := get(ring.Use(n.wrap)(http.TimeoutHandler(slow, 1, "too late")), "/")
	wantBody(t, w, 503, "too late")
	close(release)
	<-ended
	if n.all() != "" || !strings.Contains(log.String(), "lost") {
		t.Errorf("stored %q, log %q", n.all(), log)
	}
}

func TestTimeoutAfterTheHandOverKeepsTheCookie(t *testing.T) {
	ctx, strike := context.WithCancel(t.Context())
	struck, ended := make(chan struct{}), make(chan struct{})
	// The layers commit only when the timeout has answered in the handler's place.
	n := &notes{commit: func() { strike(); <-struck }}
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		ring.Handler(writeNote).ServeHTTP(w, r)
	})
	watch := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(&watched{ResponseWriter: w, head: struck}, r)
		})
	}
	h := ring.Use(n.wrap)(watch(http.TimeoutHandler(inner, forever, "")))
	w := ask(h, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	<-ended
	wantBody(t, w, 503, "")
	wantCookie(t, w.Header(), "note=hello")
	if n.all() != "hello" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("stored %q, header %v", n.all(), w.Header())
	}
}

// watched tells when a head is about to be written.
type watched struct {
	http.ResponseWriter
	head chan struct{}
}

func (w *watched) WriteHeader(status int) {
	close(w.head)
	w.ResponseWriter.WriteHeader(status)
}

func TestPanicAfterTheFirstByteAbortsTheConnection(t *testing.T) {
	logged(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		panic(http.ErrAbortHandler)
	})
	for name, app := range map[string]http.Handler{
		"Use":      ring.Use(ring.Recover)(h),
		"two":      ring.Use(ring.Recover)(plain(ring.Use(ring.Recover)(h))),
		"FromHTTP": ring.Recover(ring.FromHTTP(h)),
	} {
		if err := abortsTheConnection(app); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPanicAfterTheFirstByteIsCarriedOverAsItWas(t *testing.T) {
	cause := errors.New("cause")
	defer func() {
		err, ok := recover().(error)
		var p *ring.PanicError
		if !ok || !errors.Is(err, cause) || !errors.As(err, &p) || p.Value != cause {
			t.Errorf("recovered %v", err)
		}
	}()
	get(ring.Use()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		panic(cause)
	})), "/")
}

func TestPanicOfAReplacedHandlerIsLogged(t *testing.T) {
	log := logged(t)
	replace := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); return ring.Text("replaced") }
	}
	w := get(ring.Use(replace)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := fmt.Fprint(w, "x"); err != nil {
			panic("secret boom")
		}
	})), "/")
	wantBody(t, w, 200, "replaced")
	if strings.Count(log.String(), "secret boom") != 1 {
		t.Errorf("log %q", log)
	}
}

func TestInformationalAnswersAreHarmless(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		w.WriteHeader(http.StatusEarlyHints)
		fmt.Fprint(w, "page")
	})
	n := &notes{}
	add := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(putNote("x")) }
	}
	for name, app := range map[string]http.Handler{
		"Use":      ring.Use(n.wrap, add)(h),
		"two":      ring.Use(n.wrap, add)(plain(ring.Use(header("X", "1"))(h))),
		"FromHTTP": ring.Chain(n.wrap, add)(ring.FromHTTP(h)),
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(app)
			defer srv.Close()
			var hints []string
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
					hints = append(hints, fmt.Sprint(code, h.Get("Link")))
					return nil
				},
			})
			r, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			resp, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if got, want := fmt.Sprint(hints), "[103</a.css>; rel=preload 103]"; got != want || string(body) != "page" || resp.Header.Get("Link") != "" {
				t.Errorf("hints %s, body %q, header %v; want %s", got, body, resp.Header, want)
			}
			wantCookie(t, resp.Header, "note=x")
		})
	}
}

// upgrade takes the connection over in one of the two ways in use, and echoes a line.
func upgrade(t *testing.T, writeHeadFirst bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		if writeHeadFirst {
			w.WriteHeader(http.StatusSwitchingProtocols)
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijack: %v", err)
			return
		}
		defer conn.Close()
		if !writeHeadFirst {
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
			_ = w.Header().Write(rw)
			_, _ = rw.WriteString("\r\n")
		}
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString("echo " + line)
		_ = rw.Flush()
	})
}

func TestHijack(t *testing.T) {
	for _, headFirst := range []bool{true, false} {
		up := upgrade(t, headFirst)
		add := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).With(putNote("x")) }
		}
		for name, mount := range map[string]func(ring.Middleware) http.Handler{
			"Use":      func(m ring.Middleware) http.Handler { return ring.Use(m)(up) },
			"two Use":  func(m ring.Middleware) http.Handler { return ring.Use(m)(plain(ring.Use(header("X", "1"))(up))) },
			"FromHTTP": func(m ring.Middleware) http.Handler { return m(ring.FromHTTP(up)) },
			"FromHTTP behind Use and Logger": func(m ring.Middleware) http.Handler {
				return ring.Use(m)(between(io.Discard)["Logger"](ring.FromHTTP(up)))
			},
		} {
			t.Run(fmt.Sprint(name, " head first ", headFirst), func(t *testing.T) {
				n := &notes{}
				srv := httptest.NewServer(mount(ring.Chain(n.wrap, add)))
				defer srv.Close()
				conn, err := net.Dial("tcp", srv.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello\n")
				br := bufio.NewReader(conn)
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatal(err)
				}
				line, err := br.ReadString('\n')
				if resp.StatusCode != 101 || line != "echo hello\n" || n.all() != "x" {
					t.Errorf("%d %q %v, stored %q", resp.StatusCode, line, err, n.all())
				}
				wantCookie(t, resp.Header, "note=x")
			})
		}
	}
	t.Run("is refused when the response was replaced", func(t *testing.T) {
		ended := make(chan struct{})
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			defer close(ended)
			if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
				t.Error("no error")
			}
		})
		replace := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { h(req); return ring.Text("replaced") }
		}
		wantBody(t, get(ring.Use(replace)(h), "/"), 200, "replaced")
		wantEnded(t, ended)
	})
}

// Over HTTP/2, say, no connection can be taken over, and the handler says so.
func TestAHijackThatFailsLeavesTheHeadToTheHandler(t *testing.T) {
	answers := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Upgrade", "echo")
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("hijack: %v", err)
		}
		w.Header().Del("Upgrade")
		http.Error(w, "no sockets", http.StatusNotImplemented)
	})
	silent := func(v *visit) error {
		_, _, _ = http.NewResponseController(v.w).Hijack()
		return errNoSuchPage
	}
	n := &notes{}
	for name, h := range map[string]http.Handler{
		"Use":                 ring.Use(saving(n))(answers),
		"Use in a Use":        ring.Use(saving(n))(plain(ring.Use(header("X", "1"))(answers))),
		"Adapt":               saving(n)(ring.Adapt(answers)),
		"FromHTTP":            saving(n)(ring.FromHTTP(answers)),
		"FromHTTP in a Use":   ring.Use(saving(n))(plain(ring.FromHTTP(answers))),
		"an error afterwards": framework(ring.Use(saving(n)), false, silent),
	} {
		n.stored = nil
		w := get(h, "/")
		if name == "an error afterwards" {
			wantBody(t, w, 404, "<p>no such page")
		} else {
			wantBody(t, w, 501, "no sockets\n")
		}
		wantCookie(t, w.Header(), "note=kept")
		if n.all() != "kept" || w.Header().Get("Cache-Control") != "no-store" || name != "an error afterwards" && w.Header().Get("Upgrade") != "" {
			t.Errorf("%s: stored %q, header %v", name, n.all(), w.Header())
		}
	}
}

// gin's Stream asks for CloseNotify without looking whether it is there.
func TestCloseNotifyReportsThatTheClientOrTheResponseIsGone(t *testing.T) {
	type closeNotifier interface{ CloseNotify() <-chan bool }
	gone := make(chan bool, 1)
	waits := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := w.(closeNotifier).CloseNotify()
		select {
		case <-c:
			t.Error("the client is gone")
		default:
		}
		if leave, ok := r.Context().Value(leaveKey{}).(context.CancelFunc); ok {
			leave()
		} else {
			fmt.Fprint(w, "page")
		}
		gone <- <-c
	})
	for name, h := range map[string]http.Handler{
		"Use": ring.Use()(waits), "Adapt": ring.Adapt(waits), "FromHTTP": ring.FromHTTP(waits),
	} {
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(context.WithValue(ctx, leaveKey{}, leave), "GET", "/", nil)
		ask(h, r)
		if !<-gone {
			t.Errorf("%s: nothing is reported", name)
		}
	}
	replace := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { h(req); return ring.Text("replaced") }
	}
	wantBody(t, get(ring.Use(replace)(waits), "/"), 200, "replaced")
	if !<-gone {
		t.Error("a response that is replaced: nothing is reported")
	}
}

type leaveKey struct{}

func TestResponseControllerReachesTheServer(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		rc := http.NewResponseController(w)
		fmt.Fprint(w, errors.Join(rc.EnableFullDuplex(), rc.SetWriteDeadline(noDeadline), rc.SetReadDeadline(noDeadline), rc.Flush()))
	})
	for name, app := range map[string]http.Handler{"Use": ring.Use(header("X", "1"))(h), "FromHTTP": ring.FromHTTP(h)} {
		if _, body := fetch(t, app, "GET", "/"); body != "%!v(<nil>)" && body != "<nil>" {
			t.Errorf("%s: %s", name, body)
		}
	}
}

func TestReadFromReachesTheServer(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("copied"))
		if err != nil {
			t.Error(err)
		}
	})
	for name, app := range map[string]http.Handler{"Use": ring.Use(header("X", "1"))(h), "FromHTTP": ring.FromHTTP(h)} {
		w := &readerFrom{ResponseRecorder: httptest.NewRecorder()}
		app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.read != 1 || w.Body.String() != "copied" {
			t.Errorf("%s: ReadFrom was called %d times, body %q", name, w.read, w.Body)
		}
	}
}

type readerFrom struct {
	*httptest.ResponseRecorder
	read int
}

func (r *readerFrom) ReadFrom(src io.Reader) (int64, error) {
	r.read++
	return io.Copy(struct{ io.Writer }{r.ResponseRecorder}, src)
}

func TestRingHandlersOfOnePageShareItsResponse(t *testing.T) {
	log := logged(t)
	n := &notes{}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ring.Handler(func(ring.Request) ring.Response { return ring.Text("first ").With(putNote("first")) }).ServeHTTP(w, r)
		ring.Handler(func(ring.Request) ring.Response { return ring.Text("second") }).ServeHTTP(w, r)
		ring.Handler(func(ring.Request) ring.Response { return ring.Text("third").With(putNote("third")) }).ServeHTTP(w, r)
	})
	wantBody(t, get(ring.Use(n.wrap)(page), "/"), 200, "first second")
	if n.all() != "first" || !strings.Contains(log.String(), "a response was lost") {
		t.Errorf("stored %q, log %q", n.all(), log)
	}
}

func TestHandlerBehindUseSeesTheRequestOfTheLayers(t *testing.T) {
	type key struct{}
	change := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			req.URL.Path, req.Scheme, req.Host = "/changed", "https", "other.example"
			req = req.WithHeader("X", "layer")
			return h(req.WithContext(context.WithValue(req.Context(), key{}, "ctx")).WithBody(strings.NewReader("body")))
		}
	}
	show := ring.Handler(func(req ring.Request) ring.Response {
		b, _ := req.Bytes()
		return ring.Text(fmt.Sprint(req.URL.Path, req.Scheme, req.Host, req.Header.Get("X"), req.Context().Value(key{}), string(b)))
	})
	wantBody(t, get(ring.Use(change)(plain(show)), "/"), 200, "/changed"+"https"+"other.example"+"layer"+"ctx"+"body")

	t.Run("and FromContext finds it", func(t *testing.T) {
		h := ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			req := ring.FromContext(r.Context())
			fmt.Fprint(w, req.Served(), note(req), r.URL.Path)
		}))
		wantBody(t, get(ring.Chain((&notes{}).wrap, change)(h), "/"), 200, "trueloaded/changed")
		if req := ring.FromContext(t.Context()); req.Served() || req.Method != "" {
			t.Errorf("there is a request where none is: %v", req)
		}
	})
}

func TestUseCalledAsAFunctionReturnsWhatIsWritten(t *testing.T) {
	h := ring.Use()(http.NotFoundHandler()).(ring.Handler)
	resp := h(ring.NewRequest("GET", "/", nil))
	if text, isText := resp.Body.Text(); !isText || text != "404 page not found\n" || resp.Status != 404 || resp.Err != nil {
		t.Errorf("%v; want the page of http.NotFound", resp)
	}
}

func TestHandlerCalledAfterTheResponseIsNotStarted(t *testing.T) {
	call, result := make(chan struct{}), make(chan ring.Response)
	late := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			go func() {
				<-call
				result <- h(req)
			}()
			return ring.Text("early")
		}
	}
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler runs") })
	wantBody(t, get(ring.Use(late)(h), "/"), 200, "early")
	close(call)
	if resp := <-result; resp.Err == nil {
		t.Error("no error")
	}
}

func TestHandlerThatEndsItsGoroutineAborts(t *testing.T) {
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v; want http.ErrAbortHandler", v)
		}
	}()
	get(ring.Use(ring.Recover)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() })), "/")
}

func TestCancelledRequestEndsTheHandler(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan struct{})
	h := ring.Use(header("X", "1"))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		defer close(ended)
		leave()
		<-r.Context().Done()
	}))
	ask(h, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	wantEnded(t, ended)
}

func TestParallelRequestsBehindUse(t *testing.T) {
	n := &notes{}
	app := ring.Use(n.wrap)(between(io.Discard)["Compress and Logger"](http.TimeoutHandler(ring.Handler(func(req ring.Request) ring.Response {
		return ring.Text(req.Query("n")).With(putNote(req.Query("n")))
	}), forever, "")))
	done := make(chan error)
	for i := range 50 {
		go func() {
			w := get(app, fmt.Sprint("/?n=", i))
			if s := fmt.Sprint(i); w.Body.String() != s || w.Header().Get("Set-Cookie") != "note="+s {
				done <- fmt.Errorf("%d: %q %v", i, w.Body, w.Header())
				return
			}
			done <- nil
		}()
	}
	for range 50 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
