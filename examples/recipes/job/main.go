// Job makes reports in the background. The page shows how far they are, as each job writes its progress into the
// session that asked for it; when one is ready, all browsers of the user learn of it.
//
//	go run ./examples/recipes/job
package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const (
	progress session.Tally[string]   = "progress" // how many steps of each report are done
	ready    session.Members[string] = "ready"    // the reports that can be read
	notice   flash.Key[string]       = "notice"
)

// steps of a report. The first one is that it is in the queue.
const steps = 5

type site struct {
	sessions *session.Sessions
	queue    chan job
	step     func() // does a step of the work

	mu      sync.Mutex
	reports map[string]string // the owner of each report
}

// A job knows the session that it was begun in by its handle, which is no secret. Its fields are texts, so a queue in
// a database, which outlives the program, can hold them too.
type job struct{ id, handle, owner string }

// begin puts a job into the queue. It may write its progress before the response to this request is committed. A
// tally adds up whatever the order.
func (s *site) begin(req ring.Request) ring.Response {
	about := session.Info(req)
	if about.Owner == "" {
		return ring.Redirect("/").With(notice.Put("Please log in."))
	}
	id := string(about.AppendID(nil))
	select {
	case s.queue <- job{id, about.Handle.String(), about.Owner}:
		return ring.Redirect("/").With(progress.By(id, 1))
	default:
		return ring.Redirect("/").With(notice.Put("There are too many reports in the queue. Please try again later."))
	}
}

// work does the jobs of the queue until it is closed. Several goroutines may call it.
func (s *site) work(ctx context.Context) {
	for j := range s.queue {
		if err := s.report(ctx, j); err != nil {
			log.Print("report ", j.id, ": ", err)
		}
	}
}

// report makes a report. Writing progress is a use of the session, so a job that wrote every second would keep its
// user logged in.
func (s *site) report(ctx context.Context, j job) error {
	handle, err := stores.ParseHandle(j.handle)
	if err != nil {
		return err
	}
	for range steps - 1 {
		s.step()
		err := s.sessions.Amend(ctx, handle, progress.By(j.id, 1))
		if err != nil && !errors.Is(err, session.ErrNotFound) { // the user has logged out there, and may read it elsewhere
			return err
		}
	}
	s.mu.Lock()
	s.reports[j.id] = j.owner
	s.mu.Unlock()
	_, err = s.sessions.AmendOwned(ctx, j.owner, ready.With(j.id))
	return err
}

// read shows a report to its owner. That a session has its id among those that are ready opens nothing.
func (s *site) read(req ring.Request) ring.Response {
	s.mu.Lock()
	owner, ok := s.reports[req.Param("id")]
	s.mu.Unlock()
	if !ok || owner != session.Info(req).Owner {
		return ring.Fail(&ring.Error{Status: http.StatusNotFound})
	}
	return ring.Text("A report for " + owner).With(session.Update(func(in session.Session) session.Session {
		return ready.Remove(progress.Remove(in, req.Param("id")), req.Param("id"))
	}))
}

// login believes whoever says a name. The recipe login has a real one.
func login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(session.Login(form.Get("name")))
}

func logout(ring.Request) ring.Response { return ring.Redirect("/").With(session.Delete) }

func home(req ring.Request) ring.Response {
	in := session.From(req)
	return ring.HTML(page, map[string]any{
		"Owner": session.Info(req).Owner, "Steps": steps, "Notice": notice.Get(req),
		"Progress": maps.Collect(progress.All(in)), "Ready": slices.Collect(ready.All(in)),
	})
}

var page = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Reports</title><meta http-equiv="refresh" content="5">
{{with .Notice}}<p role="status">{{.}}</p>{{end}}
{{if .Owner}}<p>{{.Owner}}</p><form method="post" action="/logout"><button>Log out</button></form>
<form method="post" action="/reports"><button>Make a report</button></form>
{{range .Progress}}<p>{{.}} of {{$.Steps}} <progress value="{{.}}" max="{{$.Steps}}"></progress></p>{{end}}
{{range .Ready}}<p><a href="/reports/{{.}}">Read the report</a></p>{{end}}
{{else}}<form method="post" action="/login"><input name="name"><button>Log in</button></form>{{end}}`))

func newSite(store stores.Store, step func()) *site {
	return &site{
		sessions: session.Open(store, session.Options{}),
		queue:    make(chan job, 100),
		step:     step,
		reports:  map[string]string{},
	}
}

func (s *site) app(store stores.Store) http.Handler {
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", home),
		route.Post("/login", login),
		route.Post("/logout", logout),
		route.Post("/reports", s.begin),
		route.Get("/reports/{id}", s.read),
	))
}

func main() {
	store := memory.New()
	s := newSite(store, func() { time.Sleep(2 * time.Second) })
	for range 4 {
		go s.work(context.Background())
	}
	fmt.Println("http://localhost:8080/ makes reports")
	log.Fatal(http.ListenAndServe("localhost:8080", s.app(store)))
}
