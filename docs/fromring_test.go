package docs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/storetest"
)

const (
	fromTheme  session.Key[string] = "theme"
	fromVisits session.Counter     = "visits"
)

// pages are handlers by path.
type pages map[string]ring.Handler

func (p pages) serve(req ring.Request) ring.Response {
	if h, ok := p[req.URL.Path]; ok {
		return h(req)
	}
	return ring.Fail(&ring.Error{Status: http.StatusNotFound})
}

var fromPages = pages{
	"/show": func(req ring.Request) ring.Response {
		return ring.Text(session.Info(req).State.String() + " " + session.From(req).String())
	},
	"/dark": func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(fromTheme.Set(session.From(req), "dark")))
	},
	"/nothing": func(ring.Request) ring.Response { return ring.Text("") },
	"/renew":   func(ring.Request) ring.Response { return ring.Text("").With(session.Renew) },
	"/login":   func(ring.Request) ring.Response { return ring.Text("").With(session.Login("ann")) },
	"/logout":  func(ring.Request) ring.Response { return ring.Text("").With(session.Delete) },
}

// A migrant is a browser as far as cookies go.
type migrant struct {
	app     http.Handler
	cookies map[string]string
}

func migrate(app ring.Handler) *migrant { return &migrant{app, map[string]string{}} }

// wrapped is h behind session.Wrap, with a clock that stands still until it is moved.
func wrapped(store stores.Store, now *time.Time, h ring.Handler) ring.Handler {
	return session.Wrap(store, session.Options{Now: func() time.Time { return *now }})(h)
}

func (m *migrant) do(method, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for name, value := range m.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	m.app.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(m.cookies, c.Name)
		} else {
			m.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (m *migrant) get(target string) string { return m.do("GET", target).Body.String() }

func (m *migrant) token() string { return m.cookies["__Host-session"] }

// wantSame compares what a user sees with what the page says.
func wantSame[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v; want %v", what, got, want)
	}
}

func TestFromRing_TheCounterStartsAtZero(t *testing.T) {
	m := migrate(session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		s := session.From(req)
		page := ring.Text(fmt.Sprintf("You accessed this page %d times.", fromVisits.Get(s)))
		return page.With(session.Set(fromVisits.Add(s, 1)))
	}))
	for n := range 3 {
		wantSame(t, "page", m.get("/"), fmt.Sprintf("You accessed this page %d times.", n))
	}
}

func TestFromRing_AMissingKeyReadsAsTheZeroValue(t *testing.T) {
	req := ring.NewRequest("GET", "/", nil)
	var s session.Session
	m := session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		s = session.From(req)
		return ring.Text("Hello " + fromTheme.Get(s))
	})
	if text, _ := m(req).Body.Text(); text != "Hello " {
		t.Errorf("page %q", text)
	}
	wantAbsent[string](t, s)
	wantAbsent[int](t, s)
	wantAbsent[bool](t, s)
	wantAbsent[time.Time](t, s)
	wantAbsent[*int](t, s)
	if n, err := fromVisits.Lookup(s); n != 0 || !errors.Is(err, session.ErrAbsent) {
		t.Errorf("a counter: %d, %v", n, err)
	}
}

func wantAbsent[T comparable](t *testing.T, s session.Session) {
	t.Helper()
	const k = session.Key[T]("k")
	var zero T
	if v, err := k.Lookup(s); v != zero || k.Get(s) != zero || !errors.Is(err, session.ErrAbsent) {
		t.Errorf("%T: %v, %v", zero, v, err)
	}
}

func TestFromRing_AnEmptyValueIsThereAndACounterAtZeroIsNot(t *testing.T) {
	const on, off session.Key[string] = "on", "off"
	s := off.Set(on.Set(session.Session{}, "x"), "")
	s = fromVisits.Add(fromVisits.Add(s, 2), -2)
	wantSame(t, "session", s.String(), `{"off":"","on":"x"}`)
	if _, err := off.Lookup(s); err != nil {
		t.Error(err)
	}
	if _, err := session.Key[int]("on").Lookup(s); !errors.Is(err, stores.ErrUndecodable) {
		t.Errorf("another type of the same key: %v", err)
	}
}

