package fromgorilla_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/session/moving/fromgorilla"
	"github.com/signet-go/signet/stores/memory"
)

const theme session.Key[string] = "theme"

const name = "app" // of the cookie

var (
	hashKey  = []byte(strings.Repeat("h", 32))
	blockKey = []byte(strings.Repeat("b", 32))
	newHash  = []byte(strings.Repeat("n", 32))
)

func convert(values map[any]any, m session.Moved) session.Moved {
	m.Owner, _ = values["user"].(string)
	if v, ok := values["theme"].(string); ok {
		m.Session = theme.Set(m.Session, v)
	}
	return m
}

// before is the site on gorilla/sessions.
func before(store sessions.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, name)
		switch r.URL.Path {
		case "/login":
			s.Values["user"], s.Values["theme"] = r.FormValue("name"), "dark"
			if err := s.Save(r, w); err != nil {
				http.Error(w, err.Error(), 500)
			}
		case "/theme":
			s.Values["theme"] = "light"
			if err := s.Save(r, w); err != nil {
				http.Error(w, err.Error(), 500)
			}
		default:
			user, _ := s.Values["user"].(string)
			fmt.Fprintf(w, "%s %v", user, s.Values["theme"])
		}
	})
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

func oldStores(t *testing.T) map[string]sessions.Store {
	files := sessions.NewFilesystemStore(t.TempDir(), hashKey)
	domain := sessions.NewCookieStore(hashKey)
	domain.Options = &sessions.Options{Path: "/", MaxAge: 0, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	return map[string]sessions.Store{
		"signed":          sessions.NewCookieStore(hashKey),
		"encrypted":       sessions.NewCookieStore(hashKey, blockKey),
		"a rotated key":   sessions.NewCookieStore(newHash, nil, hashKey, blockKey),
		"files":           files,
		"browser session": domain,
	}
}

func TestNobodyIsLoggedOutByTheChangeFromGorilla(t *testing.T) {
	for kind, store := range oldStores(t) {
		t.Run(kind, func(t *testing.T) {
			var handler atomic.Pointer[http.Handler]
			replace := func(h http.Handler) { handler.Store(&h) }
			s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				(*handler.Load()).ServeHTTP(w, r)
			}))
			defer s.Close()
			browser := func() func(string) string {
				jar, err := cookiejar.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				c := &http.Client{Transport: s.Client().Transport, Jar: jar}
				return func(path string) string {
					resp, err := c.Get(s.URL + path)
					if err != nil {
						t.Fatal(err)
					}
					defer resp.Body.Close()
					b, _ := io.ReadAll(resp.Body)
					return string(b)
				}
			}
			replace(before(store))
			var visitors []func(string) string
			for i := range 20 {
				v := browser()
				v(fmt.Sprintf("/login?name=user%d", i))
				visitors = append(visitors, v)
			}
			anonymous, stranger := browser(), browser()
			anonymous("/theme")
			replace(after(fromgorilla.Moving(store, name, memory.NewTable(), convert)))
			for i, v := range visitors {
				for range 2 {
					if got, want := v("/"), fmt.Sprintf("user%d dark", i); got != want {
						t.Errorf("user %d sees %q", i, got)
					}
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

func logIn(t *testing.T, store sessions.Store) *http.Cookie {
	t.Helper()
	got := ask(before(store), "/login?name=ann")
	if len(got.cookies) != 1 {
		t.Fatalf("gorilla sets %v", got.cookies)
	}
	return got.cookies[0]
}

func TestC4_ACopyOfTheOldCookieOpensNothingAfterTheLogOut(t *testing.T) {
	for kind, store := range oldStores(t) {
		cookie := logIn(t, store)
		app := after(fromgorilla.Moving(store, name, memory.NewTable(), convert))
		first := ask(app, "/", cookie)
		if first.body != "ann dark" || len(first.cookies) != 2 {
			t.Errorf("%s: the old cookie opens %q and sets %v", kind, first.body, first.cookies)
		}
		ask(app, "/logout", first.cookies[0])
		if got := ask(app, "/", cookie); got.body != " " {
			t.Errorf("%s: after the log-out a copy of the old cookie opens %q", kind, got.body)
		}
	}
}

func TestS7_LimitsCountFromWhenTheOldSessionWasSaved(t *testing.T) {
	store := sessions.NewCookieStore(hashKey)
	cookie := logIn(t, store)
	m, err := fromgorilla.Moving(store, name, memory.NewTable(), convert).Load(t.Context(), cookie.Value, session.Session{})
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(m.Created); age < 0 || age > time.Minute || m.Absolute != 30*24*time.Hour || !m.Persistent {
		t.Errorf("%+v", m)
	}
	store.Options.MaxAge = 0
	if m, _ = fromgorilla.Moving(store, name, memory.NewTable(), convert).Load(t.Context(), cookie.Value, session.Session{}); !m.Created.IsZero() || m.Persistent {
		t.Errorf("of a browser session: %+v", m)
	}
}

func TestWhatGorillaRefusesIsNoSession(t *testing.T) {
	dir := t.TempDir()
	files := sessions.NewFilesystemStore(dir, hashKey)
	inFile := logIn(t, files)
	gone, err := filepath.Glob(filepath.Join(dir, "session_*"))
	if err != nil || len(gone) != 1 {
		t.Fatalf("%v %v", gone, err)
	}
	if err := os.Remove(gone[0]); err != nil {
		t.Fatal(err)
	}
	store := sessions.NewCookieStore(hashKey, blockKey)
	good := logIn(t, store)
	old := sessions.NewCookieStore(hashKey, blockKey)
	for _, c := range old.Codecs {
		c.(*securecookie.SecureCookie).MinAge(3600)
	}
	for what, c := range map[string]struct {
		store sessions.Store
		value string
	}{
		"no base64":            {store, "%%%"},
		"altered":              {store, good.Value[:len(good.Value)-4] + "AAAA"},
		"another key's":        {sessions.NewCookieStore(newHash), good.Value},
		"two other keys'":      {sessions.NewCookieStore(newHash, nil, blockKey), good.Value},
		"too new":              {old, good.Value},
		"too long":             {store, strings.Repeat("A", 5000)},
		"a file that is gone":  {files, inFile.Value},
		"a cookie of its name": {store, ""},
	} {
		m := fromgorilla.Moving(c.store, name, memory.NewTable(), convert)
		if _, err := m.Load(t.Context(), c.value, session.Session{}); !errors.Is(err, session.ErrAbsent) {
			t.Errorf("%s: %v", what, err)
		}
		if got := ask(after(m), "/", &http.Cookie{Name: name, Value: c.value}); got.body != " " || got.status != 200 {
			t.Errorf("%s: %d %q", what, got.status, got.body)
		}
	}
}

func TestT6_AStoreOfGorillaThatFailsIsAFailureAndNamesNoCookie(t *testing.T) {
	dir := t.TempDir()
	files := sessions.NewFilesystemStore(dir, hashKey)
	inFile := logIn(t, files)
	all, err := filepath.Glob(filepath.Join(dir, "session_*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v %v", all, err)
	}
	if err := errors.Join(os.Remove(all[0]), os.Mkdir(all[0], 0o700)); err != nil { // can't be read
		t.Fatal(err)
	}
	broken := sessions.NewCookieStore(hashKey)
	value, err := securecookie.New(hashKey, nil).SetSerializer(securecookie.NopEncoder{}).Encode(name, []byte("no gob"))
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		store sessions.Store
		value string
	}{
		"a file that can't be read": {files, inFile.Value},
		"no gob":                    {broken, value},
		"no keys":                   {sessions.NewCookieStore(), value},
		"a store that panics":       {panicking{}, value},
	} {
		got := ask(after(fromgorilla.Moving(c.store, name, memory.NewTable(), convert)), "/", &http.Cookie{Name: name, Value: c.value})
		if got.status != 503 || len(got.cookies) != 0 || !strings.Contains(got.body, "fromgorilla: ") || strings.Contains(got.body, c.value) {
			t.Errorf("%s: %d %q", what, got.status, got.body)
		}
	}
}

type panicking struct{ sessions.Store }

func TestMovingPanicsWithoutItsArguments(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	fromgorilla.Moving(sessions.NewCookieStore(hashKey), "", memory.NewTable(), convert)
}

// FuzzCookie reads what a browser may send, and what is under a genuine seal.
func FuzzCookie(f *testing.F) {
	store := sessions.NewCookieStore(hashKey)
	seal := securecookie.New(hashKey, nil).SetSerializer(securecookie.NopEncoder{})
	good, err := securecookie.EncodeMulti(name, map[any]any{"user": "ann"}, store.Codecs...)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good))
	f.Add([]byte(base64.URLEncoding.EncodeToString([]byte("99999999999999|x|y"))))
	inside, err := (securecookie.GobEncoder{}).Serialize(map[any]any{"user": "ann", "theme": "dark"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(inside)
	f.Fuzz(func(t *testing.T, b []byte) {
		load := fromgorilla.Moving(store, name, memory.NewTable(), convert).Load
		if _, err := load(t.Context(), string(b), session.Session{}); err != nil && !errors.Is(err, session.ErrAbsent) {
			t.Errorf("a cookie without a genuine seal is a failure: %v", err)
		}
		sealed, err := seal.Encode(name, b)
		if err != nil {
			return // too long
		}
		if m, err := load(t.Context(), sealed, session.Session{}); err == nil && m.Created.IsZero() {
			t.Error("a genuine cookie has no time")
		}
	})
}
