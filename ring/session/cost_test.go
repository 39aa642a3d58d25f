package session_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// What a request costs beyond the same handler without a session, and beside a hand-written floor that does the least
// which any library must do: scan the cookies, hash the secret, look one map up, decode one value; for a write one
// copy and one map write.

// A sink is a response writer that keeps the header and nothing else.
type sink struct{ h http.Header }

func (s *sink) Header() http.Header               { return s.h }
func (s *sink) Write(b []byte) (int, error)       { return len(b), nil }
func (s *sink) WriteString(b string) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)                   {}
func (s *sink) reset()                            { clear(s.h) }

func request(cookie string) *http.Request {
	r, _ := http.NewRequest("GET", "http://example.com/", nil)
	for _, name := range []string{"Accept", "Accept-Language", "User-Agent", "Accept-Encoding"} {
		r.Header.Set(name, "something of some length, as browsers send it")
	}
	if cookie != "" {
		r.Header.Set("Cookie", "first=1; "+cookie)
	}
	return r
}

const name session.Key[string] = "key00"

// bench is one kind of request: step sends it once.
type bench struct {
	signet, bare, floor func()
	limit               float64 // allocations beyond bare
}

func benches(keys int) map[string]bench {
	const notice flash.Key[string] = "notice"
	i := 0
	values := [2]string{"some value", "other value"}
	app := ring.Handler(func(req ring.Request) ring.Response {
		switch req.URL.Path {
		case "/read":
			return ring.Text(name.Get(session.From(req)))
		case "/write":
			i++
			return ring.Text("ok").With(session.Set(name.Set(session.From(req), values[i%2])))
		case "/fill":
			s := session.From(req)
			for k := range keys {
				s = session.Key[string](fmt.Sprintf("key%02d", k)).Set(s, "some value")
			}
			return ring.Text("ok").With(session.Set(s))
		}
		return ring.Text("ok")
	})
	flashApp := ring.Handler(func(req ring.Request) ring.Response {
		if req.URL.Path == "/put" {
			return ring.Redirect("/").With(notice.Put("Saved"))
		}
		return ring.Text(notice.Get(req))
	})
	store := memory.New()
	wrapped := session.Wrap(store, session.Options{})(app)
	flashing := ring.Chain(session.Wrap(store, session.Options{}), flash.Wrap)(flashApp)

	w := &sink{http.Header{}}
	run := func(h http.Handler, r *http.Request) func() {
		return func() { w.reset(); h.ServeHTTP(w, r) }
	}
	at := func(path, cookie string) *http.Request {
		r := request(cookie)
		r.URL.Path = path
		return r
	}
	for range 20_000 { // a store that has grown: what its growing costs is not what a session costs
		w.reset()
		wrapped.ServeHTTP(w, at("/write", ""))
	}
	w.reset()
	wrapped.ServeHTTP(w, at("/fill", ""))
	cookie, _, _ := strings.Cut(w.h.Get("Set-Cookie"), ";")

	text := ring.Handler(func(ring.Request) ring.Response { return ring.Text("ok") })
	redirect := ring.Handler(func(req ring.Request) ring.Response {
		if req.URL.Path == "/put" {
			return ring.Redirect("/")
		}
		return ring.Text("ok")
	})
	fl := newFloor(keys)
	floorWrite := run(fl.handler("write"), request(fl.cookie))
	both := func(h http.Handler) func() {
		put, get := at("/put", cookie), at("/", cookie)
		return func() { w.reset(); h.ServeHTTP(w, put); w.reset(); h.ServeHTTP(w, get) }
	}
	return map[string]bench{
		"read":   {run(wrapped, at("/read", cookie)), run(text, at("/read", cookie)), run(fl.handler("read"), request(fl.cookie)), 6},
		"write":  {run(wrapped, at("/write", cookie)), run(text, at("/write", cookie)), run(fl.handler("write"), request(fl.cookie)), 12},
		"new":    {run(wrapped, at("/", "")), run(text, at("/", "")), run(fl.handler("new"), request("")), 2},
		"create": {run(wrapped, at("/write", "")), run(text, at("/write", "")), run(fl.handler("create"), request("")), 8},
		"flash":  {both(flashing), both(redirect), func() { floorWrite(); floorWrite() }, 18},
	}
}

// floor is the least a session can cost, by hand on net/http: no versions, no merging, no limits but expiry, no events.
type floor struct {
	mu     sync.RWMutex
	m      map[[18]byte]flooring
	cookie string
}

type flooring struct {
	hash    [32]byte
	expires time.Time
	values  [][]byte
}

func newFloor(keys int) *floor {
	f := &floor{m: map[[18]byte]flooring{}}
	var h [18]byte
	var s [33]byte
	values := make([][]byte, keys)
	for i := range values {
		values[i] = []byte("some value")
	}
	f.m[h] = flooring{sha256.Sum256(s[:]), time.Now().Add(time.Hour), values}
	f.cookie = "__Host-session=" + base64.RawURLEncoding.EncodeToString(h[:]) + base64.RawURLEncoding.EncodeToString(s[:])
	return f
}