func TestFromRing_TheSessionKeyIsAHandleThatOpensNothing(t *testing.T) {
	m := migrate(session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		h := session.Info(req).Handle
		resp := ring.Text("")
		if (h != stores.Handle{}) {
			resp = ring.Text(h.String())
		}
		return resp.With(session.Set(fromTheme.Set(session.From(req), "dark")))
	}))
	wantSame(t, "without a session", m.get("/"), "")
	token := m.token()
	handle := m.get("/")
	wantSame(t, "with one", handle, token[:24])
	for _, value := range []string{handle, handle + strings.Repeat("A", 44)} {
		m.cookies["__Host-session"] = value
		if got := m.do("GET", "/").Result().Cookies(); len(got) != 1 || got[0].Value[:24] == handle {
			t.Errorf("the handle in the cookie: %v; want a session of its own", got)
		}
	}
}

func TestFromRing_NilIsDeleteAndEndsBothSides(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(fromPages.serve))
	m.get("/dark")
	old := m.token()
	set := m.do("POST", "/logout").Header().Values("Set-Cookie")
	if len(set) != 1 || !strings.HasPrefix(set[0], "__Host-session=; Max-Age=0; ") {
		t.Errorf("Set-Cookie %q", set)
	}
	wantSame(t, "rows", store.Len(), 0)
	m.cookies["__Host-session"] = old
	wantSame(t, "the old cookie", m.get("/show"), "unknown {}")
}

func TestFromRing_RenewHoldsForOneResponse(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(fromPages.serve))
	m.get("/dark")
	first := m.token()
	m.get("/renew")
	second := m.token()
	if second == first {
		t.Error("the token is the same")
	}
	for _, path := range []string{"/nothing", "/dark", "/show"} {
		if set := m.do("GET", path).Header().Values("Set-Cookie"); len(set) != 0 {
			t.Errorf("%s after it: %q", path, set)
		}
	}
	wantSame(t, "the values", m.get("/show"), `live {"theme":"dark"}`)
	wantSame(t, "rows", store.Len(), 1)
}

func TestFromRing_LifetimeWithoutASessionSetsNoCookie(t *testing.T) {
	store := memory.New()
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response {
		return ring.Text("").With(session.Lifetime(0, 0, true))
	})
	if set := migrate(app).do("GET", "/").Header().Values("Set-Cookie"); len(set) != 0 || store.Len() != 0 {
		t.Errorf("Set-Cookie %q, %d rows", set, store.Len())
	}
}

func TestFromRing_AnOuterLayerSeesTheCookieAsAValue(t *testing.T) {
	var seen []string
	outer := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			resp := h(req)
			seen = slices.Collect(resp.Header.All("Set-Cookie"))
			return resp
		}
	}
	app := ring.Chain(outer, session.Wrap(memory.New(), session.Options{}))(fromPages.serve)
	w := migrate(app).do("GET", "/dark")
	if len(seen) != 1 || !slices.Equal(seen, w.Header().Values("Set-Cookie")) {
		t.Errorf("a layer saw %q, the client %q", seen, w.Header().Values("Set-Cookie"))
	}
}

// The store that docs/from-ring.md shows. TestFromRing_TheStoreOfThePageKeepsTheLaws compares the text.

// A Cabinet keeps sessions in a map.
type Cabinet struct {
	mu   sync.Mutex
	rows map[stores.Handle]stores.Row
}

func NewCabinet() *Cabinet { return &Cabinet{rows: map[stores.Handle]stores.Row{}} }

func (c *Cabinet) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	row, ok := c.rows[h]
	switch {
	case ctx.Err() != nil:
		return stores.Row{}, ctx.Err()
	case !ok:
		return stores.Row{}, stores.ErrNotFound
	}
	return row, nil
}

func (c *Cabinet) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.rows[h]
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !ok && expected != 0:
		return stores.ErrNotFound
	case ok && old.Version != expected: // 0, which inserts, is no version
		return stores.ErrConflict
	}
	c.rows[h] = row
	return nil
}

func (c *Cabinet) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if row, ok := c.rows[h]; ctx.Err() == nil && ok && row.Version == version && expires.After(row.Expires) {
		row.Seen, row.Expires = seen, expires
		c.rows[h] = row
	}
	return ctx.Err()
}

