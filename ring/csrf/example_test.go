package csrf_test

import (
	"fmt"
	"html/template"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

var settings = template.Must(template.New("").Parse(
	`<form action="/settings" method="post">{{.}}<input name="theme"><button>Save</button></form>`))

func Example() {
	layers := ring.Chain(session.Wrap(memory.New(), session.Options{}), csrf.Wrap(csrf.Options{}))
	site := layers(route.New(
		route.Get("/settings", func(req ring.Request) ring.Response { return ring.HTML(settings, csrf.Field(req)) }),
		route.Post("/settings", func(req ring.Request) ring.Response { return ring.Text("Saved.") }),
	))

	b := ringtest.New(nil, site)
	b.Get("/settings")
	fmt.Println(b.Submit("", "theme", "dark").Body)
	fmt.Println(b.CrossSite("/settings", "theme", "pink").Status)
	// Output:
	// Saved.
	// 403
}
