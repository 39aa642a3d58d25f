package ring_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
)

// get asks h without a socket.
func get(h http.Handler, target string) *httptest.ResponseRecorder {
	return ask(h, httptest.NewRequest("GET", target, nil))
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// post asks h with a body of a content type.
func post(h http.Handler, mediaType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	return ask(h, r)
}

// fetch asks a real server.
func fetch(t *testing.T, h http.Handler, method, target string) (*http.Response, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	r, err := http.NewRequest(method, srv.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := srv.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: body: %v", method, target, err)
	}
	return resp, string(body)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// logged makes slog.Default write to what it returns, for the time of the test.
func logged(t *testing.T) *syncBuffer {
	t.Helper()
	b, before := &syncBuffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return b
}

// Notes imitate a session: a value on the request, a value on the response, a commit and a cookie.
var (
	noteLayer = ring.NewLayer("notes.Wrap")
	noteIn    = ring.KeyOf[string](noteLayer, "note")
	noteOut   = ring.KeyOf[string](noteLayer, "note")
)

type notes struct {
	mu     sync.Mutex
	stored []string
	commit func() // called before a note is stored
}

func (n *notes) wrap(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		in := req
		in.Values = noteIn.Put(req.Values, "loaded")
		return h(in).Then(func(resp ring.Response) ring.Response {
			failed := resp.Failure(in) != nil
			out, has := noteOut.Get(resp.Values)
			resp.Values = noteOut.Drop(resp.Values)
			if failed || !has {
				return resp
			}
			if n.commit != nil {
				n.commit()
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			n.stored = append(n.stored, out)
			return resp.With(ring.AddHeader("Set-Cookie", "note="+out), ring.SetHeader("Cache-Control", "no-store"))
		})
	}
}

func (n *notes) all() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.stored, ",")
}

func note(req ring.Request) string {
	if p := noteIn.Expect(req); p != nil {
		return *p
	}
	return "none"
}

func putNote(s string) ring.Change {
	return func(r ring.Response) ring.Response {
		r.Values = noteOut.Put(r.Values, s)
		return r
	}
}

// writeNote answers "wrote" and leaves a note.
func writeNote(ring.Request) ring.Response { return ring.Text("wrote").With(putNote("hello")) }

func header(name, value string) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(ring.AddHeader(name, value)) }
	}
}

func wantBody(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("%d %q; want %d %q", w.Code, w.Body, status, body)
	}
}

func wantCookie(t *testing.T, h http.Header, want string) {
	t.Helper()
	if got := strings.Join(h.Values("Set-Cookie"), "; "); got != want {
		t.Errorf("Set-Cookie %q; want %q", got, want)
	}
}

// closer tells whether it has been closed, and how often.
type closer struct {
	io.Reader
	closed int
}

func (c *closer) Close() error {
	c.closed++
	return nil
}

// plain hides that h is a ring handler, as a router does.
func plain(h http.Handler) http.Handler { return http.HandlerFunc(h.ServeHTTP) }

// forever is a timeout that doesn't happen in a test.
const forever = time.Hour

var noDeadline time.Time