func (c *Cabinet) Delete(ctx context.Context, h stores.Handle) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() == nil {
		delete(c.rows, h)
	}
	return ctx.Err()
}

// The end of the store.

func TestFromRing_TheStoreOfThePageKeepsTheLaws(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table { return NewCabinet() })
	code, err := os.ReadFile("fromring_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(code), "// A Cabinet")
	store, _, ok := strings.Cut(rest, "\n// The end of the store.")
	if !ok || !strings.Contains(fromRing(t), "```go\n// A Cabinet"+store) {
		t.Error("the page shows another store than the one that was tested")
	}
}

func TestFromLuminus_SayingNothingLogsNobodyOut(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(fromPages.serve))
	m.get("/dark")
	m.get("/nothing") // what dissoc of :session comes to
	wantSame(t, "a response that says nothing", m.get("/show"), `live {"theme":"dark"}`)
	m.get("/logout")
	wantSame(t, "Delete", m.get("/show"), "none {}")
	wantSame(t, "rows", store.Len(), 0)
}

func TestFromLuminus_RemovingAnAbsentKeyIsNoChange(t *testing.T) {
	const user session.Key[string] = "user"
	remove := func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(user.Delete(session.From(req))))
	}
	for want, s := range map[string]session.Session{
		"leave": fromTheme.Set(session.Session{}, "dark"),
		"save":  user.Set(fromTheme.Set(session.Session{}, "dark"), "ann"),
	} {
		req := session.WithSession(ring.NewRequest("POST", "/", nil), s)
		after, decision := session.Outcome(req, remove(req))
		wantSame(t, "decision", decision.String(), want)
		wantSame(t, "session", after.String(), `{"theme":"dark"}`)
	}
}

func TestFromLuminus_TheStoreIsOneArgument(t *testing.T) {
	for name, store := range map[string]stores.Store{"memory": memory.New(), "one's own": stores.Keep(NewCabinet())} {
		m := migrate(session.Wrap(store, session.Options{})(fromPages.serve))
		m.get("/dark")
		wantSame(t, name, m.get("/show"), `live {"theme":"dark"}`)
		m.get("/login")
		wantSame(t, name, m.get("/show"), `live {"theme":"dark"}`)
		m.get("/logout")
		wantSame(t, name, m.get("/show"), "none {}")
	}
}

func TestFromLuminus_AnExpiredSessionCanBeSentToTheLogIn(t *testing.T) {
	// :timeout-response. What has been swept is unknown, so both states mean "there was one".
	toLogin := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			if s := session.Info(req).State; s == session.Expired || s == session.Unknown {
				return ring.Redirect("/login").With(session.Delete)
			}
			return h(req)
		}
	}
	store, now := memory.New(), time.Now()
	for _, swept := range []bool{false, true} {
		m := migrate(wrapped(store, &now, toLogin(fromPages.serve)))
		wantSame(t, "a stranger", m.do("GET", "/show").Code, 200)
		m.get("/dark")
		now = now.Add(32 * time.Minute)
		if swept {
			if n, err := store.Sweep(t.Context(), now.Add(2*time.Minute)); n == 0 || err != nil {
				t.Errorf("swept %d, %v", n, err)
			}
		}
		wantSame(t, "after half an hour", m.do("GET", "/show").Header().Get("Location"), "/login")
		wantSame(t, "and then", m.get("/show"), "none {}")
	}
}

func TestFromLuminus_AFlashMayHoldParamsAndErrors(t *testing.T) {
	type form struct {
		Params map[string]string
		Errors []string
	}
	const again flash.Key[form] = "again"
	app := ring.Chain(session.Wrap(memory.New(), session.Options{}), flash.Wrap)(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Redirect("/").With(again.Put(form{map[string]string{"name": "A"}, []string{"too short"}}))
		}
		f := again.Get(req)
		return ring.Text(fmt.Sprint(f.Params["name"], f.Errors))
	})
	m := migrate(app)
	m.do("POST", "/")
	wantSame(t, "the next page", m.get("/"), "A[too short]")
	wantSame(t, "the one after", m.get("/"), "[]")
}

