// Wizard is a form of several steps. Each order that somebody begins is a draft of its own in the session, so two
// tabs can fill in two orders, or one.
//
//	go run ./examples/recipes/wizard
package main

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"strings"
	"sync"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// A Draft is what has been filled in so far.
type Draft struct{ Name, Street, Delivery string }

// steps are the fields of a draft in the order in which they are asked for.
var steps = []struct {
	name  string
	field func(*Draft) *string
}{
	{"name", func(d *Draft) *string { return &d.Name }},
	{"street", func(d *Draft) *string { return &d.Street }},
	{"delivery", func(d *Draft) *string { return &d.Delivery }},
}

// draft is the key of the draft with this id. Only the visitor's own session has it, so the id of somebody else's
// opens nothing.
func draft(id string) session.Key[Draft] { return session.Key[Draft]("draft:" + id) }

func begin(req ring.Request) ring.Response {
	id := string(session.Info(req).AppendID(nil))
	return ring.Redirect("/order/" + id + "/name").With(draft(id).Put(Draft{}))
}

// withDraft passes on the draft of the address and the number of the step, or len(steps) for the last page.
func withDraft(h func(req ring.Request, id string, d Draft, step int) ring.Response) ring.Handler {
	return func(req ring.Request) ring.Response {
		id, step := req.Param("id"), 0
		for step < len(steps) && steps[step].name != req.Param("step") {
			step++
		}
		d, err := draft(id).Lookup(session.From(req))
		if err != nil || (step == len(steps) && req.Param("step") != "check") {
			return ring.Fail(errSent)
		}
		return h(req, id, d, step)
	}
}

// show shows a step, or leads back to the first one that is missing before it.
func show(req ring.Request, id string, d Draft, step int) ring.Response {
	for _, s := range steps[:step] {
		if *s.field(&d) == "" {
			return ring.Redirect("/order/" + id + "/" + s.name)
		}
	}
	return form(id, d, step, "")
}

// save sets one field of the newest draft. An Attempt runs again if a parallel request was faster, so a step that
// another tab saves at the same time is kept, and an order that another tab sends doesn't come back as a draft.
func save(req ring.Request, id string, d Draft, step int) ring.Response {
	f, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	value := strings.TrimSpace(f.Get("value"))
	if value == "" || len(value) > 200 || step == len(steps) {
		return form(id, d, step, "Please fill this in.").With(ring.Status(http.StatusUnprocessableEntity))
	}
	next := "check"
	if step+1 < len(steps) {
		next = steps[step+1].name
	}
	return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
		d, err := draft(id).Lookup(s)
		if err != nil {
			return s, ring.Fail(errSent)
		}
		*steps[step].field(&d) = value
		return draft(id).Set(s, d), ring.Redirect("/order/" + id + "/" + next)
	})
}

var errSent = &ring.Error{Status: http.StatusNotFound, Message: "There is no such order. It may have been sent already."}

// send places the order and ends the draft. The order has the draft's id, so sending it twice places one order.
func (s *site) send(req ring.Request) ring.Response {
	id := req.Param("id")
	d, err := draft(id).Lookup(session.From(req))
	if err != nil { // a double click, or the back button after it
		return ring.Redirect("/")
	}
	for _, step := range steps {
		if *step.field(&d) == "" {
			return ring.Redirect("/order/" + id + "/" + step.name)
		}
	}
	s.place(id, d)
	return ring.Redirect("/").With(session.Update(draft(id).Delete))
}

// A site has the orders that were placed. In a database their id is a primary key, which does the same.
type site struct {
	mu     sync.Mutex
	orders map[string]Draft
}

func (s *site) place(id string, d Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, placed := s.orders[id]; !placed {
		s.orders[id] = d
	}
}

func home(req ring.Request) ring.Response {
	var ids []string
	for key := range session.From(req).KeysWith("draft:") {
		ids = append(ids, strings.TrimPrefix(key, "draft:"))
	}
	return ring.HTML(pages.Lookup("home"), ids)
}

func form(id string, d Draft, step int, problem string) ring.Response {
	if step == len(steps) {
		return ring.HTML(pages.Lookup("check"), map[string]any{"ID": id, "Draft": d})
	}
	return ring.HTML(pages.Lookup("step"), map[string]any{"Name": steps[step].name, "Value": *steps[step].field(&d), "Problem": problem})
}

var pages = template.Must(template.New("").Parse(`
{{define "home"}}<!DOCTYPE html><title>Shop</title><form method="post" action="/order"><button>Order</button></form>
{{range .}}<p><a href="/order/{{.}}/check">Go on with order {{.}}</a></p>{{end}}{{end}}

{{define "step"}}<!DOCTYPE html><title>Order: {{.Name}}</title><form method="post">
<label>{{.Name}} <input name="value" value="{{.Value}}"></label> {{.Problem}} <button>Next</button></form>{{end}}

{{define "check"}}<!DOCTYPE html><title>Order: check</title><p>{{.Draft.Name}}, {{.Draft.Street}}, by {{.Draft.Delivery}}</p>
<form method="post" action="/order/{{.ID}}/send"><button>Send</button></form>{{end}}`))

func (s *site) app(store stores.Store) http.Handler {
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", home),
		route.Post("/order", begin),
		route.Get("/order/{id}/{step}", withDraft(show)),
		route.Post("/order/{id}/{step}", withDraft(save)),
		route.Post("/order/{id}/send", s.send),
	))
}

func main() {
	s := &site{orders: map[string]Draft{}}
	fmt.Println("http://localhost:8080/ takes orders")
	log.Fatal(http.ListenAndServe("localhost:8080", s.app(memory.New())))
}
