package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/defaults"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// What the guest book keeps in a session.
const (
	visits  session.Counter     = "visits"  // of the book's first page
	penName session.Key[string] = "name"    // what an anonymous visitor signed with last
	browser session.Key[string] = "browser" // the User-Agent at log-in, to tell sessions apart

	notice flash.Key[string] = "notice" // said once, on the next page
)

// A site is what the handlers work with.
type site struct {
	book     *Book
	sessions session.Store
	owners   stores.Owners // may be nil
	footer   []string
}

// routes are all pages and forms. Files are served further out.
func (s *site) routes() []route.Route {
	return []route.Route{
		route.Get("/", s.home),
		route.Post("/", s.sign),
		route.Get("/login", s.loginPage),
		route.Post("/login", s.login),
		route.Post("/logout", s.logout),
		route.Group(loggedIn, s.browserRoutes()...),
	}
}

// browserRoutes are there if the store can list an owner's sessions.
func (s *site) browserRoutes() []route.Route {
	if s.owners == nil {
		return nil
	}
	return []route.Route{
		route.Get("/browsers", s.browsers),
		route.Post("/browsers/others/logout", s.logoutOthers),
		route.Post("/browsers/all/logout", s.logoutAll),
	}
}

// maxBody is room for the longest entry in its longest encoding, and for one that is too long to be shown again with
// what is wrong.
const maxBody = 64 << 10

// app is the whole application: the routes, and the layers of a site around them.
func (s *site) app(o session.Options, log *slog.Logger) http.Handler {
	c := defaults.Site(s.sessions)
	c.Log, c.ErrorPage, c.Static = log, errorPage, assets
	c.Limits = ring.Limits{Body: maxBody, Parts: 20}
	c.Headers.ContentSecurityPolicy =
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	c.Headers.FrameOptions = "DENY"
	c.Session = o
	c.Session.OnDropped = keepAnswer
	return c.Wrap(route.New(s.routes()...))
}

// keepAnswer is what is said where the session ended while the response was made. The ready-made answer is that nothing
// was saved; here the entry is in the book, or the other browsers are logged out, and only a message is lost.
func keepAnswer(_ ring.Request, resp ring.Response) ring.Response { return resp }

// loggedIn sends whoever is not logged in to the log-in page.
func loggedIn(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		if session.Info(req).Owner == "" {
			return ring.Redirect("/login").With(notice.Put("Please log in first."))
		}
		return h(req)
	}
}

// sessionIdle and sessionLongest are the limits of a session, which the footer tells.
const (
	sessionIdle    = 30 * time.Minute
	sessionLongest = 12 * time.Hour
)
