package session_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func TestH2_TheStoreHasCommittedBeforeTheFirstByte(t *testing.T) {
	table := &gate{Table: memory.NewTable()}
	for name, body := range map[string]ring.Handler{
		"text": func(ring.Request) ring.Response { return ring.Text("x") },
		"stream": func(ring.Request) ring.Response {
			return ring.Stream("text/plain", func(w ring.Writer) error { _, err := w.WriteString("x"); return err })
		},
		"http": ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) })),
	} {
		app := chain(table, session.Options{})(func(req ring.Request) ring.Response {
			return body(req).With(visits.By(1))
		})
		w := &spy{ResponseRecorder: httptest.NewRecorder(), table: table}
		table.log()
		app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.before != "save" || w.Header().Get("Set-Cookie") == "" {
			t.Errorf("%s: store calls before the first byte: %q; want the save", name, w.before)
		}
	}
}

// spy notes which store calls came before the head is written.
type spy struct {
	*httptest.ResponseRecorder
	table  *gate
	before string
	wrote  bool
}

func (s *spy) WriteHeader(status int) {
	if !s.wrote {
		s.wrote, s.before = true, s.table.log()
	}
	s.ResponseRecorder.WriteHeader(status)
}

func (s *spy) Write(b []byte) (int, error) {
	if !s.wrote {
		s.WriteHeader(200)
	}
	return s.ResponseRecorder.Write(b)
}

func TestH3_AFailedResponseChangesNothing(t *testing.T) {
	failing := routes{
		"/fail":  common["/fail"],
		"/panic": func(ring.Request) ring.Response { panic("oops") },
		"/zero":  func(ring.Request) ring.Response { return ring.Response{}.With(session.Login("eve"), visits.By(1)) },
		"/bad": func(req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(session.Key[func()]("f").Set(session.From(req), func() {})), session.Login("eve"))
		},
		"/attempt": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return visits.Add(s, 1), ring.Fail(http.ErrNotSupported).With(session.Login("eve"))
			})
		},
		"/attempt-panic": func(ring.Request) ring.Response {
			return session.Attempt(func(session.Session) (session.Session, ring.Response) { panic("oops") })
		},
		"/update-panic": func(ring.Request) ring.Response {
			return ring.Text("").With(session.Login("eve"), session.Update(func(session.Session) session.Session { panic("oops") }))
		},
		"/header": func(ring.Request) ring.Response {
			return ring.Text("").With(ring.SetHeader("X-Bad", "a\r\nSet-Cookie: x=y"), session.Login("eve"))
		},
		"/cookie": func(ring.Request) ring.Response {
			return ring.Text("").With(ring.AddHeader("Set-Cookie", "__Host-session-owner=x; Path=/; Secure"), session.Login("eve"))
		},
	}
	onError := ring.OnError(nil, func(_ ring.Request, resp ring.Response) ring.Response {
		return ring.Text("sorry").With(ring.Status(resp.Status))
	})
	chains := map[string]func(ring.Middleware) ring.Middleware{
		"OnError outside": func(w ring.Middleware) ring.Middleware { return ring.Chain(onError, ring.Recover, w) },
		"OnError inside":  func(w ring.Middleware) ring.Middleware { return ring.Chain(ring.Recover, w, onError, ring.Recover) },
	}
	for name, outer := range chains {
		for path := range failing {
			s := newSite(t, common.serve)
			v := s.visitor()
			v.get("/dark")
			h := outer(chain(s.table, session.Options{Now: s.clock}))(failing.serve)
			before := s.app
			s.app = h
			s.table.log()
			a := v.get(path)
			if a.status != 500 || len(a.set) != 0 || strings.Contains(a.body, "oops") {
				t.Errorf("%s, %s: %d %q %v", name, path, a.status, a.body, a.set)
			}
			wantCalls(t, s, "load")
			s.app = before
			if got := v.get("/show").body; got != `live  {"theme":"dark"}` {
				t.Errorf("%s, %s: stored %s", name, path, got)
			}
		}
	}
}

func TestH3_AStatusIsOnlyANumber(t *testing.T) {
	s := newSite(t, routes{
		"/form": func(req ring.Request) ring.Response {
			return ring.Text("again").With(ring.Status(422), session.Set(theme.Set(session.From(req), "dark")))
		}, "/read": common["/read"],
	}.serve)
	v := s.visitor()
	if a := v.post("/form"); a.status != 422 {
		t.Errorf("%d", a.status)
	}
	if got := v.get("/read").body; got != "dark" {
		t.Errorf("a 422 page saved %q", got)
	}
}