func TestFromLuminus_AFlashIsGoneAfterItsPageReadOrNot(t *testing.T) {
	const notice flash.Key[string] = "notice"
	var came []string
	app := ring.Chain(session.Wrap(memory.New(), session.Options{}), flash.Wrap)(pages{
		"/save":   func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("Saved.")) },
		"/empty":  func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("")) },
		"/silent": func(ring.Request) ring.Response { return ring.Redirect("/unread").With(notice.Put("Saved.")) },
		"/unread": func(ring.Request) ring.Response { return ring.Text("") },
		"/": func(req ring.Request) ring.Response {
			came = slices.Collect(notice.All(req))
			return ring.Text("")
		},
	}.serve)
	m := migrate(app)
	for _, c := range []struct {
		set  string
		then []string
		want []string
	}{
		{"/save", []string{"/"}, []string{"Saved."}},
		{"/save", []string{"/", "/"}, nil},
		{"/silent", []string{"/unread", "/"}, nil},
		{"/empty", []string{"/"}, []string{""}}, // Ring ignores a flash that is nil or false; here every value is one
	} {
		m.do("POST", c.set)
		for _, page := range c.then {
			m.get(page)
		}
		if !slices.Equal(came, c.want) {
			t.Errorf("%s, then %v: %q; want %q", c.set, c.then, came, c.want)
		}
	}
}

func TestFromLuminus_RequestCookies(t *testing.T) {
	form := cookies.Codec{Decode: url.QueryUnescape}
	for _, c := range []struct{ header, want, asForm string }{
		{"a=1", "1", "1"},
		{"a=x+y", "x+y", "x y"}, // Ring decodes as a form does
		{"a=x%20y", "x y", "x y"},
		{`a="1"`, "1", `"1"`},
		{"a=1; a=2", "1", "1"},        // Ring: 2
		{"a=1,b=2", "1,b=2", "1,b=2"}, // Ring splits at a comma too
		{"a=100%", "100%", ""},        // Ring drops the cookie
		{"b=1", "", ""},
		{"", "", ""},
	} {
		req := ring.NewRequest("GET", "/", nil).WithHeader("Cookie", c.header)
		wantSame(t, c.header, cookies.From(req).Get("a"), c.want)
		wantSame(t, c.header+" as a form", form.From(req).Get("a"), c.asForm)
	}
}

func TestFromLuminus_ResponseCookies(t *testing.T) {
	for name, c := range map[string]struct {
		cookie http.Cookie
		want   string // "" for a failed response
	}{
		":value":                {http.Cookie{Value: "x y"}, "a=x%20y"},
		":domain":               {http.Cookie{Domain: "example.com"}, "a=; Domain=example.com"},
		":path":                 {http.Cookie{Path: "/app"}, "a=; Path=/app"},
		":secure":               {http.Cookie{Secure: true}, "a=; Secure"},
		":http-only":            {http.Cookie{HttpOnly: true}, "a=; HttpOnly"},
		":max-age":              {http.Cookie{MaxAge: int(time.Hour / time.Second)}, "a=; Max-Age=3600"},
		":max-age 0":            {http.Cookie{MaxAge: -1}, "a=; Max-Age=0"},
		":expires":              {http.Cookie{Expires: time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("", 3600))}, "a=; Expires=Thu, 29 Feb 2024 22:00:00 GMT"},
		":same-site":            {http.Cookie{SameSite: http.SameSiteStrictMode}, "a=; SameSite=Strict"},
		":partitioned":          {http.Cookie{Secure: true, Partitioned: true}, "a=; Secure; Partitioned"},
		"; in :domain":          {http.Cookie{Domain: "example.com; Path=/"}, ""},
		"CR LF in :path":        {http.Cookie{Path: "/\r\nX-Evil: 1"}, ""},
		"an unknown :same-site": {http.Cookie{SameSite: 99}, ""},
	} {
		c.cookie.Name = "a"
		resp := ring.Text("").With(cookies.Set(c.cookie))
		wantSame(t, name, resp.Header.Get("Set-Cookie"), c.want)
		if failed := resp.Err != nil; failed != (c.want == "") {
			t.Errorf("%s: %v", name, resp.Err)
		}
	}
	resp := ring.Text("").With(cookies.Set(http.Cookie{Name: "a"}), ring.AddHeader("Set-Cookie", "b=2"), cookies.Set(http.Cookie{Name: "c"}))
	wantSame(t, "in order", strings.Join(slices.Collect(resp.Header.All("Set-Cookie")), ", "), "a=, b=2, c=")
}

