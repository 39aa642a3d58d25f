package ring_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
)

// A visit is the context of a framework in which handlers return errors and the framework renders them afterwards.
type visit struct {
	w http.ResponseWriter
	r *http.Request
}

type visited func(*visit) error

var errNoSuchPage = errors.New("no such page")

// framework serves h behind middleware of net/http. As echo does, it gives the error page to the writer that the middleware
// passed in; as others do, it gives it to the outermost writer instead if that is what it is told.
func framework(mw func(http.Handler) http.Handler, toOutermost bool, h visited) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w, r}
		var err error
		mw(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v.w, v.r = w, r
			err = h(v)
		})).ServeHTTP(w, r)
		if toOutermost {
			v.w = w
		}
		if err != nil {
			v.w.Header().Set("Content-Type", "text/html")
			if v.r.Context().Err() != nil {
				v.w.WriteHeader(500)
				return
			}
			v.w.WriteHeader(404)
			fmt.Fprint(v.w, "<p>", err)
		}
	})
}

// saving is a layer that adds a change to every response.
func saving(n *notes) ring.Middleware {
	return ring.Chain(n.wrap, func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(putNote("kept")) }
	})
}

func TestUseLeavesTheHeadToAFrameworkThatRendersErrors(t *testing.T) {
	fails := func(*visit) error { return errNoSuchPage }
	writes := func(v *visit) error { fmt.Fprint(v.w, "page"); return nil }
	for _, toOutermost := range []bool{false, true} {
		for name, mw := range map[string]func(*notes) func(http.Handler) http.Handler{
			"Use": func(n *notes) func(http.Handler) http.Handler { return ring.Use(saving(n)) },
			"Use in a Use": func(n *notes) func(http.Handler) http.Handler {
				return func(h http.Handler) http.Handler { return ring.Use(saving(n))(plain(ring.Use(header("X", "1"))(h))) }
			},
		} {
			t.Run(fmt.Sprint(name, " to the outermost writer ", toOutermost), func(t *testing.T) {
				n := &notes{}
				resp, body := fetch(t, framework(mw(n), toOutermost, fails), "GET", "/")
				if resp.StatusCode != 404 || body != "<p>no such page" || n.all() != "kept" || resp.Header.Get("Content-Type") != "text/html" {
					t.Errorf("%d %q %v, stored %q", resp.StatusCode, body, resp.Header, n.all())
				}
				wantCookie(t, resp.Header, "note=kept")
				if resp.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("header %v", resp.Header)
				}
				resp, body = fetch(t, framework(mw(n), toOutermost, writes), "GET", "/")
				if resp.StatusCode != 200 || body != "page" {
					t.Errorf("a page: %d %q", resp.StatusCode, body)
				}
			})
		}
	}
}

func TestAFrameworkGetsNoWordInAfterALayerHasAnswered(t *testing.T) {
	for name, layer := range map[string]ring.Middleware{
		"a body": func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { h(req); return ring.Text("gone").With(ring.Status(410)) }
		},
		"a status": func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return h(req).With(ring.Status(410)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string]string{"a body": "gone", "a status": "<p>no such page"}[name]
			w := get(framework(ring.Use(layer), false, func(*visit) error { return errNoSuchPage }), "/")
			wantBody(t, w, 410, want)
		})
	}
}

func TestAFrameworksPageKeepsTheSessionsCookie(t *testing.T) {
	n := &notes{}
	replaces := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var late http.ResponseWriter
		ring.Use(saving(n))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { late = w })).ServeHTTP(w, r)
		late.Header().Set("Set-Cookie", "note=other")
		late.Header().Set("Cache-Control", "public")
		_, _ = late.Write([]byte("page"))
	})
	log := logged(t)
	w := get(replaces, "/")
	wantBody(t, w, 200, "page")
	wantCookie(t, w.Header(), "note=kept")
	if w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(log.String(), "cookie=note") || strings.Contains(log.String(), "other") {
		t.Errorf("header %v, log %q", w.Header(), log)
	}
}

