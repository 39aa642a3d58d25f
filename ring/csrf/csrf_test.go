package csrf_test

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	m.Run()
}

var (
	form  = template.Must(template.New("").Parse(`<form action="/save" method="post">{{.}}<button>Save</button></form>`))
	theme = session.Key[string]("theme")
	saved = session.Counter("saved")
)

func tokenPage(req ring.Request) ring.Response { return ring.Text(csrf.Token(req)) }

// site is what the tests protect. /save counts, so that its session tells what got through.
func site() ring.Handler {
	to := func(changes ...ring.Change) ring.Handler {
		return func(ring.Request) ring.Response { return ring.Redirect("/count").With(changes...) }
	}
	return route.New(
		route.Get("/form", func(req ring.Request) ring.Response { return ring.HTML(form, csrf.Field(req)) }),
		route.Get("/token", tokenPage),
		route.Get("/plain", func(ring.Request) ring.Response { return ring.Text("plain") }),
		route.Get("/count", func(req ring.Request) ring.Response {
			return ring.Text(fmt.Sprint(saved.Get(session.From(req))))
		}),
		route.Post("/save", to(saved.By(1))),
		route.Post("/theme", to(theme.Put("dark"))),
		route.Post("/clear", func(req ring.Request) ring.Response {
			return ring.Redirect("/count").With(session.Set(session.From(req).Clear()))
		}),
		route.Post("/replace", to(session.Set(theme.Set(session.Session{}, "light")))),
		route.Post("/login", to(session.Login("ann"))),
		route.Post("/renew", to(session.Renew)),
		route.Post("/logout", to(session.Delete)),
		route.Post("/hook", to(saved.By(1))),
		route.Post("/fail", func(ring.Request) ring.Response { return ring.Fail(errors.New("broken")) }),
	)
}

// silent removes what browsers tell about where a request comes from, as if none did.
func silent(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		req.Header = req.Header.Del("Origin").Del("Sec-Fetch-Site")
		return h(req)
	}
}

// visit opens a browser whose requests say where they come from, or don't.
func visit(t *testing.T, tells bool, o csrf.Options, options ...ringtest.Option) *ringtest.Browser {
	t.Helper()
	layers := []ring.Middleware{session.Wrap(memory.New(), session.Options{}), csrf.Wrap(o)}
	if !tells {
		layers = append([]ring.Middleware{silent}, layers...)
	}
	return ringtest.New(t, ring.Chain(layers...)(site()), options...)
}

func token(t *testing.T, b *ringtest.Browser) string {
	t.Helper()
	token := strings.TrimSpace(b.Fetch("GET", "/token").Body)
	if len(token) != 86 {
		t.Fatalf("the token has %d characters", len(token))
	}
	return token
}

const field = "__anti-forgery-token"

func wantStatus(t *testing.T, page *ringtest.Page, status int) {
	t.Helper()
	if page.Status != status {
		t.Errorf("status %d; want %d", page.Status, status)
	}
}

func TestABrowserThatTellsItsOriginNeedsNoToken(t *testing.T) {
	b := visit(t, true, csrf.Options{})
	wantStatus(t, b.Post("/save"), 200)
	wantStatus(t, b.Post("/login"), 200)
	wantStatus(t, b.Post("/save"), 200)
}