func TestFromLuminus_AMaximumAgeForEverySession(t *testing.T) {
	// :cookie-attrs {:max-age 10}: a limit that the server keeps, and a cookie that outlives the browser.
	now := time.Now()
	wrap := session.Wrap(memory.New(), session.Options{Absolute: 10 * time.Second, Persistent: true, Now: func() time.Time { return now }})
	m := migrate(wrap(fromPages.serve))
	set := m.do("GET", "/dark").Result().Cookies()
	if len(set) != 1 || set[0].MaxAge != 10 || !set[0].HttpOnly || set[0].Path != "/" {
		t.Errorf("created: %v", set)
	}
	now = now.Add(9 * time.Second)
	if set := m.do("GET", "/show").Header().Values("Set-Cookie"); len(set) != 0 {
		t.Errorf("read: %q; want the cookie not sent again", set)
	}
	now = now.Add(time.Second)
	wantSame(t, "after ten seconds", m.get("/show"), "expired {}")
}

func TestFromKoyo_ARequestIsOneLoadAndOneSave(t *testing.T) {
	table := &counted{Cabinet: NewCabinet()}
	m := migrate(session.Wrap(stores.Keep(table), session.Options{})(func(req ring.Request) ring.Response {
		s := session.From(req)
		for _, k := range []session.Key[string]{"a", "b", "c"} {
			s = k.Set(s, k.Get(s)+"x")
		}
		return ring.Text(s.String()).With(session.Set(s))
	}))
	m.get("/")
	table.loads, table.saves = 0, 0
	wantSame(t, "page", m.get("/"), `{"a":"xx","b":"xx","c":"xx"}`)
	wantSame(t, "loads", table.loads, 1)
	wantSame(t, "saves", table.saves, 1)
}

// counted is a Cabinet that counts.
type counted struct {
	*Cabinet
	loads, saves int
	refuse       error // instead of loading
}

func (c *counted) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	c.loads++
	if c.refuse != nil {
		return stores.Row{}, c.refuse
	}
	return c.Cabinet.Load(ctx, h)
}

func (c *counted) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	c.saves++
	return c.Cabinet.Save(ctx, h, expected, row)
}

func TestFromKoyo_SessionUpdateGivesTheNewValue(t *testing.T) {
	const names session.Key[[]string] = "names"
	m := migrate(session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			now := append(names.Get(s), req.Query("n")) // absent is the zero value, so no default is needed
			return names.Set(s, now), ring.Text(strings.Join(now, " "))
		})
	}))
	wantSame(t, "a missing key", m.get("/?n=ann"), "ann")
	wantSame(t, "the new value", m.get("/?n=bob"), "ann bob")
}

func TestFromKoyo_RemovingAnUnsetKeyCreatesNothing(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(fromTheme.Delete(session.From(req))))
	}))
	if set := m.do("GET", "/").Header().Values("Set-Cookie"); len(set) != 0 || store.Len() != 0 {
		t.Errorf("Set-Cookie %q, %d rows", set, store.Len())
	}
}

func TestFromKoyo_NothingIsWrittenBeforeTheHandlerReturns(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		s := fromTheme.Set(session.From(req), "dark")
		resp := ring.Text(fmt.Sprint(fromTheme.Get(s), store.Len())).With(session.Set(s))
		if req.Method == "POST" {
			resp.Err = &ring.Error{Status: http.StatusTeapot}
		}
		return resp
	}))
	wantSame(t, "a failed one", m.do("POST", "/").Code, http.StatusTeapot)
	wantSame(t, "rows after it", store.Len(), 0)
	wantSame(t, "its own change, and rows meanwhile", m.get("/"), "dark0")
	wantSame(t, "rows afterwards", store.Len(), 1)
}