func TestH4_AMissingWrapIsNamed(t *testing.T) {
	wrap := session.Wrap(memory.New(), session.Options{})
	silence := func(h ring.Handler) ring.Handler { return h }
	if around := variants[os.Getenv(breakVariable)].around; around != nil {
		silence = around
	}
	var failure error
	watch := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			failure = resp.Failure(req)
			return resp
		}
	}
	const notice flash.Key[string] = "notice"
	for name, c := range map[string]struct {
		h    ring.Handler
		want string
	}{
		"From without Wrap":        {func(req ring.Request) ring.Response { return ring.Text(theme.Get(session.From(req))) }, "session.Wrap is missing"},
		"Set without Wrap":         {func(ring.Request) ring.Response { return ring.Text("").With(session.Set(session.Session{})) }, "session.Wrap is missing"},
		"Attempt without Wrap":     {func(ring.Request) ring.Response { return session.Attempt(nil) }, "session.Wrap is missing"},
		"a named one without":      {wrap(func(req ring.Request) ring.Response { return ring.Text(theme.Get(session.Named("basket").From(req))) }), `session.Named("basket")`},
		"flash.Put without Wrap":   {wrap(func(ring.Request) ring.Response { return ring.Text("").With(notice.Put("x"), visits.By(1)) }), "flash.Wrap is missing"},
		"flash.Get without Wrap":   {wrap(func(req ring.Request) ring.Response { return ring.Text(notice.Get(req)).With(visits.By(1)) }), "flash.Wrap is missing"},
		"flash without session":    {flash.Wrap(func(ring.Request) ring.Response { return ring.Text("").With(notice.Put("x")) }), "session.Wrap is missing"},
		"FromContext without Wrap": {ring.Use()(greetsUnlessBanned).(ring.Handler), "session.Wrap is missing"},
		"flash outside of session": {flash.Wrap(wrap(func(ring.Request) ring.Response { return ring.Text("").With(notice.Put("x"), visits.By(1)) })), "session.Wrap is missing"},
	} {
		w := httptest.NewRecorder()
		watch(silence(c.h)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != 500 || failure == nil || !strings.Contains(failure.Error(), c.want) || strings.Contains(w.Body.String(), "Wrap") {
			t.Errorf("%s: %d, %v; want a failure that says %s", name, w.Code, failure, c.want)
		}
		if w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: a cookie is set", name)
		}
	}
}

func TestH4_AMissingFlashWrapShowsWithoutAServer(t *testing.T) {
	const notice flash.Key[string] = "notice"
	store := memory.New()
	wrap := session.Wrap(store, session.Options{})
	for name, h := range map[string]ring.Handler{
		"a message":                 func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("x")) },
		"a message beside a change": func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("x"), visits.By(1)) },
		"a message of an attempt": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return theme.Set(s, "dark"), ring.Redirect("/").With(notice.Put("x"))
			})
		},
	} {
		resp := wrap(h)(ring.NewRequest("POST", "/", nil))
		if resp.Status != 500 || resp.Err == nil || !strings.Contains(resp.Err.Error(), "flash.Wrap is missing") || store.Len() != 0 {
			t.Errorf("%s: %d, %v, %d sessions; want a failure that names flash.Wrap, and none", name, resp.Status, resp.Err, store.Len())
		}
		if resp = h(ring.NewRequest("POST", "/", nil)); resp.Err != nil {
			t.Errorf("%s: the handler alone: %v; want no failure", name, resp.Err)
		}
	}
	if resp := wrap(func(ring.Request) ring.Response { return ring.Response{} })(ring.NewRequest("GET", "/", nil)); resp.Err != nil || resp.Status != 0 {
		t.Errorf("the zero Response becomes %d, %v", resp.Status, resp.Err)
	}
}

func TestH4_AHandlerCalledAsAFunctionSeesTheEmptySession(t *testing.T) {
	resp := common["/read"](ring.NewRequest("GET", "/read", nil))
	if text, _ := resp.Body.Text(); text != "" || resp.Err != nil {
		t.Errorf("%q %v", text, resp.Err)
	}
}

