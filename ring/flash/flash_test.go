package flash_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const (
	notice flash.Key[string]   = "notice"
	other  flash.Key[int]      = "other"
	theme  session.Key[string] = "theme"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	m.Run()
}

// A browser sends the cookies it got, and the fetch metadata of a kind of request.
type browser struct {
	t       *testing.T
	app     http.Handler
	now     func() time.Time
	wait    func(time.Duration)
	mu      sync.Mutex
	cookies map[string]string
	mode    string
	dest    string
	store   *memory.Store
}

func open(t *testing.T, h ring.Handler, layers ...ring.Middleware) *browser {
	now := time.Now()
	b := &browser{t: t, cookies: map[string]string{}, mode: "navigate", dest: "document", store: memory.New()}
	b.now = func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return now }
	b.wait = func(d time.Duration) { b.mu.Lock(); defer b.mu.Unlock(); now = now.Add(d) }
	wrap, store := flash.Wrap, session.Store(b.store)
	if v, broken := variants[os.Getenv(breakVariable)]; broken {
		if v.wrap != nil {
			wrap = v.wrap
		}
		if v.store != nil {
			store = v.store(store)
		}
	}
	b.app = ring.Chain(append([]ring.Middleware{session.Wrap(store, session.Options{Now: b.now}), wrap}, layers...)...)(h)
	return b
}

// as gives the same browser sending another kind of request.
func (b *browser) as(mode, dest string) *browser {
	return &browser{t: b.t, app: b.app, now: b.now, wait: b.wait, cookies: b.cookies, mode: mode, dest: dest, store: b.store}
}

func (b *browser) do(method, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "example.com"
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.mode != "" {
		r.Header.Set("Sec-Fetch-Mode", b.mode)
		r.Header.Set("Sec-Fetch-Dest", b.dest)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	b.app.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(path string) string  { return b.do("GET", path).Body.String() }
func (b *browser) post(path string) string { return b.do("POST", path).Header().Get("Location") }

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q; want %q", what, got, want)
	}
}

// pages show their messages; actions redirect to what the query names.
func pages(req ring.Request) ring.Response {
	switch to := req.Query("to"); req.URL.Path {
	case "/save":
		return ring.Redirect(to).With(notice.Put("Saved."))
	case "/render":
		return ring.Text("rendered").With(notice.Put("Rendered."))
	case "/hop":
		return ring.Redirect(to)
	case "/login":
		return ring.Redirect(to).With(session.Login("ann"), notice.Put("Welcome."))
	case "/logout":
		return ring.Redirect(to).With(session.Delete, notice.Put("Bye."))
	case "/renew":
		return ring.Redirect(to).With(session.Renew)
	case "/fail":
		return ring.Fail(http.ErrNotSupported)
	case "/attempt":
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			return theme.Set(s, "dark"), ring.Redirect(to).With(notice.Put("Attempted."))
		})
	}
	return ring.Text(strings.Join(slices.Collect(notice.All(req)), "|"))
}

func TestF1_AFlashOnARedirectBelongsToTheRequestThatFollows(t *testing.T) {
	for _, location := range []string{"/page", "page", "./page", "../page", "/a/../page", "http://example.com/page", "//example.com/page",
		"https://example.com/page", "/page?x=1", "/page#part", "/%70age", "http://EXAMPLE.com:80/page"} {
		b := open(t, pages)
		b.post("/save?to=" + strings.NewReplacer("%", "%25", "#", "%23", "?", "%3F").Replace(location))
		want(t, location+": another page", b.get("/elsewhere"), "")
		want(t, location+": the page", b.get("/page"), "Saved.")
		want(t, location+": again", b.get("/page"), "")
	}
}

func TestF1_AnEncodedLocationIsTheSamePath(t *testing.T) {
	for _, location := range []string{"/caf%C3%A9 menu", "/café menu", "/caf%c3%a9%20menu"} {
		b := open(t, func(req ring.Request) ring.Response {
			if req.Method == "POST" {
				return ring.Redirect(location).With(notice.Put("Saved."))
			}
			return pages(req)
		})
		at := b.post("/")
		want(t, location, b.get(at), "Saved.")
	}
}

func TestF1_TheRequestThatFollowsHasTheSameModeAndDestination(t *testing.T) {
	b := open(t, pages)
	b.post("/save?to=/page")
	want(t, "a fetch of the page", b.as("cors", "empty").get("/page"), "")
	want(t, "a navigation to it", b.get("/page"), "Saved.")

	b.as("cors", "empty").post("/save?to=/page")
	want(t, "a navigation after a fetch that was redirected", b.get("/page"), "")
	want(t, "the fetch that follows", b.as("cors", "empty").get("/page"), "Saved.")
}

