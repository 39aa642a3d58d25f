package route_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

func home(ring.Request) ring.Response     { return ring.Text("Welcome") }
func user(req ring.Request) ring.Response { return ring.Text("User " + req.Param("id")) }
func edit(req ring.Request) ring.Response { return ring.Redirect("/users/" + req.Param("id")) }

// guarded lets those in who know the word.
func guarded(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		if req.Header.Get("X-Word") != "mellon" {
			return ring.Fail(&ring.Error{Status: 403, Message: "Speak, friend, and enter."})
		}
		return h(req)
	}
}

func Example() {
	routes := []route.Route{
		route.Get("/", home),
		route.Mount("/users/{id:[0-9]+}",
			route.Get("", user),
			route.Group(guarded,
				route.Post("/edit", edit),
			),
		),
	}
	app := route.New(routes...)

	page, _ := app(ring.NewRequest("GET", "/users/7", nil)).Body.Text()
	fmt.Println(page)
	fmt.Println(app(ring.NewRequest("POST", "/users/7/edit", nil)).Status)
	fmt.Println(app(ring.NewRequest("POST", "/users/7/edit", nil).WithHeader("X-Word", "mellon")).Header.Get("Location"))
	fmt.Print(route.List(routes...))
	// Output:
	// User 7
	// 403
	// /users/7
	// GET   /
	// GET   /users/{id:[0-9]+}
	// POST  /users/{id:[0-9]+}/edit
}

// Ring handlers and layers also stand in a chi router, beside handlers of net/http.
func Example_chi() {
	r := chi.NewRouter()
	r.Use(ring.Use(guarded))
	r.Get("/users/{id}", ring.Handler(user).ServeHTTP)

	req := httptest.NewRequest("GET", "/users/7", nil)
	req.Header.Set("X-Word", "mellon")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	fmt.Println(w.Body)
	// Output: User 7
}
