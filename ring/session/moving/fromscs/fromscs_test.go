package fromscs_test

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/session/moving/fromscs"
	"github.com/signet-go/signet/stores/memory"
)

const theme session.Key[string] = "theme"

func convert(values map[string]any, m session.Moved) session.Moved {
	m.Owner, _ = values["userID"].(string)
	if v, ok := values["theme"].(string); ok {
		m.Session = theme.Set(m.Session, v)
	}
	return m
}

// before is the site on scs.
func before(sessions *scs.SessionManager) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		_ = sessions.RenewToken(r.Context())
		sessions.Put(r.Context(), "userID", r.FormValue("name"))
		sessions.Put(r.Context(), "theme", "dark")
		if r.FormValue("remember") != "" {
			sessions.RememberMe(r.Context(), true)
		}
	})
	mux.HandleFunc("/theme", func(_ http.ResponseWriter, r *http.Request) { sessions.Put(r.Context(), "theme", "light") })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", sessions.GetString(r.Context(), "userID"), sessions.GetString(r.Context(), "theme"))
	})
	return sessions.LoadAndSave(mux)
}

// after is the same site on Signet.
func after(moving *session.Moving) http.Handler {
	o := session.Options{Moving: moving, OnFailure: func(_ ring.Request, err error) ring.Response {
		return ring.Text(err.Error()).With(ring.Status(http.StatusServiceUnavailable))
	}}
	return session.Wrap(memory.New(), o)(func(req ring.Request) ring.Response {
		if req.URL.Path == "/logout" {
			return ring.Text("bye").With(session.Delete)
		}
		return ring.Text(session.Info(req).Owner + " " + theme.Get(session.From(req)))
	})
}

// A site is a server whose handler can be replaced while it runs.
type site struct {
	*httptest.Server
	t       *testing.T
	handler atomic.Pointer[http.Handler]
}

func newSite(t *testing.T, h http.Handler) *site {
	s := &site{t: t}
	s.handler.Store(&h)
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*s.handler.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) replace(h http.Handler) { s.handler.Store(&h) }

// browser returns a client with cookies of its own.
func (s *site) browser() func(path string) string {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := &http.Client{Transport: s.Client().Transport, Jar: jar}
	return func(path string) string {
		resp, err := client.Get(s.URL + path)
		if err != nil {
			s.t.Error(err)
			return ""
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			s.t.Error(err)
		}
		return string(body)
	}
}

func TestNobodyIsLoggedOutByTheChangeFromSCS(t *testing.T) {
	for name, set := range map[string]func(*scs.SessionManager){
		"as it comes":     func(*scs.SessionManager) {},
		"hashed tokens":   func(m *scs.SessionManager) { m.HashTokenInStore = true },
		"an idle limit":   func(m *scs.SessionManager) { m.IdleTimeout = time.Hour },
		"browser session": func(m *scs.SessionManager) { m.Cookie.Persist = false },
		"another cookie": func(m *scs.SessionManager) {
			m.Cookie.Name, m.Cookie.Path, m.Cookie.Secure = "id", "/", true
		},
	} {
		t.Run(name, func(t *testing.T) {
			sessions := scs.New()
			set(sessions)
			s := newSite(t, before(sessions))
			var visitors []func(string) string
			for i := range 20 {
				v := s.browser()
				v(fmt.Sprintf("/login?name=user%d", i))
				visitors = append(visitors, v)
			}
			anonymous, stranger := s.browser(), s.browser()
			anonymous("/theme")
			s.replace(after(fromscs.Moving(sessions, memory.NewTable(), convert)))
			for i, v := range visitors {
				want := fmt.Sprintf("user%d dark", i)
				var all sync.WaitGroup
				for range 3 { // tabs that are restored
					all.Go(func() {
						if got := v("/"); got != want {
							t.Errorf("at first user %d sees %q", i, got)
						}
					})
				}
				all.Wait()
				if got := v("/"); got != want {
					t.Errorf("then user %d sees %q", i, got)
				}
			}
			if got := anonymous("/"); got != " light" {
				t.Errorf("an anonymous visitor sees %q", got)
			}
			if got := stranger("/"); got != " " {
				t.Errorf("a stranger sees %q", got)
			}
			visitors[0]("/logout")
			if got := visitors[0]("/"); got != " " {
				t.Errorf("after the log-out: %q", got)
			}
		})
	}
}

func TestC4_ACopyOfTheOldCookieOpensNothingAfterTheLogOut(t *testing.T) {
	sessions := scs.New()
	table := memory.NewTable()
	cookie := logIn(t, sessions, "/login?name=ann")
	app := after(fromscs.Moving(sessions, table, convert))
	if got := ask(app, "/", cookie); got.body != "ann dark" {
		t.Fatalf("the old cookie opens %q", got.body)
	}
	if got := ask(app, "/logout", cookie); got.body != "bye" {
		t.Fatalf("the log-out says %q", got.body)
	}
	if got := ask(app, "/", cookie); got.body != " " || len(got.cookies) != 1 || got.cookies[0].Name != "session" || got.cookies[0].MaxAge >= 0 {
		t.Errorf("after the log-out a copy of the old cookie opens %q and sets %v", got.body, got.cookies)
	}
}

// logIn returns the cookie that scs sets.
func logIn(t *testing.T, sessions *scs.SessionManager, path string) *http.Cookie {
	t.Helper()
	got := ask(before(sessions), path)
	if len(got.cookies) != 1 {
		t.Fatalf("scs sets %v", got.cookies)
	}
	return got.cookies[0]
}

