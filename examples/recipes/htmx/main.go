// Htmx is a list of tasks that htmx changes in place: a part of the page is asked for, and answered, by itself.
//
//	go run ./examples/recipes/htmx
package main

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const (
	tasks  session.Members[string] = "tasks"
	notice flash.Key[string]       = "notice"
)

// isPart reports whether htmx asks for a part of a page. A boosted link or form asks for a whole one, like the
// browser.
func isPart(req ring.Request) bool {
	return req.Header.Get("HX-Request") == "true" && req.Header.Get("HX-Boosted") != "true"
}

// requireLogin sends whoever is not logged in to the log-in page. That must not end up inside of the list, so htmx is
// told to leave the page. The message waits for the navigation that follows.
func requireLogin(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		switch {
		case session.Info(req).Owner != "":
			return h(req)
		case isPart(req):
			return ring.NoContent().With(ring.SetHeader("HX-Redirect", "/login"), notice.Put("Please log in again."))
		}
		return ring.Redirect("/login").With(notice.Put("Please log in."))
	}
}

// add answers htmx with the list, and a browser without scripts with a redirect to it.
func add(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	task := strings.TrimSpace(form.Get("task"))
	if task == "" { // with a status of 4xx htmx would show nothing
		return list(notice.Now(req, "A task needs a name."), session.From(req))
	}
	s := tasks.Add(session.From(req), task)
	if !isPart(req) {
		return ring.Redirect("/").With(session.Set(s), notice.Put("Added."))
	}
	return list(notice.Now(req, "Added."), s).With(session.Set(s))
}

func remove(req ring.Request) ring.Response {
	s := tasks.Remove(session.From(req), req.Query("task"))
	return list(notice.Now(req, "Done."), s).With(session.Set(s))
}

// leave logs out by a button of htmx. Everything on the page was the user's, so the browser loads another one.
func leave(ring.Request) ring.Response {
	return ring.NoContent().With(session.Delete, ring.SetHeader("HX-Redirect", "/login"), notice.Put("You are logged out."))
}

// list is the part of the page that changes. Its message is for this response, by notice.Now; one of notice.Put would
// wait for the next navigation.
func list(req ring.Request, s session.Session) ring.Response {
	name := "page"
	if isPart(req) {
		name = "list"
	}
	var all []string
	for task := range tasks.All(s) {
		all = append(all, task)
	}
	return ring.HTML(pages.Lookup(name), map[string]any{"Tasks": all, "Notice": notice.Get(req)}).
		With(ring.SetHeader("Vary", "HX-Request, HX-Boosted")) // one address, two pages: the back button must not show the part
}

func home(req ring.Request) ring.Response { return list(req, session.From(req)) }

func loginPage(req ring.Request) ring.Response {
	return ring.HTML(pages.Lookup("login"), notice.Get(req))
}

// login believes whoever says a name. The recipe login has a real one.
func login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(session.Login(form.Get("name")))
}

var pages = template.Must(template.New("").Funcs(template.FuncMap{"query": url.QueryEscape}).Parse(`
{{define "page"}}<!DOCTYPE html><title>Tasks</title><script src="/htmx.min.js" defer></script>
<button hx-post="/logout">Log out</button>
<form method="post" action="/tasks" hx-post="/tasks" hx-target="#list"><input name="task"><button>Add</button></form>
<div id="list">{{template "list" .}}</div>{{end}}

{{define "list"}}{{with .Notice}}<p role="status">{{.}}</p>{{end}}
<ul>{{range .Tasks}}<li>{{.}} <button hx-delete="/tasks?task={{query .}}" hx-target="#list">Done</button></li>{{end}}</ul>{{end}}

{{define "login"}}<!DOCTYPE html><title>Log in</title>{{with .}}<p role="status">{{.}}</p>{{end}}
<form method="post" action="/login"><input name="name"><button>Log in</button></form>{{end}}`))

// app serves htmx.min.js from a folder.
func app(store stores.Store, scripts *os.Root) http.Handler {
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/login", loginPage),
		route.Post("/login", login),
		route.Get("/htmx.min.js", func(ring.Request) ring.Response { return ring.File(scripts.FS(), "htmx.min.js") }),
		route.Group(requireLogin,
			route.Get("/", home),
			route.Post("/tasks", add),
			route.Delete("/tasks", remove),
			route.Post("/logout", leave),
		),
	))
}

func main() {
	scripts, err := os.OpenRoot("examples/browser/testdata/lib")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://localhost:8080/ has your tasks")
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New(), scripts)))
}
