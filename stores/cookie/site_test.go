package cookie_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/cookie"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	m.Run()
}

const (
	theme  session.Key[string] = "theme"
	visits session.Counter     = "visits"

	anonymous = "__Host-session"
	owner     = "__Host-session-owner"
)

var secret = []byte("the first secret, which nobody has guessed")

func open(t testing.TB, secret []byte, options ...cookie.Option) *cookie.Store {
	t.Helper()
	store, err := cookie.New(secret, options...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// A site is one process with a clock of its own.
type site struct {
	t   *testing.T
	app ring.Handler

	mu        sync.Mutex
	now       time.Time
	events    []string
	meanwhile func() // what happens while /slow runs
}

func serve(t *testing.T, store stores.Store, options ...func(*session.Options)) *site {
	s := &site{t: t, now: time.Now()}
	o := session.Options{Now: s.clock, OnEvent: func(_ context.Context, e session.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e.Kind.String())
	}}
	for _, change := range options {
		change(&o)
	}
	s.app = session.Wrap(store, o)(s.handle)
	return s
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// told returns the events since it was asked before.
func (s *site) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := strings.Join(s.events, ", ")
	s.events = nil
	return told
}

// handle serves one change for each path; "/slow/x" is x of a request that has loaded its session before something else
// happens.
func (s *site) handle(req ring.Request) ring.Response {
	path := req.URL.Path
	if rest, slow := strings.CutPrefix(path, "/slow"); slow {
		path = rest
		if f := s.meanwhile; f != nil {
			s.meanwhile = nil
			f()
		}
	}
	ok := ring.Text("ok")
	what, value, _ := strings.Cut(path[1:], "/")
	switch what {
	case "theme":
		return ok.With(session.Set(theme.Set(session.From(req), value)))
	case "count":
		return ok.With(visits.By(1))
	case "login":
		return ok.With(session.Login(value))
	case "renew":
		return ok.With(session.Renew)
	case "logout":
		return ok.With(session.Delete)
	case "clear":
		return ok.With(session.Set(session.Session{}))
	}
	info := session.Info(req)
	return ring.Text(strings.TrimSpace(fmt.Sprint(info.State, " ", info.Owner, " ", theme.Get(session.From(req)), " ", visits.Get(session.From(req)))))
}

func (s *site) browser() *ringtest.Browser { return ringtest.New(s.t, s.app, ringtest.Clock(s.clock)) }

// is checks what a browser's session is: state, owner, theme and visits.
func (s *site) is(b *ringtest.Browser, want string) {
	s.t.Helper()
	if page := b.Get("/show"); strings.Join(strings.Fields(page.Body), " ") != want || page.Status != http.StatusOK {
		s.t.Errorf("the session is %q (%d); want %q", page.Body, page.Status, want)
	}
}

// post sends a change that must work.
func (s *site) post(b *ringtest.Browser, path string) *ringtest.Page {
	s.t.Helper()
	page := b.Post(path)
	if page.Status != http.StatusOK {
		s.t.Fatalf("POST %s: %d %v", path, page.Status, page)
	}
	return page
}

// value returns a cookie's.
func (s *site) value(b *ringtest.Browser, name string) string {
	s.t.Helper()
	c, ok := b.Cookie(name)
	if !ok {
		s.t.Fatalf("no cookie %s", name)
	}
	return c.Value
}

// with gives a browser that has one cookie.
func (s *site) with(name, value string) *ringtest.Browser {
	b := s.browser()
	b.SetCookie(name + "=" + value + "; Path=/; Secure; HttpOnly")
	return b
}
