package browser

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// A held request is one that is kept back: before the site sees it, or when the site has answered.
type held struct {
	t       *testing.T
	request string // method and path
	before  bool
	taken   bool
	there   chan struct{} // closed when it is kept back
	release chan struct{}
	letGo   func()
}

// holdAnswer keeps the answer to the next request of that method and path back: what it changes has changed.
func (f *front) holdAnswer(request string) *held { return f.hold(request, false) }

// holdRequest keeps the next request of that method and path back: it has the cookies of now, and is handled later.
func (f *front) holdRequest(request string) *held { return f.hold(request, true) }

func (f *front) hold(request string, before bool) *held {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := &held{t: f.t, request: request, before: before, there: make(chan struct{}), release: make(chan struct{})}
	h.letGo = sync.OnceFunc(func() { close(h.release) })
	f.held = append(f.held, h)
	return h
}

// take returns who waits for the request, or nil.
func (f *front) take(r *http.Request) *held {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.held {
		if !h.taken && h.request == r.Method+" "+r.URL.Path {
			h.taken = true
			return h
		}
	}
	return nil
}

func (f *front) letAllGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.held {
		h.letGo()
	}
}

func (h *held) stop() {
	close(h.there)
	<-h.release
}

// wait waits until it is kept back.
func (h *held) wait() {
	h.t.Helper()
	select {
	case <-h.there:
	case <-time.After(patience):
		h.t.Fatalf("no %s came", h.request)
	}
}
