package main

import (
	"context"
	"html"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// A guestbook is the whole application, with a clock and a store that a test holds in its hands.
type guestbook struct {
	*site
	t     *testing.T
	store *gate
	opts  session.Options
	late  atomic.Int64 // how far the clock is ahead
}

func open(t *testing.T) *guestbook {
	g := &guestbook{t: t, store: &gate{sessions: memory.New()}}
	g.site = &site{book: new(Book), sessions: g.store, owners: g.store, footer: footer("Kept for a test.")}
	g.opts = session.Options{Idle: sessionIdle, Absolute: sessionLongest, Now: g.now, Deadline: time.Hour}
	return g
}

func (g *guestbook) now() time.Time { return time.Now().Add(time.Duration(g.late.Load())) }

func (g *guestbook) wait(d time.Duration) { g.late.Add(int64(d)) }

// visitor opens a browser that nobody has used.
func (g *guestbook) visitor(options ...ringtest.Option) *ringtest.Browser {
	return ringtest.New(g.t, g.app(g.opts, slog.New(slog.NewTextHandler(io.Discard, nil))), options...)
}

// user opens a browser and logs in.
func (g *guestbook) user(name string, options ...ringtest.Option) *ringtest.Browser {
	b := g.visitor(options...)
	login(b, name)
	return b
}

func login(b *ringtest.Browser, name string) *ringtest.Page {
	b.Get("/login")
	return b.Submit("/login", "name", name)
}

// sessions is a store that finds sessions by their owner, too.
type sessions interface {
	session.Store
	stores.Owners
}

// A gate is a store in which one call of Save can be stopped.
type gate struct {
	sessions
	mu   sync.Mutex
	hold *held
}

type held struct{ reached, release chan struct{} }

// holdSave stops the next Save, until it is let go.
func (g *gate) holdSave() *held {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hold = &held{make(chan struct{}), make(chan struct{})}
	return g.hold
}

// wait waits for the Save to come.
func (h *held) wait(t *testing.T) {
	t.Helper()
	select {
	case <-h.reached:
	case <-time.After(10 * time.Minute):
		t.Fatal("nothing was stored")
	}
}

func (h *held) letGo() { close(h.release) }

func (g *gate) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
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

// mustBe checks who a browser is logged in as; nobody is "".
func mustBe(t *testing.T, b *ringtest.Browser, want string) {
	t.Helper()
	if got := see(b.Get("/"), user); got != want {
		t.Errorf("logged in as %q; want %q", got, want)
	}
}

// What a person sees on a page.
var (
	user    = regexp.MustCompile(`<span class="who">.*?<bdi>(.*?)</bdi>`)
	message = regexp.MustCompile(`<p class="notice" role="status">(.*?)</p>`)
	visit   = regexp.MustCompile(`<strong>no. (\d+)</strong>`)
	entry   = regexp.MustCompile(`(?s)<p dir="auto">(.*?)</p>`)
	mistake = regexp.MustCompile(`<span class="problem"[^>]*>(.*?)</span>`)
	where   = regexp.MustCompile(`(?s)<p class="name"><strong[^>]*>(.*?)</p>`)
)

// see returns what a page shows of one kind; several are joined by a bar.
func see(p *ringtest.Page, what *regexp.Regexp) string {
	var found []string
	for _, m := range what.FindAllStringSubmatch(p.Body, -1) {
		found = append(found, html.UnescapeString(tag.ReplaceAllString(m[1], "")))
	}
	return strings.Join(found, "|")
}

var tag = regexp.MustCompile(`<[^>]*>`)
