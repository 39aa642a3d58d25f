package routers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// TestMain silences what the application's defects write into the log.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

type mount func([]Page, ...ring.Middleware) http.Handler

var mounts = map[string]mount{
	"chi": Chi, "ServeMux": ServeMux, "echo": Echo, "gin": Gin, "httprouter": HTTPRouter, "routes": Routes,
}

// A front is a server whose application the tests replace, so that connections are made once.
type front struct {
	name   string
	major  int
	server *httptest.Server
	client *http.Client
	app    atomic.Pointer[http.Handler]
}

// fronts returns a server of HTTP/1.1 and one of HTTP/2. They run until the process ends.
var fronts = sync.OnceValue(func() []*front {
	all := []*front{{name: "HTTP/1.1", major: 1}, {name: "HTTP/2", major: 2}}
	for _, f := range all {
		f.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			(*f.app.Load()).ServeHTTP(w, r)
		}))
		f.server.EnableHTTP2 = f.major == 2
		f.server.Config.ErrorLog = log.New(io.Discard, "", 0)
		f.server.StartTLS()
		f.client = f.server.Client()
		f.client.Transport.(*http.Transport).MaxIdleConnsPerHost = 20
		f.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return all
})

// everywhere runs a test of the shop under each router and each protocol.
func everywhere(t *testing.T, test func(testing.TB, *site)) {
	t.Helper()
	everywhereWith(t, breakage{}, test)
}

func everywhereWith(t *testing.T, b breakage, test func(testing.TB, *site)) {
	t.Helper()
	for name, m := range mounts {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				s := newSite(t, f, m, b)
				s.router = name
				test(t, s)
			})
		}
	}
}

// A breakage is a mistake around the shop that the tests of a law have to notice.
type breakage struct {
	law    func(testing.TB, *site) // that notices
	around func(http.Handler) http.Handler
	layer  ring.Middleware // outside of the session
	inside ring.Middleware
	table  func(stores.Table) stores.Table
	option func(*session.Options)
}

// A site is a shop behind a front, with a store that tests can look into and break.
type site struct {
	*front
	Shop
	router string
	table  *table
	store  stores.Store
	first  firsts
	gates  sync.Map // of *gate, by name
	gateN  atomic.Int64
	ahead  atomic.Int64
	began  time.Time
}

func newSite(t testing.TB, f *front, m mount, b breakage) *site {
	s := &site{front: f, began: time.Now()}
	s.Pause = s.pause
	s.table = &table{Table: memory.NewTable()}
	s.store = stores.Keep(s.table)
	if b.table != nil {
		s.store = stores.Keep(b.table(s.table))
	}
	o := session.Options{Now: s.now, Deadline: time.Hour}
	if b.option != nil {
		b.option(&o)
	}
	layers := []ring.Middleware{ring.Recover, session.Wrap(s.store, o), flash.Wrap}
	if b.layer != nil {
		layers = append([]ring.Middleware{b.layer}, layers...)
	}
	if b.inside != nil {
		layers = append(layers, b.inside)
	}
	s.mount(m(s.Pages(), layers...), b.around)
	t.Cleanup(func() {
		s.gates.Range(func(_, g any) bool { g.(*gate).release(); return true })
	})
	return s
}

// mount puts an application behind the front, and notes in what order bytes and commits happen.
func (s *site) mount(app http.Handler, around func(http.Handler) http.Handler) {
	if around != nil {
		app = around(app)
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		app.ServeHTTP(&watched{ResponseWriter: w, first: &s.first}, r)
	})
	s.table.onWrite = func() { s.first.add("commit") }
	s.front.app.Store(&h)
}

func (s *site) now() time.Time         { return s.began.Add(time.Duration(s.ahead.Load())) }
func (s *site) later(by time.Duration) { s.ahead.Add(int64(by)) }

func (s *site) pause(r *http.Request) {
	if g, ok := s.gates.Load(r.Header.Get("X-Gate")); ok {
		g.(*gate).pass(r.Context())
	}
}

// A gate holds requests that name it where the shop pauses.
type gate struct {
	name    string
	arrived chan struct{}
	left    chan struct{} // by requests whose clients have gone
	step    chan struct{} // lets one go on
	opened  chan struct{}
	release func() // lets all go on
}

func (s *site) gate() *gate {
	g := &gate{
		name: fmt.Sprint(s.gateN.Add(1)), arrived: make(chan struct{}, 100), left: make(chan struct{}, 100),
		step: make(chan struct{}), opened: make(chan struct{}),
	}
	g.release = sync.OnceFunc(func() { close(g.opened) })
	s.gates.Store(g.name, g)
	return g
}

func (g *gate) pass(ctx context.Context) {
	g.arrived <- struct{}{}
	select {
	case <-g.opened:
	case <-g.step:
	case <-ctx.Done():
		g.left <- struct{}{}
	}
}

// A browser keeps cookies, and says of its requests what browsers say.
type browser struct {
	t       testing.TB
	site    *site
	cookies map[string]string
}

func (s *site) open(t testing.TB) *browser {
	return &browser{t: t, site: s, cookies: map[string]string{}}
}

// twin returns another browser with the same cookies.
func (b *browser) twin() *browser {
	return &browser{t: b.t, site: b.site, cookies: maps.Clone(b.cookies)}
}

type answer struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
	set    []*http.Cookie
}

// A change of a request, before it is sent.
type change = func(*http.Request)