func TestFromKoyo_SessionsSurviveARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions")
	before := memory.New()
	if _, err := before.Restore(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	now := time.Now()
	gone := now.Add(-time.Hour)
	m := migrate(wrapped(before, &now, fromPages.serve))
	m.get("/dark")
	migrate(wrapped(before, &gone, fromPages.serve)).get("/dark") // has expired by now; an insert after it might remove it
	wantSame(t, "rows", before.Len(), 2)
	if err := before.Snapshot(file); err != nil {
		t.Fatal(err)
	}

	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	after := memory.New()
	if n, err := after.Restore(file); n != 1 || err != nil {
		t.Errorf("restored %d, %v; want the one that lives", n, err)
	}
	if _, err := after.Restore(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("restored again: %v; want no file any more", err)
	}
	m.app = wrapped(after, &now, fromPages.serve)
	wantSame(t, "the old cookie", m.get("/show"), `live {"theme":"dark"}`)

	for name, b := range map[string][]byte{"empty": nil, "truncated": whole[:len(whole)-1], "altered": append(bytes.Clone(whole[:60]), whole[61:]...)} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		store := memory.New()
		if _, err := store.Restore(file); !errors.Is(err, memory.ErrCorrupt) || store.Len() != 0 {
			t.Errorf("%s: %v, %d rows", name, err, store.Len())
		}
		if left, err := os.ReadFile(file); err != nil || !bytes.Equal(left, b) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestFromKoyo_ReadsCheckTheLimitAndASweepMakesRoom(t *testing.T) {
	store, now := memory.New(), time.Now()
	m := migrate(wrapped(store, &now, fromPages.serve))
	m.get("/dark")
	now = now.Add(30 * time.Minute)
	wantSame(t, "read", m.get("/show"), "expired {}")
	wantSame(t, "rows", store.Len(), 1)
	if n, err := store.Sweep(t.Context(), now.Add(2*time.Minute)); n != 1 || err != nil || store.Len() != 0 {
		t.Errorf("swept %d, %v, %d rows", n, err, store.Len())
	}
}

func TestFromKoyo_AStoreIsAskedWhatItCanDo(t *testing.T) {
	var store stores.Store = memory.New()
	if _, ok := store.(stores.Owners); !ok {
		t.Error("the memory store can't list")
	}
	if _, ok := store.(stores.Sweeper); !ok {
		t.Error("the memory store can't sweep")
	}
	plain := stores.Keep(NewCabinet())
	if _, ok := plain.(stores.Owners); ok {
		t.Error("a table that can't list makes a store that says it can")
	}
	if _, ok := plain.(stores.Sweeper); ok {
		t.Error("a table that can't sweep makes a store that says it can")
	}
}

func TestFromKoyo_CrossOriginProtectionOfNetHTTPStandsAround(t *testing.T) {
	store := memory.New()
	app := http.NewCrossOriginProtection().Handler(session.Wrap(store, session.Options{})(fromPages.serve))
	for _, c := range []struct {
		method, site, origin string
		want                 int
	}{
		{"GET", "cross-site", "https://evil.example", 200},
		{"POST", "cross-site", "https://evil.example", 403},
		{"POST", "same-site", "https://sub.example.com", 403}, // wrap-corf refuses it as well
		{"POST", "same-origin", "https://example.com", 200},
		{"POST", "none", "", 200},
		{"POST", "", "", 200},
		{"POST", "", "https://example.com", 200}, // wrap-corf refuses it: a Host header is no URL
		{"POST", "", "https://evil.example", 403},
	} {
		r := httptest.NewRequest(c.method, "/dark", nil)
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Mode", "navigate")
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		rows := store.Len()
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != c.want || (store.Len() > rows) != (c.want == 200) {
			t.Errorf("%+v: %d, %d more rows", c, w.Code, store.Len()-rows)
		}
	}
}

func TestFromLuminus_CrossOriginProtectionStandsAroundAGroup(t *testing.T) {
	done := func(ring.Request) ring.Response { return ring.Text("done") }
	app := route.New(
		route.Group(ring.FromMiddleware(http.NewCrossOriginProtection().Handler), route.Post("/form", done)),
		route.Post("/api/orders", done),
	)
	for path, want := range map[string]int{"/form": 403, "/api/orders": 200} {
		r := httptest.NewRequest("POST", path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		wantSame(t, path, w.Code, want)
	}
}

func TestFromLuminus_CrossOriginProtectionLeavesPathsOut(t *testing.T) {
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("/api/")
	app := protection.Handler(ring.Handler(func(ring.Request) ring.Response { return ring.Text("done") }))
	for path, want := range map[string]int{"/form": 403, "/apis": 403, "/api/orders": 200} {
		r := httptest.NewRequest("POST", path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		wantSame(t, path, w.Code, want)
	}
}

func TestFromLuminus_CookiesAreReadByBothSides(t *testing.T) {
	form := cookies.Codec{Encode: url.QueryEscape, Decode: url.QueryUnescape}
	var differ []string
	for _, value := range []string{"", "x y&é=+", "100%", "\"quoted\"", "a;b,c", "\x00\x7f\n", "日本"} {
		fromBoth(t, form, value)
	}
	for c := range byte(0x80) {
		if ring, signet := fromBoth(t, form, string(rune(c))); ring != signet {
			differ = append(differ, ring, signet)
		}
	}
	wantSame(t, "spelled differently", fmt.Sprint(differ), "[* %2A %7E ~]")
}

// fromBoth returns the spellings of a value in a cookie of Ring and of Signet, which must mean the same.
func fromBoth(t *testing.T, form cookies.Codec, value string) (ring, signet string) {
	t.Helper()
	line, err := form.String(http.Cookie{Name: "a", Value: value})
	if err != nil {
		t.Fatal(err)
	}
	ring, signet = javaEncoded(value), strings.TrimPrefix(line, "a=")
	for side, spelled := range map[string]string{"Ring": ring, "Signet": signet} {
		req := fromRequest("a=" + spelled)
		if got, ok := form.From(req).Lookup("a"); !ok || got != value {
			t.Errorf("%q as %s writes it, %s, reads %q", value, side, spelled, got)
		}
	}
	return ring, signet
}

// javaEncoded is java.net.URLEncoder.encode, with which Ring writes cookies: letters, digits and . - * _ stay, a space is a
// plus sign, and each other byte of the UTF-8 form is %XX.
func javaEncoded(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(".-*_", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func fromRequest(cookie string) ring.Request {
	req := ring.NewRequest("GET", "/", nil)
	req.Header = req.Header.Set("Cookie", cookie)
	return req
}

func TestFromClack_NewSessionSaysWhy(t *testing.T) {
	store, now := memory.New(), time.Now()
	live := func(then ...string) string {
		m := migrate(wrapped(store, &now, fromPages.serve))
		m.get("/dark")
		token := m.token()
		for _, path := range then {
			m.get(path)
		}
		return token
	}
	old := live()
	now = now.Add(30 * time.Minute)
	for token, want := range map[string]string{
		"":                      "none {}",
		live():                  `live {"theme":"dark"}`,
		strings.Repeat("0", 40): "malformed {}", // a well-formed id of lack
		strings.Repeat("A", 68): "unknown {}",
		live("/logout"):         "unknown {}",
		live("/renew"):          "stale {}",
		live("/login"):          "stale {}",
		old:                     "expired {}",
	} {
		m := migrate(wrapped(store, &now, fromPages.serve))
		if token != "" {
			m.cookies["__Host-session"] = token
		}
		wantSame(t, "state", m.get("/show"), want)
	}
}

func TestFromClack_NoStoreLeavesNoOrphan(t *testing.T) {
	store := memory.New()
	m := migrate(session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		s := fromTheme.Set(session.From(req), "dark")
		return ring.Text(fromTheme.Get(s)).With(session.Set(s), session.Discard)
	}))
	w := m.do("GET", "/")
	wantSame(t, "used within the request", w.Body.String(), "dark")
	if set := w.Header().Values("Set-Cookie"); len(set) != 0 || store.Len() != 0 {
		t.Errorf("Set-Cookie %q, %d rows", set, store.Len())
	}
}

func TestFromClack_DiscardDropsAFlashToo(t *testing.T) {
	const notice flash.Key[string] = "notice"
	store := memory.New()
	app := ring.Chain(session.Wrap(store, session.Options{}), flash.Wrap)(func(ring.Request) ring.Response {
		return ring.Redirect("/").With(notice.Put("never seen"), session.Discard)
	})
	if set := migrate(app).do("POST", "/").Header().Values("Set-Cookie"); len(set) != 0 || store.Len() != 0 {
		t.Errorf("Set-Cookie %q, %d rows", set, store.Len())
	}
}

func TestFromClack_WhatCanNotBeReadIsAnEmptySessionThatSaysSo(t *testing.T) {
	table := &counted{Cabinet: NewCabinet()}
	var told []string
	m := migrate(session.Wrap(stores.Keep(table), session.Options{OnEvent: func(_ context.Context, e session.Event) {
		told = append(told, e.Kind.String()+" "+e.State.String())
	}})(fromPages.serve))
	m.get("/dark")
	told = nil
	table.refuse = stores.ErrUndecodable
	wantSame(t, "undecodable", m.get("/show"), "undecodable {}")
	wantSame(t, "events", strings.Join(told, ", "), "refused undecodable")
	table.refuse = stores.ErrNewerFormat
	wantSame(t, "of a newer version", m.do("GET", "/show").Code, http.StatusServiceUnavailable)
	table.refuse = nil
	wantSame(t, "and when it can be read again", m.get("/show"), `live {"theme":"dark"}`)
}

func TestFromClack_OnlyKeysThatBeginWithADotAreReserved(t *testing.T) {
	app := ring.Chain(session.Wrap(memory.New(), session.Options{}), flash.Wrap)(pages{
		"/set": func(req ring.Request) ring.Response {
			s := session.From(req)
			for _, name := range []string{"id", "_flash", "_csrf_token", "lack.session", "flash.messages", "owner", "no-store", ".layer"} {
				s = session.Key[string](name).Set(s, "x")
			}
			return ring.Text("").With(session.Set(s))
		},
		"/show": fromPages["/show"], "/renew": fromPages["/renew"],
	}.serve)
	m := migrate(app)
	for _, path := range []string{"/set", "/renew", "/show"} {
		m.get(path)
	}
	want := `live {"_csrf_token":"x","_flash":"x","flash.messages":"x","id":"x","lack.session":"x","no-store":"x","owner":"x"}`
	wantSame(t, "stored", m.get("/show"), want)
}

func fromRing(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("from-ring.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// unshown returns the tests that a page names and that don't exist, and the rows of its tables with a last column "test"
// that name neither a test nor say that there is none yet ("not yet") or nothing to test ("–").
func unshown(page string, names map[string]bool) []string {
	var wrong []string
	for _, m := range testName.FindAllStringSubmatch(page, -1) {
		if !names[m[1]] {
			wrong = append(wrong, m[1]+" does not exist")
		}
	}
	proof := regexp.MustCompile("^(`(Test|Fuzz|Example)|not yet|–|-+$)")
	columns := 0 // of the table that a row belongs to; 0 outside of one that says what shows it
	inTable := false
	for line := range strings.Lines(page) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
		last := strings.TrimSpace(cells[len(cells)-1])
		switch {
		case !isRow:
			columns = 0
		case !inTable && last == "test":
			columns = len(cells)
		case columns > 0 && (len(cells) != columns || !proof.MatchString(last)):
			wrong = append(wrong, "no test in the row "+strings.TrimSpace(cells[0]))
		}
		inTable = isRow
	}
	return wrong
}

func TestFromRingNamesTestsThatExist(t *testing.T) {
	for _, w := range unshown(fromRing(t), tests(t)) {
		t.Error(w)
	}
}

func TestAWrongTestNameInFromRingIsCaught(t *testing.T) {
	page := "| theirs | Signet | what differs | test |\n|---|---|---|---|\n" +
		"| right | `x` | | `TestReal` |\n| later | – | | not yet |\n| none | `x` | | – |\n" +
		"| wrong | `x` | | `TestInvented` |\n| silent | `x` | | |\n| torn | `a | b` | | `TestReal` |\nand `TestMadeUp`.\n" +
		"| what | one | other |\n|---|---|---|\n| of another kind | 1 | 2 |\n"
	want := []string{"TestInvented does not exist", "TestMadeUp does not exist", "no test in the row silent", "no test in the row torn"}
	if got := unshown(page, map[string]bool{"TestReal": true}); !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
}
