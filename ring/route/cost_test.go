package route_test

import (
	"testing"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

var costly = route.New(
	route.Get("/", plain),
	route.Get("/users/{id}", plain),
	route.Get("/users/{id:[0-9]+}/posts/{post}/comments/{comment}", plain),
	route.Get("/{a}/{b}/{c}/{d}", plain),
)

func plain(ring.Request) ring.Response { return ring.NoContent() }

var costs = []struct {
	name, path  string
	allocations float64
}{
	{"no parameter", "/", 1},
	{"one parameter", "/users/7", 2},
	{"three parameters", "/users/7/posts/8/comments/9", 2},
	{"four parameters", "/a/b/c/d", 3},
	{"not found", "/users/7/8/9/10", 0},
}

func TestRoutingCostsTwoAllocations(t *testing.T) {
	for _, c := range costs {
		req := ring.NewRequest("GET", c.path, nil)
		// A pool is emptied now and then, and under the race detector at random.
		got := testing.AllocsPerRun(1000, func() { costly(req) })
		if got > c.allocations && !race.Enabled {
			t.Errorf("%s: %v allocations; want %v", c.name, got, c.allocations)
		}
	}
}

func BenchmarkRoute(b *testing.B) {
	for _, c := range costs {
		b.Run(c.name, func(b *testing.B) {
			req := ring.NewRequest("GET", c.path, nil)
			b.ReportAllocs()
			for b.Loop() {
				costly(req)
			}
		})
	}
}
