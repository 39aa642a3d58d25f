package growth

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

// layers measures handlers inside of more and more middleware that passes everything on and sets a header field.
func (p Plan) layers() ([]Figure, error) {
	f := Figure{"layers", chart.Lines{Title: "Layers of middleware", X: "layers, each sets a header field", Y: "µs a request"}}
	ours, std := chart.Line{Name: "ring"}, chart.Line{Name: "net/http"}
	for _, n := range []int{1, 5, 10, 15, 20} {
		h := ring.Handler(func(ring.Request) ring.Response { return ring.Text("ok") })
		var plain http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("ok"))
		})
		for i := range n {
			h, plain = ringLayer(fmt.Sprintf("X-Layer-%d", i), h), plainLayer(fmt.Sprintf("X-Layer-%d", i), plain)
		}
		for i, site := range []*peer.Site{{HTTP: h}, {HTTP: plain}} {
			line := []*chart.Line{&ours, &std}[i]
			line.Points = append(line.Points, [2]float64{float64(n), p.micros(site.Repeat("GET", "/", ""))})
		}
	}
	f.Lines.Lines = []chart.Line{ours, std}
	return []Figure{f}, nil
}

func ringLayer(name string, h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		resp := h(req)
		resp.Header = resp.Header.Set(name, "1")
		return resp
	}
}

func plainLayer(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, "1")
		h.ServeHTTP(w, r)
	})
}

// routes measures finding one of more and more routes.
func (p Plan) routes() ([]Figure, error) {
	f := Figure{"routes", chart.Lines{Title: "Finding a route with a parameter", X: "routes", Y: "µs a request", LogX: true}}
	ours, std := chart.Line{Name: "ring/route"}, chart.Line{Name: "http.ServeMux"}
	for _, n := range []int{10, 100, 1000, 10_000} {
		var table []route.Route
		mux := http.NewServeMux()
		for i := range n {
			pattern := fmt.Sprintf("/section%d/page%d/{id}", i%100, i)
			table = append(table, route.Get(pattern, func(req ring.Request) ring.Response { return ring.Text(req.Param("id")) }))
			mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				_, _ = w.Write([]byte(r.PathValue("id")))
			})
		}
		path := fmt.Sprintf("/section%d/page%d/42", n/2%100, n/2)
		for i, site := range []*peer.Site{{HTTP: route.New(table...)}, {HTTP: mux}} {
			if got := site.Do("GET", path, peer.Jar{}).Body; got != "42" {
				return nil, fmt.Errorf("%s answers %q", path, got)
			}
			line := []*chart.Line{&ours, &std}[i]
			line.Points = append(line.Points, [2]float64{float64(n), p.micros(site.Repeat("GET", path, ""))})
		}
	}
	f.Lines.Lines = []chart.Line{ours, std}
	return []Figure{f}, nil
}
