package session_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const (
	theme  session.Key[string] = "theme"
	lang   session.Key[string] = "lang"
	visits session.Counter     = "visits"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	m.Run()
}

// A site is a handler behind session.Wrap on a table that can be watched and held.
type site struct {
	t      *testing.T
	table  *gate
	app    http.Handler
	mu     sync.Mutex
	now    time.Time
	events []session.Event
}

func newSite(t *testing.T, h ring.Handler, change ...func(*session.Options)) *site {
	s := &site{t: t, table: &gate{Table: memory.NewTable()}, now: time.Now()}
	o := session.Options{Now: s.clock, OnEvent: s.record, Deadline: time.Hour} // the machine may be busy
	for _, c := range change {
		c(&o)
	}
	s.app = chain(s.table, o)(h)
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

func (s *site) record(_ context.Context, e session.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// last returns the kinds of the events since it was asked before.
func (s *site) happened() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kinds []string
	for _, e := range s.events {
		k := e.Kind.String()
		if e.Kind == session.Refused {
			k += " " + e.State.String()
		}
		kinds = append(kinds, k)
	}
	s.events = nil
	return strings.Join(kinds, ", ")
}

// A visitor is a browser as far as cookies go.
type visitor struct {
	s       *site
	mu      sync.Mutex
	cookies map[string]string
}

func (s *site) visitor() *visitor { return &visitor{s: s, cookies: map[string]string{}} }

type answer struct {
	status int
	body   string
	header http.Header
	set    []*http.Cookie
}

// ask sends a request with the cookies of now and returns what came back, its cookies not yet taken.
func (v *visitor) ask(method, path string) answer {
	return v.s.ask(method, path, v.header())
}

// header is the Cookie field that the visitor sends.
func (v *visitor) header() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var pairs []string
	for name, value := range v.cookies {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

func (s *site) ask(method, path, cookie string) answer {
	r := httptest.NewRequest(method, path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	s.app.ServeHTTP(w, r)
	res := w.Result()
	return answer{w.Code, w.Body.String(), res.Header, res.Cookies()}
}

// take stores the cookies of an answer.
func (v *visitor) take(a answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range a.set {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c.Value
		}
	}
}

func (v *visitor) get(path string) answer {
	a := v.ask("GET", path)
	v.take(a)
	return a
}

func (v *visitor) post(path string) answer {
	a := v.ask("POST", path)
	v.take(a)
	return a
}

func (v *visitor) token() string      { return v.cookies["__Host-session"] }
func (v *visitor) ownerToken() string { return v.cookies["__Host-session-owner"] }

// gate is a table that counts its calls and can hold the next one of a kind.
type gate struct {
	*memory.Table
	mu    sync.Mutex
	calls []string
	hold  map[string]*held
	fail  map[string]func() error // instead of the call; nil error: go on
	after map[string]func() error // after the call; an error replaces its answer
}

type held struct{ arrived, release chan struct{} }

// holdNext makes the next call of the kind wait; arrived tells when it does.
func (g *gate) holdNext(kind string) *held {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.hold == nil {
		g.hold = map[string]*held{}
	}
	h := &held{make(chan struct{}), make(chan struct{})}
	g.hold[kind] = h
	return h
}

func (g *gate) pass(kind string) error {
	g.mu.Lock()
	g.calls = append(g.calls, kind)
	h := g.hold[kind]
	delete(g.hold, kind)
	f := g.fail[kind]
	g.mu.Unlock()
	if h != nil {
		close(h.arrived)
		<-h.release
	}
	if f != nil {
		return f()
	}
	return nil
}

func (g *gate) done(kind string, err error) error {
	g.mu.Lock()
	f := g.after[kind]
	g.mu.Unlock()
	if f != nil {
		if ferr := f(); ferr != nil {
			return ferr
		}
	}
	return err
}

func (g *gate) set(m *map[string]func() error, kind string, f func() error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if *m == nil {
		*m = map[string]func() error{}
	}
	(*m)[kind] = f
}

func (g *gate) log() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := strings.Join(g.calls, " ")
	g.calls = nil
	return s
}

func (g *gate) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := g.pass("load"); err != nil {
		return stores.Row{}, err
	}
	row, err := g.Table.Load(ctx, h)
	return row, g.done("load", err)
}

func (g *gate) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if err := g.pass("save"); err != nil {
		return err
	}
	return g.done("save", g.Table.Save(ctx, h, expected, row))
}

func (g *gate) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := g.pass("touch"); err != nil {
		return err
	}
	return g.done("touch", g.Table.Touch(ctx, h, version, seen, expires))
}

func (g *gate) Delete(ctx context.Context, h stores.Handle) error {
	if err := g.pass("delete"); err != nil {
		return err
	}
	return g.done("delete", g.Table.Delete(ctx, h))
}

// routes is a handler by path.
type routes map[string]ring.Handler

func (r routes) serve(req ring.Request) ring.Response {
	if h, ok := r[req.URL.Path]; ok {
		return h(req)
	}
	return ring.Text("nothing here").With(ring.Status(http.StatusNotFound))
}

// common are handlers that most tests need.
var common = routes{
	"/read": func(req ring.Request) ring.Response { return ring.Text(theme.Get(session.From(req))) },
	"/show": func(req ring.Request) ring.Response {
		i := session.Info(req)
		return ring.Text(i.State.String() + " " + i.Owner + " " + session.From(req).String())
	},
	"/dark": func(req ring.Request) ring.Response {
		return ring.Text("dark").With(session.Set(theme.Set(session.From(req), "dark")))
	},
	"/light": func(req ring.Request) ring.Response {
		return ring.Text("light").With(session.Set(theme.Set(session.From(req), "light")))
	},
	"/french": func(req ring.Request) ring.Response {
		return ring.Text("fr").With(session.Set(lang.Set(session.From(req), "fr")))
	},
	"/count": func(ring.Request) ring.Response { return ring.Text("counted").With(visits.By(1)) },
	"/clear": func(req ring.Request) ring.Response {
		return ring.Text("cleared").With(session.Set(session.From(req).Clear()))
	},
	"/ann":    func(ring.Request) ring.Response { return ring.Text("hello Ann").With(session.Login("ann")) },
	"/bob":    func(ring.Request) ring.Response { return ring.Text("hello Bob").With(session.Login("bob")) },
	"/renew":  func(ring.Request) ring.Response { return ring.Text("renewed").With(session.Renew) },
	"/logout": func(ring.Request) ring.Response { return ring.Text("bye").With(session.Delete) },
	"/fail": func(req ring.Request) ring.Response {
		return ring.Fail(io.ErrUnexpectedEOF).With(session.Set(theme.Set(session.From(req), "failed")), session.Login("eve"))
	},
}