func TestF1_ABrowserWithoutFetchMetadataIsKnownByThePath(t *testing.T) {
	b := open(t, pages).as("", "")
	b.post("/save?to=/page")
	want(t, "another path", b.get("/other"), "")
	want(t, "the path", b.get("/page"), "Saved.")
}

func TestF1_AnythingElseBelongsToTheNextNavigation(t *testing.T) {
	for _, set := range []string{"/render", "/save?to=https://elsewhere.example/page", "/save?to=http://example.com:8080/page", "/save?to=mailto:x@example.com"} {
		b := open(t, pages)
		b.do("POST", set)
		want(t, set+": a fetch", b.as("cors", "empty").get("/any"), "")
		want(t, set+": a frame", b.as("navigate", "iframe").get("/any"), "")
		if got := b.get("/any"); got != "Saved." && got != "Rendered." {
			t.Errorf("%s: the next navigation shows %q", set, got)
		}
	}
}

func TestF1_NoPageLoadedAheadTakesThePlaceOfTheRequestThatFollows(t *testing.T) {
	b := open(t, pages)
	forgets := func(b *browser, method, target string) string {
		return b.do(method, target).Header().Get("Clear-Site-Data")
	}
	const both = `"prefetchCache", "prerenderCache"`
	want(t, "a redirect with a message", forgets(b, "POST", "/save?to=/hop"), both)
	want(t, "a redirect that hands it on", forgets(b, "GET", "/hop?to=/page"), both)
	want(t, "the page that shows it", forgets(b, "GET", "/page"), "")
	want(t, "a page that sends one", forgets(b, "POST", "/render"), both)
	want(t, "a redirect without one", forgets(b, "POST", "/hop?to=/page"), "")
	want(t, "a browser that would not obey", forgets(b.as("", ""), "POST", "/save?to=/page"), "")
}

func TestF1_WhatIsNotFetchedWithinTenSecondsBelongsToTheNextNavigation(t *testing.T) {
	b := open(t, pages)
	b.post("/save?to=/page")
	b.wait(9 * time.Second)
	want(t, "elsewhere, after 9 s", b.get("/other"), "")
	b.wait(2 * time.Second)
	want(t, "elsewhere, after 11 s", b.get("/other"), "Saved.")
}

func TestF1_NobodyComesForFiveMinutes(t *testing.T) {
	b := open(t, pages)
	b.post("/save?to=/page")
	b.wait(5 * time.Minute)
	want(t, "after five minutes", b.get("/page"), "")
	b.post("/save?to=/page")
	want(t, "a newer one", b.get("/page"), "Saved.")
	want(t, "what is left in the session", fmt.Sprint(b.store.Len()), "1")
}

func TestF2_APollNeverEatsAFlash(t *testing.T) {
	if eaten := eats(t, flash.Wrap); eaten != "" {
		t.Error(eaten)
	}
}

func TestF2_AWrapThatGivesItToAnybodyIsCaught(t *testing.T) {
	careless := func(h ring.Handler) ring.Handler {
		inner := flash.Wrap(h)
		return func(req ring.Request) ring.Response {
			req.Method = "GET"
			req.Header = req.Header.Set("Sec-Fetch-Mode", "navigate").Set("Sec-Fetch-Dest", "document").Del("Sec-Purpose")
			req.URL.Path = "/page"
			return inner(req)
		}
	}
	if eats(t, careless) == "" {
		t.Error("a Wrap that ignores who asks passes the test of F2")
	}
}

// eats tells which request other than the one that it belongs to takes a message; "" for none.
func eats(t *testing.T, wrap ring.Middleware) string {
	others := map[string]func(*browser){
		"a poll":   func(b *browser) { b.as("cors", "empty").get("/poll") },
		"an image": func(b *browser) { b.as("no-cors", "image").get("/favicon.ico") },
		"a HEAD":   func(b *browser) { b.do("HEAD", "/page") },
		"a POST":   func(b *browser) { b.do("POST", "/page") },
		"a prefetch": func(b *browser) {
			b.do("GET", "/page", func(r *http.Request) { r.Header.Set("Sec-Purpose", "prefetch") })
		},
		"a prerender": func(b *browser) {
			b.do("GET", "/page", func(r *http.Request) { r.Header.Set("Sec-Purpose", "prefetch;prerender") })
		},
		"another path": func(b *browser) { b.get("/other") },
	}
	for who, ask := range others {
		b := open(t, pages)
		now := b.now
		b.post("/save?to=/page")
		b.app = ring.Chain(session.Wrap(b.store, session.Options{Now: now}), wrap)(pages)
		before := b.cookies
		ask(b)
		b.cookies = before
		b.app = ring.Chain(session.Wrap(b.store, session.Options{Now: now}), flash.Wrap)(pages)
		if got := b.get("/page"); got != "Saved." {
			return who + " took the message"
		}
	}
	return ""
}

