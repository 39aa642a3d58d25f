package main

import (
	"context"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

var home = url.URL{Scheme: "https", Host: "book.example", Path: "/"}

// A guestbook is the whole application, with a clock and a store that a test holds in its hands.
type guestbook struct {
	t     *testing.T
	app   http.Handler
	site  *site
	store *gate
	late  atomic.Int64 // how far the clock is ahead
}

func open(t *testing.T) *guestbook {
	t.Helper()
	g := &guestbook{t: t, store: &gate{sessions: memory.New()}}
	g.site = &site{book: new(Book), sessions: g.store, footer: footer("Kept for a test.")}
	g.app = g.site.app(session.Options{Idle: sessionIdle, Absolute: sessionLongest, Now: g.now}, quiet)
	return g
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func (g *guestbook) now() time.Time { return time.Now().Add(time.Duration(g.late.Load())) }

func (g *guestbook) wait(d time.Duration) { g.late.Add(int64(d)) }

// A gate is a store in which one call of Save can be stopped.
type gate struct {
	sessions
	mu   sync.Mutex
	hold *held
}

type held struct{ reached, release chan struct{} }

// holdSave stops the next Save until release is closed, and closes reached when it comes.
func (g *gate) holdSave() *held {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = &held{make(chan struct{}), make(chan struct{})}
	return g.hold
}

func (g *gate) Save(ctx context.Context, t session.Token, rec session.Record, renew bool) (session.Token, error) {
	g.mu.Lock()
	h := g.hold
	g.hold = nil
	g.mu.Unlock()
	if h != nil {
		close(h.reached)
		<-h.release
	}
	return g.sessions.Save(ctx, t, rec, renew)
}

// A visitor is a browser as far as cookies and headers go. Asking and taking what comes back are two steps, so that
// answers can arrive in another order.
type visitor struct {
	t     *testing.T
	app   http.Handler
	jar   *cookiejar.Jar
	agent string
}

func (g *guestbook) visitor() *visitor {
	return &visitor{g.t, g.app, newJar(g.t), "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

// copy is a browser with the same cookies, from now on apart.
func (v *visitor) copy() *visitor {
	c := *v
	c.jar = newJar(v.t)
	c.jar.SetCookies(&home, v.jar.Cookies(&home))
	return &c
}

type header map[string]string

var (
	navigation = header{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
	background = header{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
)

func (h header) and(more header) header {
	h = maps.Clone(h)
	maps.Copy(h, more)
	return h
}

// request makes a request with the cookies that the browser has at this moment.
func (v *visitor) request(method, path string, form url.Values, h header) *http.Request {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, home.ResolveReference(&url.URL{Path: path}).String(), body)
	r.Header.Set("User-Agent", v.agent)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range h {
		r.Header.Set(name, value)
	}
	for _, c := range v.jar.Cookies(&home) {
		r.AddCookie(c)
	}
	return r
}

// answer has a request answered; nothing of that has arrived at the browser yet.
func (v *visitor) answer(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	v.app.ServeHTTP(w, r)
	return w.Result()
}

// take lets an answer arrive.
func (v *visitor) take(resp *http.Response) { v.jar.SetCookies(&home, resp.Cookies()) }

// A page is what the visitor sees in the end.
type page struct {
	status int
	path   string
	text   string
	header http.Header
}

// visit sends a request as navigation, takes the answer and follows redirects.
func (v *visitor) visit(method, path string, form url.Values) page {
	v.t.Helper()
	for range 5 {
		resp := v.answer(v.request(method, path, form, navigation))
		v.take(resp)
		if location := resp.Header.Get("Location"); location != "" {
			method, path, form = "GET", location, nil
			continue
		}
		return v.read(path, resp)
	}
	v.t.Fatalf("redirected in a circle, at last to %s", path)
	return page{}
}

func (v *visitor) read(path string, resp *http.Response) page {
	v.t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return page{resp.StatusCode, path, string(b), resp.Header}
}

func (v *visitor) get(path string) page { v.t.Helper(); return v.visit("GET", path, nil) }

func (v *visitor) post(path string, form url.Values) page {
	v.t.Helper()
	return v.visit("POST", path, form)
}

func (v *visitor) sign(name, text string) page {
	v.t.Helper()
	return v.post("/", url.Values{"name": {name}, "text": {text}})
}

func (v *visitor) login(name string) page {
	v.t.Helper()
	return v.post("/login", url.Values{"name": {name}})
}

// mustBe checks who the visitor is logged in as; nobody is "".
func (v *visitor) mustBe(want string) {
	v.t.Helper()
	if got := v.get("/").user(); got != want {
		v.t.Errorf("logged in as %q; want %q", got, want)
	}
}

var (
	userPart   = regexp.MustCompile(`<span class="who">.*?<bdi>(.*?)</bdi>`)
	noticePart = regexp.MustCompile(`<p class="notice" role="status">(.*?)</p>`)
	visitPart  = regexp.MustCompile(`<strong>no. (\d+)</strong>`)
	entryPart  = regexp.MustCompile(`(?s)<p dir="auto">(.*?)</p>`)
	badPart    = regexp.MustCompile(`<span class="problem"[^>]*>(.*?)</span>`)
	loginPart  = regexp.MustCompile(`<p class="name"><strong title="[^"]*">(.*?)</strong>(.*?)</p>`)
)

func (p page) find(part *regexp.Regexp) []string {
	var found []string
	for _, m := range part.FindAllStringSubmatch(p.text, -1) {
		found = append(found, html.UnescapeString(strings.Join(m[1:], "")))
	}
	return found
}

func (p page) user() string   { return strings.Join(p.find(userPart), "|") }
func (p page) notice() string { return strings.Join(p.find(noticePart), "|") }
func (p page) visits() string { return strings.Join(p.find(visitPart), "|") }

func newJar(t *testing.T) *cookiejar.Jar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}
