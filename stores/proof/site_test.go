package proof

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/signet-go/signet/internal/queue"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A call is a request to the site and what became of it. Where it is to stop, it does so once, and goes on when it is let.
type call struct {
	method, path string
	kind         requestKind
	cookies      string
	script       script
	stopAt       stop
	before       func(trip string) // called before each call to the table; nil for nothing
	queued       func()            // called when it has to wait for another one's commit; nil for nothing
	actor        *actor            // of an interleaving; nil for none
	site         *site

	stopped chan struct{} // it has come to where it is to stop
	goOn    chan struct{}
	done    chan struct{}

	// Of the goroutine that serves it, until it has ended.
	passed bool     // it has stopped already
	loads  bool     // the handler has not run yet
	trips  []string // calls to the table
	events []string
	resp   ring.Response
}

// A stop is a place where a request can be held.
type stop string

const (
	nowhere       stop = ""
	beforeLoading stop = "before it loads"
	inTheHandler  stop = "in the handler"
	beforeStoring stop = "before it stores"
)

// A requestKind is what the browser says that the request is for.
type requestKind struct{ name, mode, dest, purpose, boosted string }

var (
	navigation = requestKind{"navigates", "navigate", "document", "", ""}
	fetching   = requestKind{"fetches", "cors", "empty", "", ""}
	boosting   = requestKind{"follows a boosted link", "cors", "empty", "", "true"}
	imaging    = requestKind{"loads the image", "no-cors", "image", "", ""}
	prefetches = requestKind{"prefetches", "navigate", "document", "prefetch", ""}
	oldBrowser = requestKind{"asks without metadata", "", "", "", ""}
)