// A handler that goes on although its response has been replaced keeps nobody waiting, and reaches nobody.
func TestAReplacedHandlerKeepsNobodyWaiting(t *testing.T) {
	for name, layer := range map[string]ring.Middleware{
		"after its first byte": func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { h(req); return ring.Fail(&ring.Error{Status: 503}) }
		},
		"before its first byte": func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response {
				go h(req)
				<-inHandler(req)
				return ring.Fail(&ring.Error{Status: 503})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			logged(t)
			started, release, refused := make(chan struct{}), make(chan struct{}), make(chan error, 4)
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(started)
				if name == "after its first byte" {
					w.WriteHeader(200)
				}
				<-release // it looks at no context
				w.WriteHeader(http.StatusEarlyHints)
				_, err := io.WriteString(w, "page")
				refused <- err
				refused <- r.Context().Err()
				refused <- http.NewResponseController(w).SetWriteDeadline(noDeadline)
				_, err = w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().Write([]byte("page"))
				refused <- err
			})
			app := ring.Use(layer)(h)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/next" {
					return
				}
				app.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), startedKey{}, started)))
			}))
			defer srv.Close()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			br := bufio.NewReader(conn)
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body) // all of it, with the handler still running
			if resp.StatusCode != 503 || string(body) != "503 Service Unavailable\n" || err != nil {
				t.Errorf("%d %q %v", resp.StatusCode, body, err)
			}
			close(release)
			for range 4 {
				if <-refused == nil {
					t.Error("the handler reached the client, or its context was not cancelled")
				}
			}
			fmt.Fprint(conn, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
			if line, err := br.ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
				t.Errorf("%q %v follows the answer", line, err)
			}
		})
	}
}

type startedKey struct{}

func inHandler(req ring.Request) <-chan struct{} {
	return req.Context().Value(startedKey{}).(chan struct{})
}

func TestEarlyHintsCarryNoCookie(t *testing.T) {
	hints := func(w http.ResponseWriter) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "mine", Value: "1"})
		hints(w)
		fmt.Fprint(w, "page")
	})
	after := func(n *notes) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var inner http.ResponseWriter
			ring.Use(saving(n))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { inner = w })).ServeHTTP(w, r)
			h.ServeHTTP(inner, r)
		})
	}
	for name, app := range map[string]func(*notes) http.Handler{
		"FromHTTP":           func(n *notes) http.Handler { return saving(n)(ring.FromHTTP(h)) },
		"FromHTTP in a Use":  func(n *notes) http.Handler { return ring.Use(saving(n))(plain(ring.FromHTTP(h))) },
		"Use":                func(n *notes) http.Handler { return ring.Use(saving(n))(h) },
		"Use in FromHTTP":    func(n *notes) http.Handler { return saving(n)(ring.FromHTTP(ring.Use(header("X", "1"))(h))) },
		"after Use returned": after,
	} {
		t.Run(name, func(t *testing.T) {
			n := &notes{}
			srv := httptest.NewServer(app(n))
			defer srv.Close()
			links := 0
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
					if links++; h.Get("Set-Cookie") != "" || h.Get("Link") == "" {
						t.Errorf("%d with %v", code, h)
					}
					return nil
				},
			})
			r, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			resp, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			set := strings.Join(resp.Header["Set-Cookie"], "; ")
			if links != 1 || !strings.Contains(set, "note=kept") || !strings.Contains(set, "mine=1") {
				t.Errorf("%d hints, cookies %q", links, set)
			}
		})
	}
}

func TestK2_AForeignHandlersCookieOfALayersNameIsDropped(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "mine=1")
		w.Header().Add("Set-Cookie", "note=secret; Path=/")
		fmt.Fprint(w, "page")
	})
	n := &notes{}
	log := logged(t)
	w := get(saving(n)(ring.FromHTTP(h)), "/")
	wantBody(t, w, 200, "page")
	wantCookie(t, w.Header(), "note=kept; mine=1")
	if s := log.String(); strings.Count(s, "a cookie was dropped") != 1 || !strings.Contains(s, "cookie=note") || strings.Contains(s, "secret") {
		t.Errorf("log %q; want one line that names the cookie and not its value", s)
	}
}