func TestF3_MessagesOfParallelRedirectsDoNotOverwriteEachOther(t *testing.T) {
	var loaded sync.WaitGroup // all have loaded the same version before one commits
	loaded.Add(15)
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			if req.Query("n") != "0" {
				loaded.Done()
				loaded.Wait()
			}
			return ring.Redirect("/").With(notice.Put(req.Query("n")))
		}
		return pages(req)
	})
	b.do("POST", "/?n=0")
	cookies := b.cookies
	var wg sync.WaitGroup
	for i := 1; i < 16; i++ {
		wg.Go(func() {
			r := httptest.NewRequest("POST", fmt.Sprintf("/?n=%d", i), nil)
			for name, value := range cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Sec-Fetch-Dest", "document")
			b.app.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	wg.Wait()
	if got := strings.Split(b.get("/"), "|"); len(got) != 16 {
		t.Errorf("%d messages arrived; want 16", len(got))
	}
}

func TestF3_MessagesOfOneResponseComeInOrder(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Redirect("/").With(notice.Put("one"), other.Put(7), notice.Put("two"))
		}
		return ring.Text(fmt.Sprint(slices.Collect(notice.All(req)), notice.Get(req), other.Get(req)))
	})
	b.post("/")
	want(t, "messages", b.get("/"), "[one two]two7")
}

func TestF3_AMessageIsShownOnceNotTwice(t *testing.T) {
	// Two requests that it belongs to are inside the handler at once; the loser runs again without it.
	var both sync.WaitGroup
	both.Add(2)
	var mu sync.Mutex
	runs := 0
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return pages(req)
		}
		mu.Lock()
		runs++
		mine := runs
		mu.Unlock()
		if mine <= 2 {
			both.Done()
			both.Wait()
		}
		return pages(req)
	})
	b.post("/save?to=/page")
	var wg sync.WaitGroup
	shown := make([]string, 2)
	for i := range shown {
		tab := b.as("navigate", "document")
		wg.Go(func() { shown[i] = tab.do("GET", "/page").Body.String() })
	}
	wg.Wait()
	slices.Sort(shown)
	if !slices.Equal(shown, []string{"", "Saved."}) || runs != 3 {
		t.Errorf("shown %q in %d runs; want it once, and one run more", shown, runs)
	}
}

func TestF3_APageThatSendsAMessageTakesTheOneThatItShows(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return pages(req)
		}
		return ring.Text(strings.Join(slices.Collect(notice.All(req)), "|")).With(notice.Put("Welcome."))
	})
	b.post("/save?to=/page")
	want(t, "the page", b.get("/page"), "Saved.")
	want(t, "the next one", b.get("/page"), "Welcome.")
}

func TestF4_ARedirectHandsTheMessageOn(t *testing.T) {
	b := open(t, pages)
	next := b.post("/save?to=/hop%3Fto=/page")
	b.do("GET", next)
	want(t, "elsewhere", b.get("/other"), "")
	want(t, "at the end of the redirects", b.get("/page"), "Saved.")
	want(t, "again", b.get("/page"), "")
}

func TestF4_ItSurvivesRenewalAndLogIn(t *testing.T) {
	b := open(t, pages)
	next := b.post("/save?to=/renew%3Fto=/page")
	b.do("GET", next)
	want(t, "after a renewal", b.get("/page"), "Saved.")

	next = b.post("/save?to=/login%3Fto=/page")
	b.wait(time.Millisecond)
	b.do("GET", next)
	want(t, "after a log-in", b.get("/page"), "Saved.|Welcome.")
}

func TestF4_AtALogOutOnlyWhatItSaysItselfGoesOn(t *testing.T) {
	b := open(t, pages)
	b.post("/login?to=/never")
	b.post("/logout?to=/page")
	want(t, "after the log-out", b.get("/page"), "Bye.")
	b.wait(time.Minute)
	want(t, "nothing of before", b.get("/never"), "")
	if len(b.cookies) != 1 {
		t.Errorf("cookies %v; want an anonymous one", b.cookies)
	}
}

func TestF4_AFailedPageDoesNotTakeIt(t *testing.T) {
	b := open(t, pages)
	b.post("/save?to=/fail")
	if w := b.do("GET", "/fail"); w.Code != 500 {
		t.Fatalf("%d", w.Code)
	}
	b.wait(11 * time.Second)
	want(t, "the next navigation", b.get("/page"), "Saved.")
}

func TestAFlashFromAnAttemptArrives(t *testing.T) {
	b := open(t, pages)
	b.post("/attempt?to=/page")
	want(t, "elsewhere", b.get("/other"), "")
	want(t, "the page", b.get("/page"), "Attempted.")
}

