package ring_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/signet-go/signet/ring"
)

// anotherRouter finds parameters as httprouter, gin and echo do: at a place of its own, where net/http finds none.
type anotherRouter struct{ h http.Handler }

type paramsOfAnother struct{}

type namedValue struct{ name, value string }

func (a anotherRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, _ := strings.CutPrefix(r.URL.Path, "/users/")
	found := []namedValue{{"id", id}}
	a.h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), paramsOfAnother{}, found)))
}

// pathValues is the middleware that the doc of Request.Param describes.
func pathValues(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, _ := r.Context().Value(paramsOfAnother{}).([]namedValue)
		for _, p := range found {
			r.SetPathValue(p.name, p.value)
		}
		h.ServeHTTP(w, r)
	})
}

func TestParamKnowsTheParametersOfAnyRouter(t *testing.T) {
	show := ring.Handler(func(req ring.Request) ring.Response { return ring.Text(req.Param("id") + "|" + req.Param("other")) })
	plain := ring.Adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("id") + "|" + r.PathValue("other")))
	}))
	around := ring.Use(func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(ring.SetHeader("X-Layer", "yes")) }
	})
	for how, h := range map[string]ring.Handler{"ring handler": show, "plain handler": plain} {
		mux := http.NewServeMux()
		mux.Handle("GET /users/{id}", h)
		c, within := chi.NewRouter(), chi.NewRouter()
		c.Get("/users/{id}", ring.HTTP(h))
		within.Route("/users", func(r chi.Router) { r.With(around).Get("/{id}", ring.HTTP(h)) })
		for router, h := range map[string]http.Handler{
			"ServeMux": mux, "ServeMux inside of Use": around(mux), "chi": c, "chi inside of Use": around(c), "chi around Use": within,
			"another": anotherRouter{pathValues(h)}, "another inside of Use": around(anotherRouter{pathValues(h)}),
			"another around Use": anotherRouter{pathValues(around(h))},
		} {
			if got := get(h, "/users/7").Body.String(); got != "7|" {
				t.Errorf("%s on %s: %q; want %q", how, router, got, "7|")
			}
		}
	}
}
