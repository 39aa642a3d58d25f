package ring_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/signet-go/signet/ring"
)

func boom(ring.Request) ring.Response { panic("secret boom") }

// hidesTheDetail fails unless h answers 500 without the detail and logs it once, with the stack of the panic.
func hidesTheDetail(t *testing.T, h http.Handler) error {
	log := logged(t)
	w := get(h, "/")
	switch s := log.String(); {
	case w.Code != 500:
		return errors.New("status " + http.StatusText(w.Code))
	case strings.Contains(w.Body.String(), "secret"):
		return errors.New("the client sees " + w.Body.String())
	case strings.Count(s, "secret boom") != 1:
		return errors.New("the log has " + s)
	case !strings.Contains(s, "ring_test.boom"):
		return errors.New("no stack in " + s)
	}
	return nil
}

func TestH3_PanicIsAFailedResponse(t *testing.T) {
	page := func(ring.Request, ring.Response) ring.Response { return ring.Text("A page.") }
	n := &notes{}
	for name, h := range map[string]http.Handler{
		"Recover":              ring.Recover(boom),
		"two of them":          ring.Recover(ring.Recover(boom)),
		"inside a session":     n.wrap(ring.Recover(boom)),
		"outside of a session": ring.Recover(n.wrap(boom)),
		"with a page":          ring.OnError(nil, page)(ring.Recover(boom)),
		"behind Use":           ring.Use(ring.Recover)(plain(ring.Handler(boom))),
		"within Use":           ring.Use(n.wrap)(plain(ring.Recover(boom))),
		"in a plain handler":   ring.Use(ring.Recover)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { boom(ring.Request{}) })),
		"behind two Use":       ring.Use(ring.Recover)(plain(ring.Use(n.wrap)(plain(ring.Handler(boom))))),
		"with a page far out":  ring.Use(ring.OnError(nil, page))(plain(ring.Recover(boom))),
	} {
		t.Run(name, func(t *testing.T) {
			if err := hidesTheDetail(t, h); err != nil {
				t.Error(err)
			}
		})
	}
	if n.all() != "" {
		t.Errorf("stored %q", n.all())
	}
	t.Run("the check fails for a handler that tells", func(t *testing.T) {
		tell := func(h ring.Handler) ring.Handler {
			return func(req ring.Request) (resp ring.Response) {
				defer func() { resp = ring.Text(recover().(string)).With(ring.Status(500)) }()
				return h(req)
			}
		}
		if hidesTheDetail(t, tell(boom)) == nil {
			t.Error("a detail reached the client and the check says nothing")
		}
	})
}

func TestRecoverLetsAnAbortPass(t *testing.T) {
	abort := func(ring.Request) ring.Response { panic(http.ErrAbortHandler) }
	for name, h := range map[string]http.Handler{
		"Recover":    ring.Recover(abort),
		"behind Use": ring.Use(ring.Recover)(plain(ring.Handler(abort))),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("recovered %v; want http.ErrAbortHandler", v)
				}
			}()
			get(h, "/")
		})
	}
}

func TestPanicErrorUnwrapsAnError(t *testing.T) {
	cause := errors.New("cause")
	resp := ring.Recover(func(ring.Request) ring.Response { panic(cause) })(ring.Request{})
	var p *ring.PanicError
	if !errors.Is(resp.Err, cause) || !errors.As(resp.Err, &p) || !strings.Contains(string(p.Stack), "TestPanicErrorUnwrapsAnError") {
		t.Errorf("error %v", resp.Err)
	}
}

func TestOnErrorRendersAPageAndLogsOnce(t *testing.T) {
	secret := &ring.Error{Status: 404, Message: "No such user.", Err: errors.New("secret: row 7")}
	fail := func(ring.Request) ring.Response { return ring.Fail(secret) }
	for _, c := range []struct {
		name   string
		render func(ring.Request, ring.Response) ring.Response
		status int
		body   string
	}{
		{"nil leaves the text", nil, 404, "404 Not Found\nNo such user.\n"},
		{"a page keeps the status", func(ring.Request, ring.Response) ring.Response { return ring.Text("page") }, 404, "page"},
		{"a body alone is enough", func(ring.Request, ring.Response) ring.Response { return ring.Response{Body: ring.TextBody("page")} }, 404, "page"},
		{"the zero Response leaves the text", func(ring.Request, ring.Response) ring.Response { return ring.Response{} }, 404, "404 Not Found\nNo such user.\n"},
		{"a status of its own", func(_ ring.Request, r ring.Response) ring.Response { return ring.Text("page").With(ring.Status(410)) }, 410, "page"},
		{"a redirect", func(ring.Request, ring.Response) ring.Response { return ring.Redirect("/login") }, 303, ""},
		{"it sees status and error", func(_ ring.Request, r ring.Response) ring.Response {
			if r.Status != 404 || !errors.Is(r.Err, secret) {
				return ring.Text("not seen")
			}
			return ring.Text("seen")
		}, 404, "seen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fallback := logged(t)
			var mine syncBuffer
			layer := ring.OnError(slog.New(slog.NewTextHandler(&mine, nil)), c.render)
			for name, h := range map[string]http.Handler{
				"direct": layer(fail), "two of them": layer(layer(fail)), "behind Use": ring.Use(layer)(plain(ring.Handler(fail))),
			} {
				mine.b.Reset()
				w := get(h, "/")
				wantBody(t, w, c.status, c.body)
				if s := mine.String(); strings.Count(s, "secret: row 7") != 1 || !strings.Contains(s, "level=INFO") || fallback.String() != "" {
					t.Errorf("%s: log %q, by default %q", name, s, fallback)
				}
			}
		})
	}
	t.Run("the Err stays for layers outside", func(t *testing.T) {
		logged(t)
		n := &notes{}
		page := func(ring.Request, ring.Response) ring.Response {
			return ring.Text("page").With(putNote("from the page"))
		}
		h := n.wrap(ring.OnError(nil, page)(fail))
		wantBody(t, get(h, "/"), 404, "page")
		if n.all() != "" {
			t.Errorf("stored %q", n.all())
		}
	})
	t.Run("a success is left alone", func(t *testing.T) {
		log := logged(t)
		wantBody(t, get(ring.OnError(nil, nil)(writePlain), "/"), 200, "plain")
		if log.String() != "" {
			t.Errorf("log %q", log)
		}
	})
}