func TestAPageThatIsAnAttemptTakesItsMessage(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return pages(req)
		}
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) { return theme.Set(s, "x"), pages(req) })
	})
	b.post("/save?to=/page")
	want(t, "the page", b.get("/page"), "Saved.")
	want(t, "again", b.get("/page"), "")
}

func TestS10_APageThatShowsAMessageIsNotStored(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		return pages(req).With(ring.SetHeader("Cache-Control", "public, max-age=60"))
	})
	b.post("/save?to=/page")
	if got := b.do("GET", "/page").Header().Values("Cache-Control"); !slices.Equal(got, []string{"no-store"}) {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestAValueThatCanNotBeEncodedIsAFailure(t *testing.T) {
	const broken flash.Key[func()] = "broken"
	resp := ring.Redirect("/").With(broken.Put(func() {}))
	if resp.Err == nil || !strings.Contains(resp.Err.Error(), `"broken"`) {
		t.Errorf("%v", resp.Err)
	}
}

func TestAHandlerIsTestedAsAFunction(t *testing.T) {
	resp := pages(ring.NewRequest("POST", "/save?to=/page", nil))
	if got := notice.Out(resp); !slices.Equal(got, []string{"Saved."}) {
		t.Errorf("it sends %q", got)
	}
	resp = pages(notice.Now(ring.NewRequest("GET", "/page", nil), "Hello"))
	if text, _ := resp.Body.Text(); text != "Hello" {
		t.Errorf("it shows %q", text)
	}
}

func TestADamagedEntryIsIgnored(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.URL.Path == "/damage" {
			s := session.From(req)
			for i, bad := range []string{"", "x", "1 2 3", "ffffffffffff 0 9 0 0 /", "ffffffffffff 0 0 0 0 \x01\xdd\xff\xff\xff\xff"} {
				s = session.Key[string](fmt.Sprintf(".flash:%d", i)).Set(s, bad)
			}
			return ring.Text("").With(session.Set(session.Key[int](".flash:n").Set(s, 1)))
		}
		return pages(req)
	})
	b.get("/damage")
	want(t, "a page", b.get("/page"), "")
	b.post("/save?to=/page")
	want(t, "a page with a message", b.get("/page"), "Saved.")
}

func TestTheHandlerRunsOnceWhereItsOwnResponseEndsTheSession(t *testing.T) {
	b := open(t, pages)
	b.post("/save?to=/page")
	end := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(session.Delete) }
	}
	runs := 0
	b.app = ring.Chain(session.Wrap(b.store, session.Options{Now: b.now}), end, flash.Wrap)(func(req ring.Request) ring.Response {
		runs++
		return pages(req)
	})
	want(t, "the page", b.get("/page"), "Saved.")
	if runs != 1 {
		t.Errorf("the handler ran %d times", runs)
	}
}

func TestF4_APageThatHasNotChangedDoesNotTakeIt(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.Header.Get("If-None-Match") != "" {
			return ring.Response{Status: http.StatusNotModified}
		}
		return pages(req)
	})
	b.post("/save?to=/page")
	b.do("GET", "/page", func(r *http.Request) { r.Header.Set("If-None-Match", "x") })
	want(t, "the page", b.get("/page"), "Saved.")
}

func TestMessagesOfAnAttemptAndOfLayersAroundItAllArrive(t *testing.T) {
	b := open(t, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return theme.Set(s, "x"), ring.Redirect("/page").With(notice.Put("inner"))
			}).With(notice.Put("outer"))
		}
		return pages(req)
	})
	b.post("/")
	want(t, "the page", b.get("/page"), "inner|outer")
}

func TestF1_ABackslashLeadsElsewhere(t *testing.T) {
	b := open(t, pages)
	b.do("POST", `/save?to=/%5Celsewhere.example/page`)
	want(t, "the next navigation", b.get("/any"), "Saved.")
}

func TestF4_MessagesAreNoValuesOfTheSession(t *testing.T) {
	for name, change := range map[string]ring.Change{
		"Set of a cleared session": func(r ring.Response) ring.Response { return r }, // by the handler
		"Set of the zero Session":  session.Set(session.Session{}),
		"Update that clears":       session.Update(session.Session.Clear),
		"Update to a new Session":  session.Update(func(session.Session) session.Session { return session.Session{} }),
	} {
		b := open(t, func(req ring.Request) ring.Response {
			if req.URL.Path == "/clear" {
				s := session.From(req)
				seen := fmt.Sprint(s, s.Len(), slices.Collect(s.Keys()))
				if name == "Set of a cleared session" {
					change = session.Set(s.Clear())
				}
				return ring.Text(seen).With(change)
			}
			return pages(req)
		})
		b.post("/save?to=/page")
		want(t, name+": what the handler sees", b.as("cors", "empty").get("/clear"), "{} 0 []")
		want(t, name+": the page", b.get("/page"), "Saved.")
	}
}