func TestARequestOfAnotherOriginIsRefused(t *testing.T) {
	for name, header := range map[string][]string{
		"another site":                 {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		"a sister site":                {"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.com"},
		"another site, Origin alone":   {"Origin", "https://evil.example"},
		"a sandboxed frame":            {"Origin", "null"},
		"a frame, with fetch metadata": {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
		"the same host over http":      {"Origin", "http://example.com"},
		"the same host, another port":  {"Origin", "https://example.com:8443"},
		"no origin at all":             {"Origin", "chrome-extension://abc"},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "post"} {
			t.Run(name+" "+method, func(t *testing.T) {
				called := false
				h := ring.Chain(session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(func(ring.Request) ring.Response {
					called = true
					return ring.Text("done")
				})
				req := ring.NewRequest(method, "/save", nil)
				req.Scheme, req.Host = "https", "example.com"
				for i := 0; i < len(header); i += 2 {
					req = req.WithHeader(header[i], header[i+1])
				}
				resp := h(req)
				if resp.Status != http.StatusForbidden || called || !errors.Is(resp.Err, csrf.ErrCrossOrigin) {
					t.Errorf("status %d, error %v, called: %v; want 403 and the handler not called", resp.Status, resp.Err, called)
				}
			})
		}
	}
}

func TestASafeMethodIsLetThroughWhateverItsOrigin(t *testing.T) {
	h := ring.Chain(session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(func(ring.Request) ring.Response { return ring.Text("") })
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		req := ring.NewRequest(method, "/", nil).WithHeader("Sec-Fetch-Site", "cross-site").WithHeader("Origin", "null")
		if resp := h(req); resp.Status != 200 {
			t.Errorf("%s: status %d", method, resp.Status)
		}
	}
}

func TestWithoutAnOriginASessionNeedsItsToken(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	wantStatus(t, b.Post("/save"), 200) // there is no session, in whose name anything could be done
	wantStatus(t, b.Post("/save"), 403)
	mine := token(t, b)
	wantStatus(t, b.Post("/save", field, mine), 200)
	wantStatus(t, b.Post("/save", field, mine), 200)
	wantStatus(t, b.Post("/save", field, token(t, b)), 200)

	other := visit(t, false, csrf.Options{})
	for name, wrong := range map[string]string{
		"none": "", "another session's": token(t, other), "cut": mine[:85], "longer": mine + "A", "no base64": strings.Repeat("!", 86),
		"changed": mine[:85] + string(mine[85]^1), "zeros": strings.Repeat("A", 86),
	} {
		if page := b.Post("/save", field, wrong); page.Status != 403 {
			t.Errorf("%s: status %d", name, page.Status)
		}
	}
	if n := b.Get("/count").Body; n != "4" {
		t.Errorf("saved %s times; want 4", n)
	}
}

func TestATokenComesInAFieldOrAHeader(t *testing.T) {
	for name, c := range map[string]struct {
		options csrf.Options
		field   string
		header  string
		status  int
	}{
		"the field":             {csrf.Options{}, field, "", 200},
		"another field":         {csrf.Options{}, "token", "", 403},
		"a field of one's own":  {csrf.Options{Field: "token"}, "token", "", 200},
		"then not the other":    {csrf.Options{Field: "token"}, field, "", 403},
		"X-CSRF-Token":          {csrf.Options{}, "", "X-CSRF-Token", 200},
		"X-XSRF-Token":          {csrf.Options{}, "", "X-XSRF-Token", 200},
		"an unknown header":     {csrf.Options{}, "", "X-Token", 403},
		"a header of one's own": {csrf.Options{Headers: []string{"X-Token"}}, "", "X-Token", 200},
		"no headers":            {csrf.Options{Headers: []string{}}, "", "X-CSRF-Token", 403},
	} {
		t.Run(name, func(t *testing.T) {
			b := visit(t, false, c.options)
			mine := token(t, b)
			var fields []string
			if c.field != "" {
				fields = []string{c.field, mine}
			}
			r := ringtest.Post("/save", fields...)
			if c.header != "" {
				r = r.WithHeader(c.header, mine)
			}
			wantStatus(t, b.Do(r), c.status)
		})
	}
}

func TestAFormHasItsToken(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	b.Get("/form")
	wantStatus(t, b.Submit(""), 200)
	if n := b.Get("/count").Body; n != "1" {
		t.Errorf("saved %s times; want once", n)
	}
}

func TestEachPageHasAnotherTextOfTheToken(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	first, second := token(t, b), token(t, b)
	if first == second {
		t.Error("two pages have the same text")
	}
}

func TestAPageWithoutATokenGivesNobodyASession(t *testing.T) {
	b := visit(t, true, csrf.Options{})
	if page := b.Get("/plain"); len(b.Cookies()) != 0 || page.Header.Get("Vary") != "" {
		t.Errorf("cookies %v, Vary %q", b.Cookies(), page.Header.Get("Vary"))
	}
	if b.Get("/form"); len(b.Cookies()) != 1 {
		t.Errorf("a page with a form sets %d cookies", len(b.Cookies()))
	}
}

func TestAPageWithATokenIsInNoSharedCache(t *testing.T) {
	b := visit(t, true, csrf.Options{})
	for range 2 { // the one that stores the secret, and one that doesn't
		h := b.Get("/form").Header
		if !strings.Contains(strings.Join(h.HTTP()["Vary"], ","), "Cookie") {
			t.Errorf("Vary: %q", h.HTTP()["Vary"])
		}
		if c := h.Get("Cache-Control"); !strings.Contains(c, "private") && !strings.Contains(c, "no-store") {
			t.Errorf("Cache-Control: %q", c)
		}
	}
}

func TestALogInAndARenewalEndTheToken(t *testing.T) {
	for _, path := range []string{"/login", "/renew"} {
		t.Run(path, func(t *testing.T) {
			b := visit(t, false, csrf.Options{})
			old := token(t, b)
			wantStatus(t, b.Post(path, field, old), 200)
			wantStatus(t, b.Post("/save", field, old), 403)
			wantStatus(t, b.Post("/save", field, token(t, b)), 200)
		})
	}
}

func TestChangedValuesLeaveTheTokenAlone(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	mine := token(t, b)
	for _, path := range []string{"/theme", "/replace", "/clear", "/save"} {
		wantStatus(t, b.Post(path, field, mine), 200)
	}
}

func TestALogOutEndsTheToken(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	mine := token(t, b)
	b.Post("/login", field, mine)
	mine = token(t, b)
	wantStatus(t, b.Post("/logout", field, mine), 200)
	b.Post("/theme") // a new session
	wantStatus(t, b.Post("/save", field, mine), 403)
}

// A page that is made beside a log-out asks for a token of the session that has ended.
func TestC4_APageWithATokenBringsNoSessionBack(t *testing.T) {
	store := memory.New()
	began, goOn := make(chan struct{}), make(chan struct{})
	h := ring.Chain(session.Wrap(store, session.Options{}), csrf.Wrap(csrf.Options{}))(route.New(
		route.Post("/login", func(ring.Request) ring.Response { return ring.Text("").With(session.Login("ann")) }),
		route.Post("/logout", func(ring.Request) ring.Response { return ring.Text("").With(session.Delete) }),
		route.Get("/slow", func(req ring.Request) ring.Response {
			resp := tokenPage(req)
			close(began)
			<-goOn
			return resp
		}),
	))
	b := ringtest.New(t, h)
	b.Post("/login")
	tab := b.Tab()
	var done sync.WaitGroup
	done.Go(func() { tab.Get("/slow") })
	<-began
	b.Post("/logout")
	close(goOn)
	done.Wait()
	if len(b.Cookies()) != 0 {
		t.Errorf("after the log-out there are cookies")
	}
	if n := store.Len(); n != 0 {
		t.Errorf("the store has %d sessions", n)
	}
}

// Each of several pages that store the first secret of a session at once has a token that works.
func TestTokensOfPagesThatAreMadeAtOnceAllWork(t *testing.T) {
	const pages = 4
	var all sync.WaitGroup
	all.Add(pages)
	h := ring.Chain(silent, session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(route.New(
		route.Post("/begin", func(ring.Request) ring.Response { return ring.Text("").With(theme.Put("dark")) }),
		route.Get("/token", func(req ring.Request) ring.Response {
			resp := tokenPage(req)
			all.Done()
			all.Wait()
			return resp
		}),
		route.Post("/save", func(ring.Request) ring.Response { return ring.Text("") }),
	))
	b := ringtest.New(t, h)
	b.Post("/begin")
	tokens := make([]string, pages)
	var done sync.WaitGroup
	for i := range tokens {
		done.Go(func() { tokens[i] = b.Tab().Get("/token").Body })
	}
	done.Wait()
	for i, token := range tokens {
		if page := b.Post("/save", field, token); page.Status != 200 {
			t.Errorf("page %d: status %d", i, page.Status)
		}
	}
}

func TestNobodyIsLoggedInByARequestOfUnknownOrigin(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	wantStatus(t, b.Post("/login"), 403)
	if len(b.Cookies()) != 0 {
		t.Error("the refused log-in sets a cookie")
	}
	wantStatus(t, b.Post("/login", field, token(t, b)), 200)

	exempt := visit(t, false, csrf.Options{Exempt: []string{"POST /login"}})
	wantStatus(t, exempt.Post("/login"), 200)
}

func TestTrustedOriginsAndExemptPathsAreLetThrough(t *testing.T) {
	o := csrf.Options{TrustedOrigins: []string{"https://pay.example"}, Exempt: []string{"POST /hook", "/theme/"}}
	b := visit(t, true, o)
	for _, c := range []struct {
		path, origin string
		status       int
	}{
		{"/save", "https://pay.example", 303}, {"/save", "https://evil.example", 403}, {"/save", "http://pay.example", 403},
		{"/hook", "https://evil.example", 303}, {"/hook/more", "https://evil.example", 403},
		{"/theme", "https://evil.example", 403}, // the pattern would redirect it
	} {
		r := ringtest.Post(c.path).WithHeader("Origin", c.origin).WithHeader("Sec-Fetch-Site", "cross-site")
		if page := b.Do(r); page.Status != c.status && !(c.status == 303 && page.Status == 200) {
			t.Errorf("%s from %s: status %d; want %d", c.path, c.origin, page.Status, c.status)
		}
	}
}

func TestASafeHeaderTakesThePlaceOfATokenAndOfNothingElse(t *testing.T) {
	b := visit(t, false, csrf.Options{SafeHeader: "X-Requested-With"})
	b.Post("/theme")
	wantStatus(t, b.Post("/save"), 403)
	wantStatus(t, b.Do(ringtest.Post("/save").WithHeader("X-Requested-With", "fetch")), 200)

	other := visit(t, true, csrf.Options{SafeHeader: "X-Requested-With"})
	r := ringtest.Post("/save").WithHeader("X-Requested-With", "fetch").WithHeader("Sec-Fetch-Site", "cross-site").WithHeader("Origin", "https://evil.example")
	wantStatus(t, other.Do(r), 403)
}

func TestAlwaysDemandsTheToken(t *testing.T) {
	b := visit(t, true, csrf.Options{Always: true})
	wantStatus(t, b.Post("/save"), 403)
	wantStatus(t, b.Post("/save", field, token(t, b)), 200)
}

func TestAOneTimeTokenIsGoodForOneRequest(t *testing.T) {
	b := visit(t, true, csrf.Options{OneTime: true})
	first, second := token(t, b), token(t, b) // two tabs
	wantStatus(t, b.Post("/fail", field, first), 500)
	wantStatus(t, b.Post("/save", field, first), 200)
	wantStatus(t, b.Post("/save", field, first), 403)
	wantStatus(t, b.Post("/save", field, second), 200)
}

func TestTheOldestOneTimeTokensAreDropped(t *testing.T) {
	now := time.Now()
	store := memory.New()
	h := ring.Chain(session.Wrap(store, session.Options{Now: func() time.Time { return now }}), csrf.Wrap(csrf.Options{OneTime: true}))(site())
	b := ringtest.New(t, h, ringtest.Clock(func() time.Time { return now }))
	var tokens []string
	for range 18 {
		now = now.Add(time.Millisecond)
		tokens = append(tokens, token(t, b))
	}
	for i, token := range tokens {
		want := 200
		if i < 2 {
			want = 403
		}
		if page := b.Post("/save", field, token); page.Status != want {
			t.Errorf("token %d: status %d; want %d", i, page.Status, want)
		}
	}
}

func TestRefuseAnswersForBothReasons(t *testing.T) {
	var reasons []error
	o := csrf.Options{Refuse: func(req ring.Request, err error) ring.Response {
		reasons = append(reasons, err)
		page := ring.HTML(form, csrf.Field(req))
		page.Status = http.StatusForbidden
		return page
	}}
	b := visit(t, false, o)
	b.Post("/theme")
	wantStatus(t, b.Post("/save"), 403)
	wantStatus(t, b.Submit(""), 200) // the page has a form that works
	b = visit(t, true, o)
	wantStatus(t, b.Do(ringtest.Post("/save").WithHeader("Sec-Fetch-Site", "cross-site")), 403)
	if len(reasons) != 2 || !errors.Is(reasons[0], csrf.ErrToken) || !errors.Is(reasons[1], csrf.ErrCrossOrigin) {
		t.Errorf("the reasons are %v", reasons)
	}
}

func TestARefusalKeepsSecretsToItself(t *testing.T) {
	b := visit(t, false, csrf.Options{})
	b.Post("/theme")
	wrong := strings.Repeat("B", 86)
	page := b.Post("/save", field, wrong)
	if strings.Contains(page.Body, wrong) || strings.Contains(csrf.ErrToken.Error(), wrong) {
		t.Error("the refusal shows what came")
	}
}

func TestPlainHandlersHaveTokens(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, csrf.Token(ring.FromContext(r.Context())))
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("name")) })
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), session.Login("ann")); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "page")
		fmt.Fprint(w, csrf.Token(ring.FromContext(r.Context())))
	})
	b := ringtest.New(t, ring.Use(silent, session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(mux))
	if page := b.Get("/late"); page.Body != "page" || len(b.Cookies()) != 0 {
		t.Errorf("a token that is asked for too late: %q", page.Body)
	}
	wantStatus(t, b.Post("/login"), 403)
	mine := token(t, b)
	wantStatus(t, b.Post("/save", "name", "x"), 403)
	if page := b.Post("/save", field, mine, "name", "x"); page.Body != "x" {
		t.Errorf("the handler's form has %q", page.Body)
	}
	wantStatus(t, b.Post("/login", field, mine), 200)
	wantStatus(t, b.Post("/save", field, mine), 403)
}