type answer struct {
	status  int
	body    string
	cookies []*http.Cookie
}

func ask(h http.Handler, path string, cookies ...*http.Cookie) answer {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Body.String(), w.Result().Cookies()}
}

// The end that scs has set holds, whatever the options say, until the next log-in.
func TestS7_AMovedSessionEndsWhenSCSWouldEndIt(t *testing.T) {
	sessions := scs.New()
	sessions.Lifetime = 40 * 24 * time.Hour
	cookie := logIn(t, sessions, "/login?name=ann")
	m, err := fromscs.Moving(sessions, memory.NewTable(), convert).Load(t.Context(), cookie.Value, session.Session{})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(sessions.Lifetime)
	if d := m.Created.Add(m.Absolute).Sub(deadline); d > time.Minute || d < -time.Minute {
		t.Errorf("it ends at %v; want %v", m.Created.Add(m.Absolute), deadline)
	}
	if m.Idle >= 0 || !m.Persistent || m.Owner != "ann" || theme.Get(m.Session) != "dark" {
		t.Errorf("%+v", m)
	}
	sessions.IdleTimeout, sessions.Cookie.Persist = time.Hour, false
	if m, _ = fromscs.Moving(sessions, memory.NewTable(), convert).Load(t.Context(), cookie.Value, session.Session{}); m.Idle != time.Hour || m.Persistent {
		t.Errorf("with an idle limit: %+v", m)
	}
	cookie = logIn(t, sessions, "/login?name=ann&remember=1")
	if m, _ = fromscs.Moving(sessions, memory.NewTable(), convert).Load(t.Context(), cookie.Value, session.Session{}); !m.Persistent {
		t.Errorf("with RememberMe: %+v", m)
	}
}

func TestWhatSCSDoesNotKnowIsNoSession(t *testing.T) {
	sessions := scs.New()
	cookie := logIn(t, sessions, "/login?name=ann")
	ended, err := sessions.Load(t.Context(), cookie.Value)
	if err != nil {
		t.Fatal(err)
	}
	sessions.SetDeadline(ended, time.Now().Add(-time.Hour))
	b, err := sessions.Codec.Encode(sessions.Deadline(ended), map[string]any{"userID": "ann"})
	if err != nil {
		t.Fatal(err)
	}
	if err := sessions.Store.Commit("ended", b, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	load := fromscs.Moving(sessions, memory.NewTable(), convert).Load
	for _, token := range []string{"", "unknown", "ended"} {
		if _, err := load(t.Context(), token, session.Session{}); !errors.Is(err, session.ErrAbsent) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// down is a store of scs that fails.
type down struct{ scs.Store }

func (down) Find(string) ([]byte, bool, error) { return nil, false, errors.New("down") }

func TestT6_AStoreOfSCSThatIsDownIsAFailure(t *testing.T) {
	sessions := scs.New()
	cookie := logIn(t, sessions, "/login?name=ann")
	up := sessions.Store
	sessions.Store = down{up}
	app := after(fromscs.Moving(sessions, memory.NewTable(), convert))
	if got := ask(app, "/", cookie); got.status != 503 || len(got.cookies) != 0 {
		t.Errorf("%d, %v", got.status, got.cookies)
	}
	sessions.Store = up
	if got := ask(app, "/", cookie); got.body != "ann dark" {
		t.Errorf("when it is up again: %q", got.body)
	}
}

// foreign is a codec whose bytes are not those of scs.
type foreign struct{}

func (foreign) Encode(time.Time, map[string]any) ([]byte, error) { return []byte("no gob"), nil }
func (foreign) Decode([]byte) (time.Time, map[string]any, error) { panic("a codec of somebody else") }

func TestARowThatCanNotBeDecodedIsAFailureAndNamesNoToken(t *testing.T) {
	sessions := scs.New()
	token := strings.Repeat("t", 43)
	cookie := &http.Cookie{Name: "session", Value: token}
	if err := sessions.Store.Commit(token, []byte("no gob"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := ask(after(fromscs.Moving(sessions, memory.NewTable(), convert)), "/", cookie)
		if got.status != 503 || !strings.Contains(got.body, "fromscs: ") || strings.Contains(got.body, token) {
			t.Errorf("%d: %s", got.status, got.body)
		}
		sessions.Codec = foreign{} // then it panics
	}
}

func TestMovingPanicsWithoutItsArguments(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	fromscs.Moving(scs.New(), nil, convert)
}

type point struct{ X, Y int }

// FuzzRow decodes what a row of scs may hold.
func FuzzRow(f *testing.F) {
	gob.Register(point{})
	codec := scs.GobCodec{}
	for _, values := range []map[string]any{{}, {"userID": "ann", "theme": "dark"}, {"p": point{1, 2}, "__rememberMe": true}} {
		b, err := codec.Encode(time.Now().Add(time.Hour), values)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, row []byte) {
		sessions := scs.New()
		sessions.Store = memstore.NewWithCleanupInterval(0)
		if err := sessions.Store.Commit("token", row, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		m, err := fromscs.Moving(sessions, memory.NewTable(), convert).Load(context.Background(), "token", session.Session{})
		if err == nil && m.Session.Err() != nil {
			t.Errorf("a session with the error %v", m.Session.Err())
		}
		if err == nil && m.Created.After(time.Now()) {
			t.Errorf("it begins at %v", m.Created)
		}
	})
}
