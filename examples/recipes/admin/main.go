// Admin lists the sessions of a site for administrators, who can end them.
//
//	go run ./examples/recipes/admin
package main

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"strconv"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const notice flash.Key[string] = "notice"

type site struct {
	sessions *session.Sessions
	admins   map[string]bool // a table of the site's database
}

// requireAdmin lets administrators in. Who is one is looked up for each request: a role in the session would outlive
// its end in the database. Others learn no more than from an address that isn't there.
func (s *site) requireAdmin(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		if owner := session.Info(req).Owner; owner == "" || !s.admins[owner] {
			return ring.Fail(&ring.Error{Status: http.StatusNotFound})
		}
		return h(req).With(ring.SetHeader("Cache-Control", "no-store"))
	}
}

const perPage = 20

// list shows a page of all sessions, or all of an owner. They are read one by one, and no further than the page goes.
func (s *site) list(req ring.Request) ring.Response {
	if owner := req.Query("owner"); owner != "" {
		owned, err := s.sessions.Owned(req.Context(), owner)
		if err != nil {
			return ring.Fail(err)
		}
		return render(req, owned, owner, 0)
	}
	number, _ := strconv.Atoi(req.Query("page"))
	number = min(max(number, 0), 1_000_000)
	var rows []session.Information
	i, next := 0, 0
	for about, err := range s.sessions.All(req.Context()) {
		if err != nil {
			return ring.Fail(err)
		}
		if i++; i > (number+1)*perPage {
			next = number + 1
			break
		}
		if i > number*perPage {
			rows = append(rows, about)
		}
	}
	return render(req, rows, "", next)
}

// end ends one session. Its handle may be shown on the page: it opens nothing.
func (s *site) end(req ring.Request) ring.Response {
	handle, err := stores.ParseHandle(req.Param("handle"))
	if err != nil {
		return ring.Fail(&ring.Error{Status: http.StatusNotFound, Err: err})
	}
	if err := s.sessions.End(req.Context(), handle); err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/admin").With(notice.Put("The session has ended."))
}

// endOwned logs a user out everywhere, except in the browser of this request if it is the administrator's own.
func (s *site) endOwned(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	n, err := s.sessions.EndOwned(req.Context(), form.Get("owner"), session.Info(req).Handle)
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/admin").With(notice.Put(fmt.Sprintf("%d sessions have ended.", n)))
}

func render(req ring.Request, rows []session.Information, owner string, next int) ring.Response {
	return ring.HTML(page, map[string]any{
		"Rows": rows, "Owner": owner, "Next": next, "Own": session.Info(req).Handle, "Notice": notice.Get(req),
	})
}

var page = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Sessions</title>
{{with .Notice}}<p role="status">{{.}}</p>{{end}}
<table>{{range .Rows}}<tr>
<td>{{if .Owner}}<a href="/admin?owner={{.Owner}}">{{.Owner}}</a>{{else}}a visitor{{end}}{{if eq .Handle $.Own}} (this browser){{end}}</td>
<td>since {{.Created.Format "2006-01-02 15:04"}}, seen {{.Seen.Format "2006-01-02 15:04"}}</td>
<td><form method="post" action="/admin/{{.Handle}}/end"><button>End</button></form></td></tr>{{end}}</table>
{{with .Next}}<a href="/admin?page={{.}}">Next page</a>{{end}}
{{with .Owner}}<form method="post" action="/admin/end"><input type="hidden" name="owner" value="{{.}}"><button>End all of {{.}}</button></form>{{end}}`))

// home logs in whoever says a name. The recipe login has a real one.
func home(req ring.Request) ring.Response {
	return ring.HTML(homePage, map[string]any{"Owner": session.Info(req).Owner})
}

func login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(session.Login(form.Get("name")))
}

var homePage = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Site</title>
{{with .Owner}}<p>Logged in as {{.}}</p>{{end}}
<form method="post" action="/login"><input name="name"><button>Log in</button></form>`))

func app(store stores.Store, admins map[string]bool) http.Handler {
	s := &site{session.Open(store, session.Options{}), admins}
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", home),
		route.Post("/login", login),
		route.Group(s.requireAdmin,
			route.Get("/admin", s.list),
			route.Post("/admin/{handle}/end", s.end),
			route.Post("/admin/end", s.endOwned),
		),
	))
}

func main() {
	fmt.Println("http://localhost:8080/admin is for root, who logs in at http://localhost:8080/")
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New(), map[string]bool{"root": true})))
}