func TestAnAttemptMayAskForAToken(t *testing.T) {
	h := ring.Chain(silent, session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(route.New(
		route.Get("/token", func(req ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return theme.Set(s, "dark"), tokenPage(req)
			})
		}),
		route.Post("/save", func(ring.Request) ring.Response { return ring.Text("") }),
		route.Post("/login", func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return s, ring.Text("").With(session.Login("ann"))
			})
		}),
	))
	b := ringtest.New(t, h)
	wantStatus(t, b.Post("/login"), 403)
	mine := token(t, b)
	wantStatus(t, b.Post("/save"), 403)
	wantStatus(t, b.Post("/save", field, mine), 200)
}

func TestWhatCannotBeUsedPanicsAtOnce(t *testing.T) {
	for name, o := range map[string]csrf.Options{
		"an origin without a scheme": {TrustedOrigins: []string{"example.com"}},
		"an origin with a path":      {TrustedOrigins: []string{"https://example.com/"}},
		"a malformed pattern":        {Exempt: []string{"{"}},
		"a header that forms send":   {SafeHeader: "content-type"},
		"a header of the browser":    {SafeHeader: "Origin"},
		"a header of each request":   {SafeHeader: "sec-fetch-mode"},
		"a header of a proxy":        {SafeHeader: "X-Forwarded-For"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("Wrap accepts it")
				}
			}()
			csrf.Wrap(o)
		})
	}
}

