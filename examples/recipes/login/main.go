// Login shows who is logged in, keeps strangers out of a part of the site, and leads back to the wanted page after
// the log-in.
//
//	go run ./examples/recipes/login
package main

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/url"
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
	user   session.Owner[int64] = "user"
	notice flash.Key[string]    = "notice"
)

// A User is a row of the site's database.
type User struct {
	ID   int64
	Name string
}

type site struct{ users map[int64]User }

// current is the user who is logged in.
var current = ring.NewKey[User]("current user")

// withUser looks up the user of the session once for each request.
func (s *site) withUser(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		id, ok := user.From(req)
		if !ok {
			return h(req)
		}
		u, ok := s.users[id]
		if !ok { // the account was closed
			return ring.Redirect("/").With(session.Delete)
		}
		req.Values = current.Put(req.Values, u)
		return h(req).With(ring.SetHeader("Cache-Control", "no-store")) // the back button shows nothing after the log-out
	}
}

// requireLogin sends whoever is not logged in to the log-in page.
func requireLogin(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		if _, ok := current.Get(req.Values); ok {
			return h(req)
		}
		if req.Method != http.MethodGet { // what a form sent is not kept, so there is no page to go back to
			return ring.Redirect("/login").With(notice.Put("Please log in and send the form again."))
		}
		return ring.Redirect("/login?next=" + url.QueryEscape(req.URL.RequestURI()))
	}
}

// local returns next if it is a page of this site, and "/" if not. Anybody can send a user to /login?next=… by a
// link, so an address of another host would make our log-in lead to a copy of the site that asks for the password
// again.
func local(next string) string {
	_, err := url.Parse(next) // refuses control characters, which browsers leave out
	if err != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/" // "//evil.example" has a host, and browsers read \ as /
	}
	return next
}

func (s *site) loginPage(req ring.Request) ring.Response {
	return render(req, "login", req.Query("next"))
}

func (s *site) login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	next := form.Get("next")
	u, ok := s.check(form.Get("name"), form.Get("password"))
	if !ok {
		return render(notice.Now(req, "Name or password is wrong."), "login", next).With(ring.Status(http.StatusUnprocessableEntity))
	}
	return ring.Redirect(local(next)).With(user.Login(u.ID), notice.Put("Welcome, "+u.Name+"."))
}

// check is where a real site compares the password with its hash. This one takes any.
func (s *site) check(name, password string) (User, bool) {
	for _, u := range s.users {
		if u.Name == name && password != "" {
			return u, true
		}
	}
	return User{}, false
}

func logout(ring.Request) ring.Response {
	return ring.Redirect("/").With(session.Delete, notice.Put("You are logged out."))
}

func page(text string) ring.Handler {
	return func(req ring.Request) ring.Response { return render(req, "page", text) }
}

func render(req ring.Request, name, text string) ring.Response {
	u, _ := current.Get(req.Values)
	return ring.HTML(pages.Lookup(name), map[string]any{"User": u, "Text": text, "Notice": notice.Get(req)})
}

var pages = template.Must(template.New("").Parse(`
{{define "top"}}<!DOCTYPE html><title>Login</title>
{{with .Notice}}<p role="status">{{.}}</p>{{end}}
{{with .User.Name}}<p>Logged in as {{.}}</p><form method="post" action="/logout"><button>Log out</button></form>
{{else}}<a href="/login">Log in</a>{{end}}{{end}}

{{define "page"}}{{template "top" .}}<p>{{.Text}}</p><a href="/account?tab=orders">Your orders</a>
<form method="post" action="/account"><button>Order</button></form>{{end}}

{{define "login"}}{{template "top" .}}<form method="post" action="/login">
<input type="hidden" name="next" value="{{.Text}}">
<label>Name <input name="name"></label> <label>Password <input type="password" name="password"></label>
<button>Enter</button></form>{{end}}`))

func app(store stores.Store, users map[int64]User) http.Handler {
	s := &site{users}
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
		s.withUser,
	)
	return layers(route.New(
		route.Get("/", page("Welcome.")),
		route.Get("/login", s.loginPage),
		route.Post("/login", s.login),
		route.Post("/logout", logout),
		route.Group(requireLogin,
			route.Get("/account", page("Your account.")),
			route.Post("/account", page("Ordered.")),
		),
	))
}

func main() {
	fmt.Println("http://localhost:8080/ knows Ann, with any password")
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New(), map[int64]User{1: {1, "Ann"}})))
}
