package routers

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// readParts asks for a page that pauses after each part, and reads each part while the handler waits.
func readParts(t testing.TB, b *browser, path, mediaType string, parts ...string) {
	t.Helper()
	g := b.site.gate()
	resp, err := b.site.client.Do(b.request("GET", path, "", at(g)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begun := slices.ContainsFunc(resp.Cookies(), func(c *http.Cookie) bool { return c.Name == "__Host-session" })
	if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, mediaType) || !begun || resp.StatusCode != 200 {
		t.Fatalf("%d %s, a session: %v", resp.StatusCode, got, begun)
	}
	for _, part := range parts {
		got := make([]byte, len(part))
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != part {
			t.Errorf("read %q, %v; want %q", got, err, part)
		}
		<-g.arrived
		g.step <- struct{}{}
	}
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
		t.Errorf("the rest: %q, %v", rest, err)
	}
}

func TestAPlainHandlerStreams(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		readParts(t, s.open(t), "/stream", "text/plain", "one ", "two ", "three")
	})
}

func TestAPlainHandlerSendsEvents(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		readParts(t, s.open(t), "/events", "text/event-stream", "data: 0\n\n", "data: 1\n\n")
	})
}

// hinted asks for a page and returns its informational answers too.
func hinted(b *browser, path string) (answer, []textproto.MIMEHeader) {
	var hints []textproto.MIMEHeader
	a := b.get(path, func(r *http.Request) {
		*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(_ int, h textproto.MIMEHeader) error { hints = append(hints, h); return nil },
		}))
	})
	return a, hints
}

func TestH2_EarlyHintsOfAPlainHandlerCarryNoCookie(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		a, hints := hinted(s.open(t), "/hints")
		wantIn(t, a, 200, "page")
		if len(hints) != 1 || hints[0].Get("Link") == "" || hints[0].Get("Set-Cookie") != "" || len(a.set) != 1 {
			t.Errorf("hints %v, and %d cookies", hints, len(a.set))
		}
	})
}

// A response of echo takes a 103 for the whole head, so any later status is lost, with and without Signet. Around all of echo
// the layers don't write through it.
func TestH3_APageWithEarlyHintsCanStillFail(t *testing.T) {
	for name, m := range mounts {
		if name == "echo" {
			m = func(pages []Page, layers ...ring.Middleware) http.Handler { return ring.Use(layers...)(Echo(pages)) }
		}
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				s := newSite(t, f, m, breakage{})
				s.table.failing("save", stores.ErrRefused)
				a, hints := hinted(s.open(t), "/hints")
				wantIn(t, a, 503, "503 Service Unavailable")
				if len(hints) != 1 || len(a.set) > 0 {
					t.Errorf("hints %v, cookies %v", hints, a.set)
				}
			})
		}
	}
}

func TestAPlainHandlerUpgradesTheConnection(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		a := b.get("/socket")
		switch {
		case s.major == 1:
			wantIn(t, a, 101, "ping\n")
		case s.router == "gin": // it takes the attempt for a head that was written
			wantIn(t, a, 200, "HTTP/1.1 only")
		default:
			wantIn(t, a, 501, "HTTP/1.1 only")
		}
		want(t, "afterwards", b.account(), `live "" {"visits":1}`)
	})
}

func TestAPlainHandlerTakesUploadsJSONAndRanges(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		file, err := w.CreateFormFile("file", "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(file, strings.Repeat("x", 5000))
		_ = w.Close()
		wantIn(t, b.do("POST", "/upload", body.String(), func(r *http.Request) { r.Header.Set("Content-Type", w.FormDataContentType()) }), 200, "a.txt 5000")
		wantIn(t, b.do("POST", "/api/cart", `{"goods":"tea","n":2}`), 200, `{"tea":2}`)
		wantIn(t, b.do("POST", "/api/cart", `{`), 400, "no order")
		wantIn(t, b.get("/item/seven"), 200, "item seven")
		want(t, "afterwards", b.account(), `live "" {"cart":{"tea":2},"upload":5000,"viewed":"seven"}`)

		a := b.get("/logo", func(r *http.Request) { r.Header.Set("Range", "bytes=1-3") })
		if a.status != 206 || a.body != logo[1:4] || a.header.Get("Content-Range") == "" {
			t.Errorf("a range: %d %q %v", a.status, a.body, a.header)
		}
		if a := b.get("/logo", func(r *http.Request) { r.Header.Set("If-None-Match", `"1"`) }); a.status != 304 || a.body != "" {
			t.Errorf("not modified: %d %q", a.status, a.body)
		}
		if a := b.get("/absent"); a.status != 404 {
			t.Errorf("an unknown path: %d", a.status)
		}
	})
}