func (f *floor) find(r *http.Request) ([18]byte, flooring, bool) {
	var h [18]byte
	var s [33]byte
	for rest := r.Header.Get("Cookie"); rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "; ")
		if v, ok := strings.CutPrefix(pair, "__Host-session="); ok && len(v) == 68 {
			var buf [68]byte
			copy(buf[:], v)
			_, _ = base64.RawURLEncoding.Decode(h[:], buf[:24])
			_, _ = base64.RawURLEncoding.Decode(s[:], buf[24:])
			f.mu.RLock()
			got, ok := f.m[h]
			f.mu.RUnlock()
			return h, got, ok && got.hash == sha256.Sum256(s[:]) && time.Now().Before(got.expires)
		}
	}
	return h, flooring{}, false
}

func (f *floor) handler(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h, got, ok := f.find(r)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if ok { // what was made for one visitor must not reach a shared cache
			w.Header().Set("Cache-Control", "private")
			w.Header().Set("Vary", "Cookie")
		}
		text := "ok"
		switch {
		case kind == "read" && ok:
			text = string(got.values[0])
		case kind == "write" && ok:
			values := make([][]byte, len(got.values))
			copy(values, got.values)
			values[0] = []byte("other value")
			f.mu.Lock()
			f.m[h] = flooring{got.hash, time.Now().Add(time.Hour), values}
			f.mu.Unlock()
		case kind == "create":
			var s [33]byte
			_, _ = rand.Read(h[:])
			_, _ = rand.Read(s[:])
			f.mu.Lock()
			f.m[h] = flooring{sha256.Sum256(s[:]), time.Now().Add(time.Hour), [][]byte{[]byte("some value")}}
			f.mu.Unlock()
			token := base64.RawURLEncoding.EncodeToString(h[:]) + base64.RawURLEncoding.EncodeToString(s[:])
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Set-Cookie", "__Host-session="+token+"; Path=/; Secure; HttpOnly; SameSite=Lax")
		}
		_, _ = w.Write([]byte(text))
	}
}

var kinds = []string{"read", "write", "new", "create", "flash"}

func TestTheCostOfARequestIsWithinItsLimit(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	for _, keys := range []int{1, 10, 50} {
		for _, kind := range kinds {
			b := benches(keys)[kind]
			signet, bare := testing.AllocsPerRun(200, b.signet), testing.AllocsPerRun(200, b.bare)
			t.Logf("%s, %d keys: %v allocations, %v without a session, floor %v", kind, keys, signet, bare, testing.AllocsPerRun(200, b.floor))
			if signet-bare > b.limit {
				t.Errorf("%s, %d keys: %v allocations beyond the bare handler; want at most %v", kind, keys, signet-bare, b.limit)
			}
		}
	}
}

// TestTheDocumentsHaveTheCostOfARequest measures what the documents say.
func TestTheDocumentsHaveTheCostOfARequest(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	pages := map[string]string{}
	for _, file := range []string{"README.md", "docs/decisions.md", "docs/performance.md"} {
		page, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		pages[file] = strings.Join(strings.Fields(string(page)), " ")
	}
	for _, keys := range []int{1, 10, 50} {
		var costs, words, limits []any
		for _, kind := range kinds {
			b := benches(keys)[kind]
			n := int(testing.AllocsPerRun(200, b.signet) - testing.AllocsPerRun(200, b.bare))
			costs, limits = append(costs, n), append(limits, int(b.limit))
			words = append(words, [...]string{"no", "one", "two", "three", "four", "five", "six"}[min(n, 6)])
		}
		both := append(costs, limits...)
		for file, want := range map[string]string{
			"README.md": fmt.Sprintf("reading a session costs %s allocation more than the same handler without one, writing %s, a stranger %s", words[:3]...),
			"docs/decisions.md": fmt.Sprintf("reading %d, writing %d, a stranger %d, creating %d, a flash round trip of two requests %d. "+
				"A test asserts the limits of %d, %d, %d, %d and %d", both...),
			"docs/performance.md": fmt.Sprintf("| %d, %d, %d, %d, %d of %d, %d, %d, %d, %d beyond the bare handler |", both...),
		} {
			if !strings.Contains(pages[file], want) {
				t.Errorf("%s doesn't say what was measured with %d keys: %s", file, keys, want)
			}
		}
	}
}

func TestCookiesOfOthersCostNoAllocation(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	app := session.Wrap(memory.New(), session.Options{})(func(req ring.Request) ring.Response {
		return ring.Text(name.Get(session.From(req)))
	})
	cost := func(cookie string) float64 {
		w, r := &sink{http.Header{}}, request(cookie)
		return testing.AllocsPerRun(200, func() { w.reset(); app.ServeHTTP(w, r) })
	}
	none, others := cost(""), cost("theme=dark; __Host-sess=x; consent=yes")
	if others > none {
		t.Errorf("%v allocations with cookies of others, %v without any", others, none)
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, keys := range []int{1, 10, 50} {
		for _, kind := range kinds {
			x := benches(keys)[kind]
			for _, v := range []struct {
				name string
				f    func()
			}{{"signet", x.signet}, {"bare", x.bare}, {"floor", x.floor}} {
				b.Run(fmt.Sprintf("%s/keys=%d/%s", kind, keys, v.name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						v.f()
					}
				})
			}
		}
	}
}