// fetched makes a request one of a script in a page.
func fetched(r *http.Request) {
	r.Header.Set("Sec-Fetch-Mode", "cors")
	r.Header.Set("Sec-Fetch-Dest", "empty")
}

func at(g *gate) change { return func(r *http.Request) { r.Header.Set("X-Gate", g.name) } }

func (b *browser) request(method, path, form string, changes ...change) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.site.server.URL+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Accept-Encoding", "identity")
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, c := range changes {
		c(r)
	}
	return r
}

// send sends a request, and reads the whole answer. On a connection that is upgraded it says ping.
func (b *browser) send(r *http.Request) (answer, error) {
	resp, err := b.site.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != b.site.major {
		return answer{}, fmt.Errorf("answered over %s", resp.Proto)
	}
	if upgraded, ok := resp.Body.(io.Writer); ok && resp.StatusCode == http.StatusSwitchingProtocols {
		_, _ = io.WriteString(upgraded, "ping\n")
	}
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body), err, resp.Cookies()}, nil
}

// take keeps the cookies of an answer.
func (b *browser) take(a answer) answer {
	for _, c := range a.set {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return a
}

func (b *browser) do(method, path, form string, changes ...change) answer {
	b.t.Helper()
	a, err := b.send(b.request(method, path, form, changes...))
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return b.take(a)
}

func (b *browser) get(path string, changes ...change) answer {
	b.t.Helper()
	return b.do("GET", path, "", changes...)
}

// post sends a form of names and values in turn.
func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	return b.do("POST", path, form(fields...))
}

func form(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return values.Encode()
}

// account returns what the shop knows of the visitor: state, owner and values.
func (b *browser) account() string {
	b.t.Helper()
	return b.get("/account", fetched).body
}

// login logs in as ann and fetches the page that follows.
func (b *browser) login() {
	b.t.Helper()
	if a := b.post("/login", "user", "ann"); a.status != 303 || a.header.Get("X-User") != "ann" {
		b.t.Fatalf("log-in: %d %q, user %q", a.status, a.body, a.header.Get("X-User"))
	}
	wantIn(b.t, b.get("/"), 200, "<p>Welcome back.<p>Hello ann.")
}

// A held request waits at a gate, or for its answer.
type held struct {
	t    testing.TB
	done chan struct{}
	a    answer
	err  error
}

// hold sends a request with the cookies of now, and waits until it has arrived at the gate.
func (b *browser) hold(g *gate, method, path, form string, changes ...change) *held {
	b.t.Helper()
	h := &held{t: b.t, done: make(chan struct{})}
	r := b.request(method, path, form, append(changes, at(g))...)
	go func() {
		defer close(h.done)
		h.a, h.err = b.send(r)
	}()
	select {
	case <-g.arrived:
	case <-h.done:
		b.t.Fatalf("%s %s did not pause: %d %q %v", method, path, h.a.status, h.a.body, h.err)
	}
	return h
}

func (h *held) answer() answer {
	h.t.Helper()
	<-h.done
	if h.err != nil {
		h.t.Fatal(h.err)
	}
	return h.a
}

func wantIn(t testing.TB, a answer, status int, part string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, part) || a.err != nil {
		t.Errorf("%d %q %v; want %d %q", a.status, a.body, a.err, status, part)
	}
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s; want %s", what, got, want)
	}
}

// A table counts what is asked of it, and fails where a test says so.
type table struct {
	*memory.Table
	onWrite func()

	mu      sync.Mutex
	calls   []string
	seen    strings.Builder // all that was stored, as text
	fail    map[string]error
	forgets int // how many answers of saves get lost from now on
}

func (t *table) called(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, name)
	return t.fail[name]
}

func (t *table) failing(name string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail = map[string]error{name: err}
}

func (t *table) loseAnswers(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forgets = n
}

// took returns what has been asked since it was called last.
func (t *table) took() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := strings.Join(t.calls, " ")
	t.calls = nil
	return all
}

func (t *table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := t.called("load"); err != nil {
		return stores.Row{}, err
	}
	return t.Table.Load(ctx, h)
}

func (t *table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if err := t.called("save"); err != nil {
		return err
	}
	t.mu.Lock()
	fmt.Fprintf(&t.seen, "%s %s %s\n", h, row.Owner, row.Body.Bytes())
	t.mu.Unlock()
	return t.written(t.Table.Save(ctx, h, expected, row))
}

func (t *table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := t.called("touch"); err != nil {
		return err
	}
	return t.Table.Touch(ctx, h, version, seen, expires)
}

func (t *table) Delete(ctx context.Context, h stores.Handle) error {
	if err := t.called("delete"); err != nil {
		return err
	}
	return t.written(t.Table.Delete(ctx, h))
}

func (t *table) written(err error) error {
	if err != nil {
		return err
	}
	t.onWrite()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.forgets > 0 {
		t.forgets--
		return context.DeadlineExceeded
	}
	return nil
}

// firsts is the order in which commits and first bytes happened.
type firsts struct {
	mu  sync.Mutex
	all []string
}

func (f *firsts) add(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, what)
}

// took returns what has happened since it was called last.
func (f *firsts) took() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := strings.Join(f.all, " ")
	f.all = nil
	return all
}

// A watched writer notes the first byte that leaves.
type watched struct {
	http.ResponseWriter
	first *firsts
	begun bool
}

func (w *watched) begin() {
	if !w.begun {
		w.begun = true
		w.first.add("byte")
	}
}

func (w *watched) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

func (w *watched) FlushError() error {
	w.begin()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *watched) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begin()
	}
	return conn, rw, err
}

func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
