package route_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

func TestRingHandlersStandInAChiRouter(t *testing.T) {
	hello := func(req ring.Request) ring.Response { return ring.Text("hello " + req.Param("name")) }
	r := chi.NewRouter()
	r.Use(middleware.Recoverer, ring.Use(mark("outer")))
	r.Method("GET", "/hello/{name}", ring.Handler(hello))
	r.Route("/admin", func(r chi.Router) {
		r.Use(ring.Use(mark("inner")))
		r.Post("/{name}", ring.Handler(hello).ServeHTTP)
		r.Get("/plain", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "plain") })
	})
	r.Mount("/app", http.StripPrefix("/app", route.New(
		route.Get("/users/{name}", hello),
		route.NotFound(func(ring.Request) ring.Response { return ring.Text("lost").With(ring.Status(404)) }),
	)))

	for _, c := range []struct{ method, target, want string }{
		{"GET", "/hello/world", `200 "hello world" [outer]`},
		{"POST", "/admin/root", `200 "hello root" [inner outer]`},
		{"GET", "/admin/plain", `200 "plain" [inner outer]`},
		{"GET", "/app/users/me", `200 "hello me" [outer]`},
		{"GET", "/app/nowhere", `404 "lost" [outer]`},
		{"PUT", "/hello/world", `405 "" [outer]`},
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(c.method, c.target, nil))
		if got := fmt.Sprintf("%d %q %v", w.Code, w.Body, w.Header()["X-Layer"]); got != c.want {
			t.Errorf("%s %s: %s; want %s", c.method, c.target, got, c.want)
		}
	}
}
