package ring_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/signet-go/signet/ring"
)

// discard is a client whose own cost is nothing once its header has been used.
type discard struct{ h http.Header }

func (d discard) Header() http.Header               { return d.h }
func (d discard) Write(p []byte) (int, error)       { return len(p), nil }
func (d discard) WriteString(s string) (int, error) { return len(s), nil }
func (d discard) WriteHeader(int)                   {}

var (
	ringHello = ring.Handler(func(ring.Request) ring.Response { return ring.Text("hello") })
	httpHello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "hello")
	})
)

func allocs(h http.Handler) float64 {
	w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/", nil)
	return testing.AllocsPerRun(1000, func() { h.ServeHTTP(w, r) })
}

func TestHandlerCostsAtMostTwoAllocationsMoreThanNetHTTP(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	if got, floor := allocs(ringHello), allocs(httpHello); got > floor+2 {
		t.Errorf("%v allocations; want at most %v", got, floor+2)
	}
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct {
		name string
		h    http.Handler
	}{
		{"net/http", httpHello},
		{"ring", ringHello},
		{"ring behind Use directly", ring.Use(header("X", "1"))(ringHello)},
		{"ring behind Use", ring.Use(header("X", "1"))(plain(ringHello))},
		{"net/http behind Use", ring.Use(header("X", "1"))(httpHello)},
	} {
		b.Run(c.name, func(b *testing.B) {
			w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/", nil)
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				c.h.ServeHTTP(w, r)
			}
		})
	}
}
