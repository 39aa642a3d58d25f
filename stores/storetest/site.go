package storetest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A site is one process that serves handlers around sessions of the subject.
type site struct {
	*suite
	gate  *gate
	clock *clock
	app   ring.Handler

	mu     sync.Mutex
	events []session.Event
}

// A clock is moved by tests; several sites may share one.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (s *suite) newClock() *clock { return &clock{now: s.now} }

// serve makes a site of handlers by path. It touches nothing unless the options say so.
func (s *suite) serve(c *clock, handlers paths, options ...func(*session.Options)) *site {
	w := &site{suite: s, gate: &gate{}, clock: c}
	o := session.Options{Now: c.read, OnEvent: w.record, TouchEvery: -1, Deadline: 3 * patience}
	for _, change := range options {
		change(&o)
	}
	var store stores.Store = gatedStore{w.gate, s.store}
	if s.table != nil {
		store = stores.Keep(gatedTable{w.gate, s.table})
	}
	w.app = session.Wrap(store, o)(handlers.serve)
	return w
}

func (w *site) record(_ context.Context, e session.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// told returns the events since it was asked before.
func (w *site) told() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var parts []string
	for _, e := range w.events {
		part := e.Kind.String()
		switch {
		case e.Kind == session.Refused:
			part += " " + e.State.String()
		case e.Conflicts > 0 && e.Kind != session.Dropped:
			part += fmt.Sprintf(" after %d", e.Conflicts)
		}
		parts = append(parts, part)
	}
	w.events = nil
	return strings.Join(parts, ", ")
}

type paths map[string]ring.Handler

func (p paths) serve(req ring.Request) ring.Response {
	if h, ok := p[req.URL.Path]; ok {
		return h(req)
	}
	return ring.Fail(&ring.Error{Status: http.StatusNotFound})
}

// with gives paths that have more handlers.
func (p paths) with(more paths) paths {
	all := maps.Clone(p)
	maps.Copy(all, more)
	return all
}

const (
	visits session.Counter     = "visits"
	theme  session.Key[string] = "theme"
)

// common are the handlers that most checks need. /save sets the key that its query names, and counts.
var common = paths{
	"/show": show,
	"/save": func(req ring.Request) ring.Response {
		mark := session.Key[bool](req.Query("key"))
		return ring.Text("").With(session.Set(visits.Add(mark.Set(session.From(req), true), 1)))
	},
	"/theme": func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(theme.Set(session.From(req), req.Query("is"))))
	},
	"/count": func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) },
	"/clear": func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(session.From(req).Clear()))
	},
	"/renew":  func(ring.Request) ring.Response { return ring.Text("").With(session.Renew) },
	"/delete": func(ring.Request) ring.Response { return ring.Text("").With(session.Delete) },
	"/login": func(req ring.Request) ring.Response {
		mark := session.Key[bool](req.Query("key"))
		return ring.Text("").With(session.Login("ann"), session.Set(mark.Set(session.From(req), true)))
	},
}

// show says what the session is: its state, owner, keys and visits.
func show(req ring.Request) ring.Response {
	s := session.From(req)
	parts := []string{session.Info(req).State.String()}
	if owner := session.Info(req).Owner; owner != "" {
		parts = append(parts, owner)
	}
	if keys := slices.DeleteFunc(slices.Collect(s.Keys()), func(k string) bool { return k == string(visits) }); len(keys) > 0 {
		parts = append(parts, strings.Join(keys, "+"))
	}
	if n := visits.Get(s); n != 0 {
		parts = append(parts, fmt.Sprint(n))
	}
	return ring.Text(strings.Join(parts, " "))
}

// An answer is what a browser gets.
type answer struct {
	status int
	body   string
	err    error
	set    []*http.Cookie
}

// cookies says what becomes of the browser's cookies.
func (a answer) cookies() string {
	var parts []string
	for _, c := range a.set {
		if c.MaxAge < 0 {
			parts = append(parts, "no cookie")
		} else {
			parts = append(parts, "cookie")
		}
	}
	return strings.Join(parts, ", ")
}

// A browser as far as cookies go. Its cookies change when it takes an answer, not when that was asked for.
type browser struct {
	mu      sync.Mutex
	cookies map[string]string
}

func (b *browser) header() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(b.cookies)) {
		pairs = append(pairs, name+"="+b.cookies[name])
	}
	return strings.Join(pairs, "; ")
}

func (b *browser) take(a answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cookies == nil {
		b.cookies = map[string]string{}
	}
	for _, c := range a.set {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
}

// ask sends a request with the cookies of a header.
func (w *site) ask(method, target, cookies string) answer {
	req := ring.NewRequest(method, target, nil)
	if cookies != "" {
		req = req.WithHeader("Cookie", cookies)
	}
	resp := w.app(req)
	a := answer{status: resp.Status, err: resp.Err}
	a.body, _ = resp.Body.Text()
	for line := range resp.Header.All("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil {
			a.set = append(a.set, c)
		} else {
			w.Errorf("Set-Cookie: %q: %v", line, err)
		}
	}
	return a
}

// post sends a request and takes the answer, which must be 200.
func (w *site) post(b *browser, target string) answer {
	w.Helper()
	a := w.ask("POST", target, b.header())
	if a.status != http.StatusOK {
		w.Fatalf("POST %s: %d, %v", target, a.status, a.err)
	}
	b.take(a)
	return a
}

// shows checks what the session of some cookies is.
func (w *site) shows(cookies, want string) {
	w.Helper()
	if a := w.ask("GET", "/show", cookies); a.body != want || a.status != http.StatusOK {
		w.Errorf("the session is %q (%d, %v); want %q", a.body, a.status, a.err, want)
	}
}

// visitor gives a browser with a session that has the key "setup" and one visit.
func (w *site) visitor() *browser {
	w.Helper()
	b := &browser{}
	if a := w.post(b, "/save?key=setup"); len(a.set) != 1 {
		w.Fatalf("a new session came with %d cookies; want 1", len(a.set))
	}
	w.told()
	return b
}

// slowly sends a request whose call is held, and does something meanwhile.
func (w *site) slowly(c call, where when, b *browser, target string, meanwhile func()) answer {
	w.Helper()
	h := w.gate.hold(w.suite, c, where)
	cookies := b.header()
	done := make(chan answer, 1)
	go func() { done <- w.ask("POST", target, cookies) }()
	select {
	case <-h.arrived:
	case a := <-done:
		w.Fatalf("POST %s: %d, %v, without a %s", target, a.status, a.err, c)
	case <-time.After(patience):
		w.Fatalf("POST %s: no %s after %v", target, c, patience)
	}
	meanwhile()
	h.release()
	return await(w.suite, "POST "+target, done)
}
