// Package ringtest is a browser for tests. It calls a handler without a socket, and does what a browser does around that:
// it keeps and sends cookies by their attributes, follows redirects, tells the server whether a person navigates or a
// script asks, and fills in the forms of a page.
//
//	b := ringtest.New(t, app)
//	b.Get("/login")
//	page := b.Submit("Log in", "name", "Ann")
//	if !strings.Contains(page.Text(), "Welcome, Ann") {
//		t.Errorf("after the log-in: %v", page)
//	}
//
// What a browser does is taken from Chromium: see [Request] for the header fields and [Browser.Cookies] for the cookies.
// It runs no scripts, has no cache and checks no form before it sends it.
//
// Parallel requests whose responses arrive in an order of the test's choice are made with [Browser.Start]. For a
// handler that is called as a plain function there are [Request.Value] and [Body].
package ringtest

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
)

// A Browser is one tab of a browser that visits a handler. It may be used by several goroutines at once; the page that it
// shows is then that of the navigation which arrived last.
type Browser struct {
	t      testing.TB
	sites  map[string]http.Handler // by origin
	origin *url.URL                // of the first
	jar    *jar
	now    func() time.Time
	header ring.Header // sent with every request
	old    bool

	mu   sync.Mutex
	page *Page // nil until something has been visited
}

// New opens a browser with an empty cookie jar for the site that h serves at https://example.com. What a person in front
// of a browser could not do, such as filling in a field that isn't there, ends the test t; where t is nil, as in an
// Example, it panics.
func New(t testing.TB, h http.Handler, options ...Option) *Browser {
	if t != nil {
		t.Helper()
	}
	b := &Browser{t: t, sites: map[string]http.Handler{}, jar: &jar{}, now: time.Now}
	b.origin, _ = url.Parse("https://example.com")
	for _, o := range options {
		o(b)
	}
	b.sites[originOf(b.origin)] = h
	return b
}

// An Option is a way in which a browser differs from what [New] opens by itself.
type Option func(*Browser)

// Origin is where the handler is found, such as "http://localhost:8080", instead of https://example.com.
func Origin(origin string) Option {
	return func(b *Browser) { b.origin = b.mustOrigin(origin) }
}

// Site lets another handler answer at another origin: requests and redirects may lead there.
func Site(origin string, h http.Handler) Option {
	return func(b *Browser) { b.sites[originOf(b.mustOrigin(origin))] = h }
}

// Clock is what the cookie jar takes the time from, instead of time.Now.
func Clock(now func() time.Time) Option {
	return func(b *Browser) { b.now = now }
}

// Header is a header field for every request, such as another User-Agent.
func Header(name, value string) Option {
	return func(b *Browser) { b.header = b.header.Set(name, value) }
}

// Old makes the browser one that sends no Sec-Fetch fields, as all did before 2019 and Safari before 2023.
func Old(b *Browser) { b.old = true }

func (b *Browser) mustOrigin(s string) *url.URL {
	b.help()
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || s != u.Scheme+"://"+u.Host {
		b.fatalf("%q is no origin such as https://example.com", s)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// Tab opens another tab of the same browser: it shares the cookies, and shows no page yet.
func (b *Browser) Tab() *Browser {
	return &Browser{t: b.t, sites: b.sites, origin: b.origin, jar: b.jar, now: b.now, header: b.header, old: b.old}
}

// Clone opens another browser that has the same cookies now, as a thief would who has copied them, and shows the same
// page. From then on each keeps its own.
func (b *Browser) Clone() *Browser {
	c := b.Tab()
	c.jar = b.jar.clone()
	if page := b.Page(); page != nil {
		mine := *page
		mine.browser = c
		c.page = &mine
	}
	return c
}

// Restart closes the browser with all its tabs and opens it again: cookies without Max-Age and Expires are gone.
func (b *Browser) Restart() {
	b.jar.endSession()
	b.show(nil)
}

// Page is the page that the tab shows, that of the last navigation; nil if there was none.
func (b *Browser) Page() *Page {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.page
}

func (b *Browser) show(p *Page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.page = p
}

// Do makes a request, follows its redirects and returns what it comes to.
func (b *Browser) Do(r Request) *Page {
	b.help()
	return b.Start(r).Arrive()
}

// Get navigates to an address that was typed in: [Get].
func (b *Browser) Get(target string) *Page {
	b.help()
	return b.Do(Get(target))
}

// Post sends a form that the page need not have: [Post]. See [Browser.Submit] for one that it has.
func (b *Browser) Post(target string, fields ...string) *Page {
	b.help()
	return b.Do(Post(target, fields...))
}

// Fetch asks in the background, as a script of the page does: [Fetch].
func (b *Browser) Fetch(method, target string, fields ...string) *Page {
	b.help()
	return b.Do(Fetch(method, target, fields...))
}

// Image loads an image into the page: [Image].
func (b *Browser) Image(target string) *Page {
	b.help()
	return b.Do(Image(target))
}

// Prefetch loads a page that might be visited next: [Prefetch].
func (b *Browser) Prefetch(target string) *Page {
	b.help()
	return b.Do(Prefetch(target))
}

// CrossSite is a form that a page of https://evil.example sends to the site in this tab, without anybody's doing. For
// other requests from there see [Request.From].
func (b *Browser) CrossSite(target string, fields ...string) *Page {
	b.help()
	return b.Do(Post(target, fields...).From("https://evil.example"))
}

// Reload makes the request of the page again, which for the page of a form is a POST.
func (b *Browser) Reload() *Page {
	b.help()
	return b.Do(b.shown().made)
}

// Click follows the link or presses the button that has this text.
func (b *Browser) Click(text string) *Page {
	b.help()
	p := b.shown()
	if link, err := p.find().link(text); err == nil {
		return b.Do(p.follow(link))
	}
	form, err := p.formWithButton(text)
	if err != nil {
		b.fatalf("%s has no link and no button %q", p, text)
	}
	return form.Submit()
}

// Form is [Page.Form] of the page that the tab shows.
func (b *Browser) Form(which string) Form {
	b.help()
	return b.shown().Form(which)
}

// Submit fills in and sends a form of the page: which is as for [Page.Form], fields are names and values in turn, as for
// [Form.Set].
func (b *Browser) Submit(which string, fields ...string) *Page {
	b.help()
	f := b.Form(which)
	for name, value := range pairs(fields) {
		f = f.Set(name, value)
	}
	return f.Submit()
}

func (b *Browser) shown() *Page {
	b.help()
	p := b.Page()
	if p == nil {
		b.fatalf("the browser shows no page yet")
	}
	return p
}

func (b *Browser) help() {
	if b.t != nil {
		b.t.Helper()
	}
}

// log notes what is no mistake, but explains one that the test is going to find.
func (b *Browser) log(format string, args ...any) {
	b.help()
	if b.t != nil {
		b.t.Logf(format, args...)
	}
}

// fatalf ends the test.
func (b *Browser) fatalf(format string, args ...any) {
	message := "ringtest: " + fmt.Sprintf(format, args...)
	if b.t == nil {
		panic(message)
	}
	b.t.Helper()
	b.t.Fatal(message)
}
