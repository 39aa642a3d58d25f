package browser

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const notice flash.Key[string] = "notice"

// A site has pages that show messages, and forms that send them. It refuses nothing that another site makes a browser send.
type site struct {
	*front
	late  atomic.Int64 // how far the clock, which stands still, is ahead
	pages int
}

func openSite(t *testing.T) *site {
	s, began := new(site), time.Now()
	now := func() time.Time { return began.Add(time.Duration(s.late.Load())) }
	s.front = serve(t, ring.Chain(session.Wrap(memory.New(), session.Options{Now: now}), flash.Wrap)(answer))
	return s
}

// pass lets time pass.
func (s *site) pass(d time.Duration) { s.late.Add(int64(d)) }

// enter opens tabs in a session: while an answer is kept back, the browser has the cookie all the same.
func (s *site) enter(tabs ...*tab) {
	for _, tb := range tabs {
		tb.t.Helper()
		tb.open(s.url + "/start")
		want(tb.t, "the first page", tb.follow(save("/start", "begun")).Notice, "begun")
	}
}

// newPage gives the path of a page that no browser has anything of yet.
func (s *site) newPage() string {
	s.pages++
	return fmt.Sprintf("/page%d", s.pages)
}

// answer redirects a form to where its address says, with a message. Everything else is a page.
func answer(req ring.Request) ring.Response {
	next := ring.Redirect(req.Query("to")).With(notice.Put(req.Query("say")))
	switch req.Method + " " + req.URL.Path {
	case "POST /save":
		return next
	case "POST /login":
		return next.With(session.Login("Ann"))
	case "POST /logout":
		return next.With(session.Delete)
	}
	return ring.HTML(pageOf, map[string]string{
		"User":   session.Info(req).Owner,
		"Notice": strings.Join(slices.Collect(notice.All(req)), "|"),
	})
}

var pageOf = template.Must(template.New("").Parse(`<!doctype html>
<title>A page</title>
<link rel="icon" href="data:,">
<p class="who">You are <bdi>{{.User}}</bdi></p>
<p class="notice">{{.Notice}}</p>
`))

// save is a form whose redirect carries a message.
func save(to, say string) string { return form("/save?to=" + to + "&say=" + say) }

// want compares what is seen with what should be.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v; want %v", what, got, want)
	}
}
