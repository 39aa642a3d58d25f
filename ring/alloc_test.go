package ring_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
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

// A client may send as many hops as fit into a header. Only those that proxies have written are of interest.
func TestTrustForwardedReadsNoMoreThanItNeeds(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	h := ring.TrustForwarded(netip.MustParsePrefix("10.0.0.0/8"))(ringHello)
	with := func(hops string) float64 {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header.Set("X-Forwarded-For", hops)
		w := discard{http.Header{}}
		return testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) })
	}
	few, many := with("192.0.2.7, 10.0.0.2"), with(strings.Repeat(",", 900_000)+"192.0.2.7, 10.0.0.2")
	if many > few {
		t.Errorf("%v allocations with 900,000 commas in front; want %v", many, few)
	}
}
