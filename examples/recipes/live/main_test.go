package main

import (
	"bufio"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// A server is the program, with the clock of its rechecks in the hands of a test.
type server struct {
	t *testing.T
	*httptest.Server
	store *memory.Store
	tick  chan time.Time
}

func open(t *testing.T) *server {
	s := &server{t: t, store: memory.New(), tick: make(chan time.Time)}
	s.Server = httptest.NewTLSServer(app(s.store, func() <-chan time.Time { return s.tick }))
	t.Cleanup(s.Close)
	return s
}

// browser returns one in which a user has logged in, or nobody.
func (s *server) browser(user string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &http.Client{Jar: jar, Transport: s.Client().Transport}
	if user != "" {
		s.post(b, "/login", user)
	}
	return b
}

func (s *server) post(b *http.Client, path, user string) {
	s.t.Helper()
	req, err := http.NewRequest("POST", s.URL+path, strings.NewReader(url.Values{"name": {user}}.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header = http.Header{"Origin": {s.URL}, "Content-Type": {"application/x-www-form-urlencoded"}}
	resp, err := b.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		s.t.Fatalf("%s answers %s", path, resp.Status)
	}
}

func (s *server) dial(b *http.Client, header http.Header) (*websocket.Conn, *http.Response, error) {
	c, resp, err := websocket.Dial(s.t.Context(), s.URL+"/socket", &websocket.DialOptions{HTTPClient: b, HTTPHeader: header})
	if err == nil {
		s.t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, resp, err
}

// socket connects, and reads the note as it is.
func (s *server) socket(b *http.Client, want string) *websocket.Conn {
	s.t.Helper()
	c, _, err := s.dial(b, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.wantText(c, want)
	return c
}

func (s *server) wantText(c *websocket.Conn, want string) {
	s.t.Helper()
	if _, got, err := c.Read(s.t.Context()); string(got) != want || err != nil {
		s.t.Fatalf("the socket says %q, %v; want %q", got, err, want)
	}
}

// wantEnd reads what is still on its way, and wants the socket to be closed, as the session has ended.
func (s *server) wantEnd(c *websocket.Conn) {
	s.t.Helper()
	for {
		if _, _, err := c.Read(s.t.Context()); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
				s.t.Errorf("the socket ends with %v", err)
			}
			return
		}
	}
}

func (s *server) send(c *websocket.Conn, text string) {
	s.t.Helper()
	if err := c.Write(s.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// events asks for server-sent events.
func (s *server) events(b *http.Client) (*http.Response, *bufio.Scanner) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "GET", s.URL+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := b.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp, bufio.NewScanner(resp.Body)
}

func (s *server) wantEvent(events *bufio.Scanner, want string) {
	s.t.Helper()
	for _, line := range []string{"data: " + want, ""} {
		if !events.Scan() || events.Text() != line {
			s.t.Fatalf("the stream says %q, %v; want %q", events.Text(), events.Err(), line)
		}
	}
}

func TestWhatOneTabTypesAllTabsShow(t *testing.T) {
	s := open(t)
	ann, bob := s.browser("ann"), s.browser("bob")
	_, events := s.events(ann)
	s.wantEvent(events, `""`)
	typing, other, stranger := s.socket(ann, ""), s.socket(ann, ""), s.socket(bob, "")
	s.send(typing, "two\nlines")
	s.wantText(typing, "two\nlines")
	s.wantText(other, "two\nlines")
	s.wantEvent(events, `"two\nlines"`)
	s.socket(ann, "two\nlines")
	s.send(stranger, "mine")
	s.wantText(stranger, "mine")
}

func TestTheConnectionsEndAtLogOut(t *testing.T) {
	s := open(t)
	ann := s.browser("ann")
	c := s.socket(ann, "")
	_, events := s.events(ann)
	s.wantEvent(events, `""`)
	s.post(ann, "/logout", "")
	s.wantEnd(c)
	if events.Scan() || events.Err() != nil {
		t.Errorf("the stream goes on with %q, %v", events.Text(), events.Err())
	}
	if resp, _ := s.events(ann); resp.StatusCode != http.StatusNoContent {
		t.Errorf("the browser asks again and gets %s; want 204, which ends an EventSource", resp.Status)
	}
}

func TestTheConnectionsEndWhenAnotherUserLogsIn(t *testing.T) {
	s := open(t)
	b := s.browser("ann")
	c := s.socket(b, "")
	s.post(b, "/login", "bob")
	s.wantEnd(c)
}

// Another process has ended the session, so there is no event in this one.
func TestTheConnectionsEndWithTheNextRecheck(t *testing.T) {
	s := open(t)
	c := s.socket(s.browser("ann"), "")
	elsewhere := session.Open(s.store, session.Options{})
	if n, err := elsewhere.EndOwned(t.Context(), "ann"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	s.tick <- time.Time{}
	s.wantEnd(c)
}

func TestNothingIsStoredAfterTheEnd(t *testing.T) {
	s := open(t)
	ann := s.browser("ann")
	elsewhere := session.Open(s.store, session.Options{})
	c := s.socket(ann, "")
	if _, err := elsewhere.EndOwned(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	s.send(c, "late")
	s.wantEnd(c)
	if n := s.store.Len(); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestAStrangerGetsNoConnection(t *testing.T) {
	s := open(t)
	nobody := s.browser("")
	if _, resp, err := s.dial(nobody, nil); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("%v", err)
	}
	if resp, _ := s.events(nobody); resp.StatusCode != http.StatusNoContent {
		t.Errorf("%s", resp.Status)
	}
}

// A browser sends a user's cookies with the handshake of a page of a neighbouring host.
func TestAPageOfAnotherHostGetsNoConnection(t *testing.T) {
	s := open(t)
	_, resp, err := s.dial(s.browser("ann"), http.Header{"Origin": {"https://evil.example"}})
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("%v", err)
	}
}

func TestAnEventWakesThoseOfItsSessionOrOwner(t *testing.T) {
	mine, other := session.Handle{1}, session.Handle{2}
	for _, e := range []struct {
		event session.Event
		woken bool
	}{
		{session.Event{Handle: mine}, true},
		{session.Event{Owner: "ann"}, true},
		{session.Event{Handle: mine, Owner: "bob"}, true},
		{session.Event{Handle: other, Owner: "bob"}, false},
		{session.Event{}, false},
	} {
		var w watchers
		wake, leave := w.join(session.Information{Handle: mine, Owner: "ann"})
		w.hear(t.Context(), e.event)
		if len(wake) == 1 != e.woken {
			t.Errorf("%+v: woken %v", e.event, !e.woken)
		}
		if leave(); len(w.by) != 0 {
			t.Errorf("%d keys are left", len(w.by))
		}
	}
}