func TestALongPollOfAPlainHandlerEndsWithItsClient(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b, g := s.open(t), s.gate()
		ctx, cancel := context.WithCancel(t.Context())
		b.hold(g, "GET", "/poll", "", func(r *http.Request) { *r = *r.WithContext(ctx) })
		cancel()
		<-g.left
	})
}

// echo renders an error after the handler has returned, through the response that the layers have let go.
func TestEchoKeepsTheStatusOfItsErrors(t *testing.T) {
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			m := func(_ []Page, layers ...ring.Middleware) http.Handler {
				e := echo.New()
				e.Logger.SetOutput(io.Discard)
				e.Use(echo.WrapMiddleware(ring.Use(layers...)))
				e.POST("/pay", func(c echo.Context) error {
					if err := ring.Amend(c.Request().Context(), theme.Put("dark")); err != nil {
						return err
					}
					return echo.NewHTTPError(http.StatusPaymentRequired, "Too little.")
				})
				e.GET("/account", func(c echo.Context) error { new(Shop).account(c.Response(), c.Request()); return nil })
				return e
			}
			s := newSite(t, f, m, breakage{})
			b := s.open(t)
			a := b.post("/pay")
			wantIn(t, a, http.StatusPaymentRequired, `{"message":"Too little."}`)
			if got := a.header.Get("Content-Type"); got != "application/json" || a.header.Get("Cache-Control") != "no-store" || len(a.set) != 1 {
				t.Errorf("header %v", a.header)
			}
			want(t, "afterwards", b.account(), `live "" {"theme":"dark"}`)
			wantIn(t, b.get("/absent"), 404, `{"message":"Not Found"}`)
			s.table.failing("save", stores.ErrRefused)
			wantIn(t, b.post("/pay"), 402, "Too little.") // nothing changes, so nothing is saved
			wantIn(t, s.open(t).post("/pay"), 503, "503 Service Unavailable")
		})
	}
}

// gin has ways of its own to answer.
func TestGinStreamsAndAborts(t *testing.T) {
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			var s *site
			m := func(_ []Page, layers ...ring.Middleware) http.Handler {
				e := gin.New()
				e.GET("/stream", func(c *gin.Context) {
					_ = ring.Amend(c.Request.Context(), visits.By(1))
					parts := []string{"one ", "two ", "three"}
					c.Stream(func(w io.Writer) bool {
						_, _ = io.WriteString(w, parts[0])
						c.Writer.Flush()
						s.pause(c.Request)
						parts = parts[1:]
						return len(parts) > 0
					})
				})
				e.POST("/abort", func(c *gin.Context) {
					_ = ring.Amend(c.Request.Context(), visits.By(1))
					c.AbortWithStatusJSON(http.StatusTeapot, gin.H{"tea": true})
				})
				e.POST("/status", func(c *gin.Context) {
					_ = ring.Amend(c.Request.Context(), visits.By(1))
					c.Status(http.StatusNoContent)
				})
				return ring.Use(layers...)(e)
			}
			s = newSite(t, f, m, breakage{})
			readParts(t, s.open(t), "/stream", "", "one ", "two ", "three")
			b := s.open(t)
			wantIn(t, b.post("/abort"), http.StatusTeapot, `{"tea":true}`)
			wantIn(t, b.post("/status"), http.StatusNoContent, "")
		})
	}
}