func TestWithoutItsLayersARequestSaysSo(t *testing.T) {
	b := ringtest.New(t, ring.Chain(session.Wrap(memory.New(), session.Options{}))(tokenPage))
	wantStatus(t, b.Get("/"), 500)
	b = ringtest.New(t, csrf.Wrap(csrf.Options{})(tokenPage))
	wantStatus(t, b.Get("/"), 500)
	if got := csrf.Token(ring.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("a handler called as a function gets %q", got)
	}
}

// A page that says it may be shared has its token all the same, which belongs to one visitor.
func TestAPageWithATokenIsNotPublicWhateverItSays(t *testing.T) {
	h := ring.Chain(session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))(func(req ring.Request) ring.Response {
		return tokenPage(req).With(ring.SetHeader("Cache-Control", "public, max-age=600"))
	})
	b := ringtest.New(t, h)
	b.Get("/")
	if got := b.Get("/").Header.Get("Cache-Control"); strings.Contains(got, "public") {
		t.Errorf("Cache-Control: %s", got)
	}
}

func TestANamedSessionIsProtectedByItsSlot(t *testing.T) {
	admin := session.Named("admin")
	h := ring.Chain(silent, session.Wrap(memory.New(), session.Options{Slot: admin}), csrf.Wrap(csrf.Options{Slot: admin}))(route.New(
		route.Get("/token", tokenPage),
		route.Post("/login", func(ring.Request) ring.Response { return ring.Text("").With(admin.Login("root")) }),
		route.Post("/save", func(ring.Request) ring.Response { return ring.Text("") }),
	))
	b := ringtest.New(t, h)
	wantStatus(t, b.Post("/login"), 403)
	mine := token(t, b)
	wantStatus(t, b.Post("/login", field, mine), 200)
	wantStatus(t, b.Post("/save"), 403)
	wantStatus(t, b.Post("/save", field, mine), 403)
	wantStatus(t, b.Post("/save", field, token(t, b)), 200)
}