func TestH3_FailedResponseSetsNoCookieAndStoresNothing(t *testing.T) {
	for name, err := range map[string]error{"failed": errors.New("failed"), "a page of 404": &ring.Error{Status: 404}} {
		t.Run(name, func(t *testing.T) {
			if err := changesNothing(t, func(ring.Request) ring.Response { return ring.Fail(err).With(putNote("x")) }); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("the check fails for a status without an Err", func(t *testing.T) {
		h := func(ring.Request) ring.Response { return ring.Text("form").With(ring.Status(422), putNote("x")) }
		if changesNothing(t, h) == nil {
			t.Error("a page that isn't failed saves, and the check says nothing")
		}
	})
}

func changesNothing(t *testing.T, h ring.Handler) error {
	logged(t)
	n := &notes{}
	cookie := header("Set-Cookie", "a=1")
	for _, m := range []http.Handler{n.wrap(cookie(h)), cookie(n.wrap(h)), ring.Use(cookie, n.wrap)(plain(cookie(h)))} {
		if w := get(m, "/"); n.all() != "" || len(w.Header()["Set-Cookie"]) > 0 {
			return errors.New("stored " + n.all() + ", header " + strings.Join(w.Header()["Set-Cookie"], ";"))
		}
	}
	return nil
}

// A failure that says nothing but that there is nothing would stand beside the line of Log.
func TestARefusalIsNoFailureOfTheProgram(t *testing.T) {
	cause := errors.New("cause")
	missing := func(ring.Request) ring.Response { return ring.File(fstest.MapFS{}, "favicon.ico") }
	fail := func(err error) ring.Handler { return func(ring.Request) ring.Response { return ring.Fail(err) } }
	for _, c := range []struct {
		name, want string // a line of the log, or none
		h          ring.Handler
	}{
		{"a path that leads nowhere", "", fail(&ring.Error{Status: 404})},
		{"another method", "", fail(&ring.Error{Status: 405})},
		{"no such file", "", missing},
		{"a page with a message", "level=INFO msg=\"request refused\"", fail(&ring.Error{Status: 404, Message: "No such user."})},
		{"a refusal with a cause", "level=INFO msg=\"request refused\"", fail(&ring.Error{Status: 404, Err: cause})},
		{"another error of a client", "level=INFO msg=\"request refused\"", fail(&ring.Error{Status: 403, Err: cause})},
		{"a status with another error", "level=INFO msg=\"request refused\"", func(ring.Request) ring.Response { return ring.Response{Status: 404, Err: cause} }},
		{"a failure", "level=ERROR msg=\"request failed\"", fail(cause)},
		{"one without a cause", "level=ERROR msg=\"request failed\"", fail(&ring.Error{Status: 503})},
		{"a redirect that failed", "level=ERROR msg=\"request failed\"", func(ring.Request) ring.Response { return ring.Response{Status: 303, Err: cause} }},
	} {
		for where, h := range map[string]http.Handler{
			"alone": c.h, "in OnError": ring.OnError(nil, nil)(c.h), "in Use": ring.Use()(plain(c.h)),
			"in OnError, twice": ring.OnError(nil, nil)(ring.OnError(nil, nil)(c.h)),
		} {
			t.Run(c.name+"/"+where, func(t *testing.T) {
				log := logged(t)
				get(h, "/")
				if s := log.String(); c.want == "" && s != "" || c.want != "" && (strings.Count(s, "\n") != 1 || !strings.Contains(s, c.want)) {
					t.Errorf("log %q; want %q", s, c.want)
				}
			})
		}
	}
}

func TestPanicWithoutRecoverReachesNetHTTPWithItsStack(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"alone":      ring.Handler(boom),
		"behind Use": ring.Use()(plain(ring.Handler(boom))),
		"behind two": ring.Use()(plain(ring.Use()(plain(ring.Handler(boom))))),
	} {
		t.Run(name, func(t *testing.T) {
			var b syncBuffer
			srv := httptest.NewUnstartedServer(h)
			srv.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(&b, nil), slog.LevelError)
			srv.Start()
			if resp, err := srv.Client().Get(srv.URL); err == nil {
				t.Errorf("status %d; want an aborted connection", resp.StatusCode)
				_ = resp.Body.Close()
			}
			srv.Close()
			if s := b.String(); !strings.Contains(s, "secret boom") || !strings.Contains(s, "ring_test.boom") || strings.Contains(s, "[103 111") {
				t.Errorf("log %q; want the panic and where it came from", s)
			}
		})
	}
}

func TestOnErrorKeepsWhatTheStatusMustComeWith(t *testing.T) {
	onError := ring.OnError(nil, func(ring.Request, ring.Response) ring.Response { return ring.Text("not so") })
	resp := onError(func(ring.Request) ring.Response {
		return ring.Fail(&ring.Error{Status: 405}).With(ring.SetHeader("Allow", "GET, HEAD"))
	})(ring.NewRequest("POST", "/", nil))
	if got := resp.Header.Get("Allow"); got != "GET, HEAD" || resp.Status != 405 {
		t.Errorf("Allow %q with %d", got, resp.Status)
	}
}
