package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A front stands before a site: it sees what is asked and answered, and keeps back what a test wants to come late.
type front struct {
	t    *testing.T
	site http.Handler
	url  string

	mu   sync.Mutex
	seen []exchange
	more chan struct{} // closed when there is another exchange
	held []*held
}

// An exchange is a request that was answered.
type exchange struct {
	request string // such as GET /page navigate document prefetch
	cookies int
	answer  string
}

func serve(t *testing.T, site http.Handler) *front {
	f := &front{t: t, site: site, more: make(chan struct{})}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Cleanup(f.letAllGo)
	f.url = server.URL
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := f.take(r)
	if h != nil && h.before {
		h.stop()
	}
	rec := httptest.NewRecorder()
	f.site.ServeHTTP(rec, r)
	body := rec.Body.String()
	f.note(exchange{describe(r), len(r.Cookies()), body})
	if h != nil && !h.before {
		h.stop()
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write([]byte(body))
}

// describe tells what sets a request apart.
func describe(r *http.Request) string {
	what := []string{r.Method, r.URL.Path}
	for _, name := range []string{"Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose"} {
		if v := r.Header.Get(name); v != "" {
			what = append(what, v)
		}
	}
	return strings.Join(append(what, library(r)...), " ")
}

// library returns which request of htmx or Turbo it is, if it is one.
func library(r *http.Request) (what []string) {
	is := func(name string) bool { return r.Header.Get(name) != "" }
	switch {
	case is("HX-History-Restore-Request"):
		what = append(what, "history")
	case is("HX-Boosted"):
		what = append(what, "boosted")
	case is("HX-Request"):
		what = append(what, "htmx")
	case is("Turbo-Frame"):
		what = append(what, "frame")
	case is("X-Turbo-Request-Id"):
		what = append(what, "turbo")
	}
	if purpose := r.Header.Get("X-Sec-Purpose"); purpose != "" {
		what = append(what, purpose)
	}
	return what
}

func (f *front) note(e exchange) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, e)
	close(f.more)
	f.more = make(chan struct{})
}

// answered returns the requests so far, and what is closed when there are more.
func (f *front) answered() ([]exchange, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[:len(f.seen):len(f.seen)], f.more
}

// wait waits until n requests of a kind, and more, have been answered since it was called.
func (f *front) wait(n int, kind string) []exchange {
	f.t.Helper()
	before, _ := f.answered()
	return f.waitSince(before, n, kind)
}

// waitSince is wait since an earlier moment. It returns the requests.
func (f *front) waitSince(before []exchange, n int, kind string) []exchange {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		seen, more := f.answered()
		seen = seen[len(before):]
		var found []exchange
		for _, e := range seen {
			if strings.HasPrefix(e.request+" ", kind+" ") {
				found = append(found, e)
			}
		}
		if len(found) >= n {
			return found
		}
		select {
		case <-more:
		case <-deadline:
			f.t.Fatalf("%d of %d times %q came, beside %v", len(found), n, kind, seen)
		}
	}
}

// showed returns which requests were answered with a text.
func (f *front) showed(text string) string {
	var requests []string
	seen, _ := f.answered()
	for _, e := range seen {
		if strings.Contains(e.answer, text) {
			requests = append(requests, e.request)
		}
	}
	return strings.Join(requests, ", ")
}