func TestTwoWrapsOfOneSessionAreAFailureThatSaysSo(t *testing.T) {
	wrap := session.Wrap(memory.New(), session.Options{})
	other := session.Wrap(memory.New(), session.Options{Slot: session.Named("other"), Cookie: http.Cookie{Name: "__Host-session", Secure: true}})
	for _, inner := range []ring.Middleware{wrap, other} {
		resp := ring.Chain(wrap, inner)(common.serve)(ring.NewRequest("GET", "/dark", nil))
		if resp.Err == nil || !strings.Contains(resp.Err.Error(), "two layers") {
			t.Errorf("%v", resp.Err)
		}
	}
}

func TestSeveralSessionsSideBySide(t *testing.T) {
	basket := session.Named("basket")
	const items session.Counter = "items"
	app := ring.Chain(
		session.Wrap(memory.New(), session.Options{}),
		session.Wrap(memory.New(), session.Options{Slot: basket}),
	)(routes{
		"/add": func(req ring.Request) ring.Response {
			return ring.Text("").With(basket.Set(items.Add(basket.From(req), 1)))
		},
		"/both": func(req ring.Request) ring.Response {
			return ring.Text("").With(visits.By(1), basket.Update(func(s session.Session) session.Session { return items.Add(s, 1) }))
		},
		"/end": func(ring.Request) ring.Response { return ring.Text("").With(basket.Delete) },
		"/show": func(req ring.Request) ring.Response {
			return ring.Text(session.From(req).String() + basket.From(req).String())
		},
	}.serve)
	v := (&site{t: t, app: app}).visitor()
	v.get("/add")
	if len(v.cookies) != 1 || v.cookies["__Host-basket"] == "" {
		t.Errorf("cookies %v", v.cookies)
	}
	v.get("/both")
	if got := v.get("/show").body; got != `{"visits":1}{"items":2}` {
		t.Errorf("stored %s", got)
	}
	v.get("/end")
	if got := v.get("/show").body; got != `{"visits":1}{}` {
		t.Errorf("stored %s", got)
	}
}

func TestH3_AFailedAttemptOfOneSessionLeavesTheOtherAlone(t *testing.T) {
	basket := session.Named("basket")
	store, baskets := memory.New(), memory.New()
	fail := func(ring.Request) ring.Response {
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			return visits.Add(s, 1), ring.Fail(http.ErrNotSupported)
		}).With(basket.Update(func(s session.Session) session.Session { return theme.Set(s, "x") }))
	}
	app := ring.Chain(session.Wrap(baskets, session.Options{Slot: basket}), session.Wrap(store, session.Options{}))(fail)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || store.Len() != 0 || baskets.Len() != 0 || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d, %d and %d sessions, cookies %v", w.Code, store.Len(), baskets.Len(), w.Result().Cookies())
	}
}

func TestAnAttemptThatRunsAgainCommitsTheOtherSessionOnce(t *testing.T) {
	basket := session.Named("basket")
	const items session.Counter = "items"
	table := &gate{Table: memory.NewTable()}
	app := ring.Chain(
		session.Wrap(memory.New(), session.Options{Slot: basket}),
		session.Wrap(stores.Keep(table), session.Options{}),
	)(routes{
		"/both": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return visits.Add(s, 1), ring.Text("both")
			}).With(basket.Update(func(s session.Session) session.Session { return items.Add(s, 1) }))
		},
		"/count": common["/count"],
		"/show": func(req ring.Request) ring.Response {
			return ring.Text(session.From(req).String() + basket.From(req).String())
		},
	}.serve)
	s := &site{t: t, app: app, table: table}
	v := s.visitor()
	v.get("/count")
	a := late(t, s, v, "GET", "/both", func() { v.get("/count") })
	v.take(a)
	if got := v.get("/show").body; got != `{"visits":3}{"items":1}` {
		t.Errorf("stored %s", got)
	}
}

func TestLogInsideOfWrapWritesOneLineAfterAConflict(t *testing.T) {
	var b strings.Builder
	var s *site
	var v *visitor
	raced := false
	s = newSite(t, ring.Log(slog.New(slog.NewTextHandler(&b, nil)))(routes{
		"/count": func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) },
		"/coupon": func(ring.Request) ring.Response {
			return session.Attempt(func(in session.Session) (session.Session, ring.Response) {
				if !raced {
					raced = true
					v.post("/count")
					return visits.Add(in, 1), ring.Text("yours")
				}
				return in, ring.Text("gone").With(ring.Status(http.StatusGone))
			})
		},
	}.serve))
	v = s.visitor()
	v.post("/count")
	b.Reset()
	if a := v.post("/coupon"); a.status != http.StatusGone {
		t.Fatalf("answered %d", a.status)
	}
	if strings.Count(b.String(), "path=/coupon") != 1 || !strings.Contains(b.String(), "path=/coupon status=410") {
		t.Errorf("log %q; want one line with 410", b.String())
	}
}

