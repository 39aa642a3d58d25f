// Templ renders its pages with templ. Page_templ.go is generated from page.templ, and committed:
//
//	go generate ./examples/recipes/templ
//	go run ./examples/recipes/templ
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1100 generate

const (
	tasks  session.Members[string] = "tasks"
	notice flash.Key[string]       = "notice"
)

// render answers with a component. If the component fails, the response is a failure, and nothing of the page is
// sent.
func render(req ring.Request, c templ.Component) ring.Response {
	return ring.Render(func(w io.Writer) error { return c.Render(req.Context(), w) })
}

// home passes values to the component, so that the component needs no request and a test can render it alone.
func home(req ring.Request) ring.Response {
	s := session.From(req)
	return render(req, page("you", slices.Collect(tasks.All(s)), notice.Get(req)))
}

func add(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(tasks.With(form.Get("task")), notice.Put("Added."))
}

func app(store stores.Store) http.Handler {
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(route.Get("/", home), route.Post("/", add)))
}

func main() {
	fmt.Println("http://localhost:8080/ has your tasks")
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New())))
}