// standsFor returns what counts for messages: a request for a page in place of a navigation is one, and so is a request
// about which nothing is known.
func (k requestKind) standsFor() requestKind {
	if k == boosting || k == oldBrowser || k == prefetches {
		return navigation
	}
	return k
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// stopHere holds the request if this is the place.
func (c *call) stopHere(at stop) {
	if c.stopAt != at || c.passed {
		return
	}
	c.passed = true
	close(c.stopped)
	<-c.goOn
}

// A keeper is the store of a table that can do all.
type keeper interface {
	stores.Store
	stores.Owners
	stores.Sweeper
}

// A site serves scripts, with sessions in a table.
type site struct {
	app    ring.Handler
	keeper keeper
	table  stores.Table
	quick  bool // a look at the table takes microseconds

	mu      sync.Mutex
	now     time.Time
	handles []stores.Handle // of what was inserted
	begun   int
}

// Owners are others each time that a site begins: an index may remember for a while what a session's owner had before.
func (s *site) named(owner string) string { return fmt.Sprint(owner, "/", s.begun) }

func unnamed(owner string) string {
	owner, _, _ = strings.Cut(owner, "/")
	return owner
}

// begin sets the clock.
func (s *site) begin(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
	s.begun++
}

// end takes away what was inserted.
func (s *site) end() {
	for _, h := range s.handles {
		_ = s.table.Delete(context.Background(), h)
	}
	s.handles = nil
}

func (s *site) inserted(h stores.Handle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handles = append(s.handles, h)
}

const (
	idle     = 30 * time.Minute
	absolute = 40 * time.Minute
	touching = time.Minute
	fading   = time.Minute
	staying  = time.Minute      // how long a token that was renewed is told from an unknown one
	ahead    = time.Hour        // how far ahead a clock may have been when a session was stored
	patience = 10 * time.Minute // ends what would wait without end; far longer than anything takes, on whatever machine
)

func newSite(table stores.Table, b broken) *site {
	s := &site{table: table}
	s.keeper = stores.Keep(watched{table, s}).(keeper)
	var store stores.Store = s.keeper
	if b.store != nil {
		store = b.store(store)
	}
	o := session.Options{
		Now: s.clock, Idle: idle, Absolute: absolute, TouchEvery: touching, Deadline: patience,
		OnEvent: func(ctx context.Context, e session.Event) {
			told := e.Kind.String()
			if e.Kind == session.Refused {
				told += " " + e.State.String()
			}
			c := callOf(ctx)
			c.events = append(c.events, told)
		},
	}
	if b.option != nil {
		b.option(&o)
	}
	var layers []ring.Middleware
	for _, layer := range []ring.Middleware{b.outside, session.Wrap(store, o), b.between, flash.Wrap} {
		if layer != nil {
			layers = append(layers, layer)
		}
	}
	s.app = ring.Chain(layers...)(func(req ring.Request) ring.Response {
		c := callOf(req.Context())
		c.loads = false
		c.stopHere(inTheHandler)
		return c.script.respond(req)
	})
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

// serve answers a call; it returns when the call has.
func (s *site) serve(c *call) {
	req := ring.NewRequest(c.method, c.path, nil)
	req.Scheme = "https"
	var h ring.Header
	for _, f := range []ring.Field{
		{Name: "Sec-Fetch-Mode", Value: c.kind.mode}, {Name: "Sec-Fetch-Dest", Value: c.kind.dest},
		{Name: "Sec-Purpose", Value: c.kind.purpose}, {Name: "HX-Boosted", Value: c.kind.boosted}, {Name: "Cookie", Value: c.cookies},
	} {
		if f.Value != "" {
			h = h.AddAll(f)
		}
	}
	req.Header = h
	c.loads, c.site = true, s
	ctx := context.WithValue(context.Background(), callKey{}, c)
	if c.queued != nil {
		ctx = context.WithValue(ctx, queue.Waiting{}, c.queued)
	}
	c.resp = s.app(req.WithContext(ctx))
}

// start begins a call. It returns when the call has ended, or has come to where it is to stop: then held is true.
func (s *site) start(c *call) (held bool, err error) {
	if c.stopAt == nowhere {
		s.serve(c)
		return false, nil
	}
	c.stopped, c.goOn, c.done = make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(c.done)
		s.serve(c)
	}()
	select {
	case <-c.stopped:
		return true, nil
	case <-c.done:
		return false, nil
	case <-time.After(patience):
		return false, fmt.Errorf("no answer after %v", patience)
	}
}

// finish lets a held call go on, and waits for its end.
func (c *call) finish() error {
	close(c.goOn)
	select {
	case <-c.done:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("no answer after %v", patience)
	}
}

// answer tells what came back in one line, and what became of the cookies.
func (c *call) answer() (string, []*http.Cookie) {
	status := fmt.Sprint(c.resp.Status)
	body, _ := c.resp.Body.Text()
	if c.resp.Err != nil {
		status, body = failed, c.resp.Err.Error()
		for _, known := range []string{whyFailed, whyDropped} {
			if strings.Contains(body, known) {
				body = known
			}
		}
	}
	var set []*http.Cookie
	var jar []string
	for line := range c.resp.Header.All("Set-Cookie") {
		k, err := http.ParseSetCookie(line)
		if err != nil {
			jar = append(jar, "a broken cookie")
			continue
		}
		set = append(set, k)
		jar = append(jar, cookieNote(k.Name, k.MaxAge < 0, time.Duration(max(k.MaxAge, 0))*time.Second))
	}
	cached, _ := c.resp.Header.Lookup("Cache-Control")
	return answerLine(status, body, jar, cached, c.events, c.trips), set
}

const (
	failed     = "failed"
	whyFailed  = "the handler fails"
	whyDropped = "change dropped"
)

func cookieNote(name string, gone bool, age time.Duration) string {
	switch {
	case gone:
		return "-" + name
	case age > 0:
		return fmt.Sprintf("+%s for %v", name, age)
	}
	return "+" + name
}

func answerLine(status, body string, jar []string, cached string, events, trips []string) string {
	return fmt.Sprintf("%s %q, cookies [%s], cache %q, events [%s], store [%s]", status, body,
		strings.Join(jar, " "), cached, strings.Join(events, ", "), strings.Join(trips, " "))
}

const (
	anonymousCookie = "__Host-session"
	ownerCookie     = "__Host-session-owner"
)

// watched is a table that notes the calls of each request, and holds a request before one.
type watched struct {
	stores.Table
	site *site
}

// maxTrips is more than any request needs. A broken site may have one that is refused and tried again until its
// deadline, which is far away here.
const maxTrips = 1000

var errEndless = errors.New("proof: a request that calls the store without end")

func (w watched) note(ctx context.Context, trip string) error {
	c := callOf(ctx)
	if c == nil {
		return nil
	}
	if len(c.trips) == maxTrips {
		return errEndless
	}
	at := beforeStoring
	if c.loads {
		at = beforeLoading
	}
	c.stopHere(at)
	if c.before != nil {
		c.before(trip)
	}
	c.trips = append(c.trips, trip)
	return nil
}

func (w watched) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := w.note(ctx, "load"); err != nil {
		return stores.Row{}, err
	}
	return w.Table.Load(ctx, h)
}

func (w watched) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	trip := "save"
	if expected == 0 {
		trip = "insert"
	}
	if err := w.note(ctx, trip); err != nil {
		return err
	}
	if expected == 0 {
		w.site.inserted(h)
	}
	return w.Table.Save(ctx, h, expected, row)
}

func (w watched) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := w.note(ctx, "touch"); err != nil {
		return err
	}
	return w.Table.Touch(ctx, h, version, seen, expires)
}

func (w watched) Delete(ctx context.Context, h stores.Handle) error {
	if err := w.note(ctx, "delete"); err != nil {
		return err
	}
	return w.Table.Delete(ctx, h)
}

func (w watched) List(ctx context.Context, owner string) ([]stores.Row, error) {
	if err := w.note(ctx, "list"); err != nil {
		return nil, err
	}
	return w.Table.(stores.Lister).List(ctx, owner)
}

func (w watched) Sweep(ctx context.Context, now time.Time) (int, error) {
	if err := w.note(ctx, "sweep"); err != nil {
		return 0, err
	}
	return sweep(ctx, w.Table, now)
}