// banned is what greetsUnlessBanned reads.
const banned session.Key[bool] = "banned"

// greetsUnlessBanned is a handler of net/http that lets nobody in who is banned.
var greetsUnlessBanned = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if banned.Get(session.FromContext(r.Context())) {
		http.Error(w, "banned", http.StatusForbidden)
		return
	}
	fmt.Fprint(w, "hello ", session.Info(ring.FromContext(r.Context())).Owner)
})

// A handler that FromHTTP mounts runs when the layers have returned, so its failure comes where it would write.
func TestH4_AForeignHandlerThatReadsNoSessionAnswersNothing(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"it writes":         greetsUnlessBanned,
		"it writes nothing": func(_ http.ResponseWriter, r *http.Request) { session.FromContext(r.Context()) },
		"it flushes": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5")
			session.FromContext(r.Context())
			if http.NewResponseController(w).Flush() == nil {
				t.Error("flushed")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := captureLog(t)
			w := httptest.NewRecorder()
			ring.FromHTTP(h).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code != 500 || w.Body.String() != "500 Internal Server Error\n" || w.Header().Get("Content-Length") != "" {
				t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
			}
			if strings.Count(b.String(), "session.Wrap is missing") != 1 {
				t.Errorf("log %q; want one line that names session.Wrap", b.String())
			}
		})
	}
}

func TestAPlainHandlerReadsTheSessionThatCame(t *testing.T) {
	wrap := session.Wrap(memory.New(), session.Options{})
	login := wrap(func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Login(req.Query("as")), banned.Put(req.Query("as") == "mallory"))
	})
	cookieOf := func(name string) string {
		w := httptest.NewRecorder()
		login.ServeHTTP(w, httptest.NewRequest("POST", "/?as="+name, nil))
		for _, c := range w.Result().Cookies() {
			if c.Value != "" {
				return c.Name + "=" + c.Value
			}
		}
		t.Fatalf("no cookie for %s", name)
		return ""
	}
	mallory, ann := cookieOf("mallory"), cookieOf("ann")
	between := func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Hour, "") }
	for name, h := range map[string]http.Handler{
		"Use":                      ring.Use(wrap)(greetsUnlessBanned),
		"Use and TimeoutHandler":   ring.Use(wrap)(between(greetsUnlessBanned)),
		"FromHTTP":                 wrap(ring.FromHTTP(greetsUnlessBanned)),
		"FromHTTP in a Use":        ring.Use(wrap)(between(ring.FromHTTP(greetsUnlessBanned))),
		"Use in FromHTTP":          wrap(ring.FromHTTP(ring.Use()(greetsUnlessBanned))),
		"Wrap in Use in FromHTTP":  ring.FromHTTP(ring.Use(wrap)(greetsUnlessBanned)),
		"a change on the way in":   ring.Use(wrap, always(banned.Put(true)))(greetsUnlessBanned),
		"a change by another Wrap": ring.Use(session.Wrap(memory.New(), session.Options{Slot: session.Named("basket")}), wrap)(greetsUnlessBanned),
	} {
		for _, c := range []struct{ cookie, body string }{{mallory, "banned\n"}, {ann, "hello ann"}, {"", "hello "}} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", c.cookie)
			h.ServeHTTP(w, r)
			if w.Body.String() != c.body {
				t.Errorf("%s: %d %q; want %q", name, w.Code, w.Body, c.body)
			}
		}
		if name == "a change on the way in" { // Ann is banned by now
			ann = cookieOf("ann")
		}
	}
}

func TestFromContextReadsTheSessionInAForeignHandler(t *testing.T) {
	s := newSite(t, routes{
		"/dark": common["/dark"],
		"/http": ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(theme.Get(session.FromContext(r.Context()))))
		})),
	}.serve)
	v := s.visitor()
	v.get("/dark")
	if got := v.get("/http").body; got != "dark" {
		t.Errorf("read %q", got)
	}
	if session.FromContext(context.Background()).Len() != 0 {
		t.Error("a session without a request")
	}
}
