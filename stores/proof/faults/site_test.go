package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A site counts visits, sends messages, and knows who is logged in.
type site struct {
	app ring.Handler

	mu     sync.Mutex
	events map[session.EventKind]int
}

const (
	visits session.Counter   = "visits"
	note   flash.Key[string] = "note"
)

// newSite makes a site that never touches, so that each call to its table is one that a test knows of.
func newSite(table stores.Table, deadline time.Duration, change ...func(*session.Options)) *site {
	s := &site{events: map[session.EventKind]int{}}
	o := session.Options{
		Deadline:   deadline,
		TouchEvery: -1,
		OnEvent: func(_ context.Context, e session.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events[e.Kind]++
		},
	}
	for _, c := range change {
		c(&o)
	}
	s.app = ring.Chain(session.Wrap(stores.Keep(table), o), flash.Wrap)(handle)
	return s
}

func handle(req ring.Request) ring.Response {
	switch req.URL.Path {
	case "/count":
		return session.Attempt(func(now session.Session) (session.Session, ring.Response) {
			now = visits.Add(now, 1)
			return now, ring.Text(strconv.FormatInt(visits.Get(now), 10))
		})
	case "/login":
		return ring.Text("in").With(session.Login(req.Query("as")))
	case "/renew":
		return ring.Text("renewed").With(session.Renew)
	case "/logout":
		return ring.Text("out").With(session.Delete)
	case "/bye":
		return ring.Text("out").With(session.Delete, note.Put("bye"))
	case "/send":
		return ring.Text("sent").With(note.Put(req.Query("text")))
	case "/plain":
		return ring.Text("plain")
	}
	info := session.Info(req)
	return ring.Text(fmt.Sprintf("%v %q %d %q", info.State, info.Owner, visits.Get(session.From(req)), note.Get(req)))
}

// An answer is what a browser gets.
type answer struct {
	status int
	text   string
	set    map[string]string // cookies by name, "" for one that expires
	err    error
}

// unknown reports whether the answer says that nobody knows what was done.
func (a answer) unknown() bool { return errors.Is(a.err, stores.ErrOutcomeUnknown) }

// A view is what a browser sees of its session.
type view struct {
	State, Owner string
	Visits       int
	Note         string // that came with the page
}

// jar holds cookies by name.
type jar map[string]string

func (j jar) header() string {
	var parts []string
	for name, value := range j {
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, "; ")
}

// take does what a browser does with Set-Cookie.
func (j jar) take(a answer) {
	for name, value := range a.set {
		if value == "" {
			delete(j, name)
			continue
		}
		j[name] = value
	}
}

// with is what the jar becomes, which stays as it is.
func (j jar) with(a answer) jar {
	then := maps.Clone(j)
	then.take(a)
	return then
}

// get asks for a path with the cookies of j, and leaves them as they are. Only "/show" is a GET, which messages come with.
func (s *site) get(j jar, path string) answer {
	method := "POST"
	if path == "/show" {
		method = "GET"
	}
	req := ring.NewRequest(method, path, nil)
	if len(j) > 0 {
		req = req.WithHeader("Cookie", j.header())
	}
	resp := s.app(req)
	a := answer{status: resp.Status, set: map[string]string{}, err: resp.Failure(req)}
	if a.err == nil {
		a.text, _ = resp.Body.Text()
	}
	for field := range resp.Header.All("Set-Cookie") {
		c, err := http.ParseSetCookie(field)
		if err != nil {
			a.err = errors.Join(a.err, err)
			continue
		}
		if c.MaxAge < 0 {
			c.Value = ""
		}
		a.set[c.Name] = c.Value
	}
	return a
}

// must is get for what has to be answered, and takes the cookies.
func (s *site) must(t testing.TB, j jar, paths ...string) answer {
	t.Helper()
	var a answer
	for _, path := range paths {
		if a = s.get(j, path); a.err != nil || a.status != 200 {
			t.Fatalf("%s: %d, %v", path, a.status, a.err)
		}
		j.take(a)
	}
	return a
}

// view parses an answer to "/show", or to "/look", with which no message comes.
func (a answer) view() (v view, err error) {
	if a.err != nil {
		return v, a.err
	}
	_, err = fmt.Sscanf(a.text, "%s %q %d %q", &v.State, &v.Owner, &v.Visits, &v.Note)
	return v, err
}

// look shows what a browser with these cookies sees, on a site that no fault strikes. It changes nothing.
func look(t testing.TB, table stores.Table, j jar) view {
	t.Helper()
	v, err := newSite(table, time.Minute).get(j, "/look").view()
	if err != nil {
		t.Fatalf("the session can't be read: %v", err)
	}
	return v
}
