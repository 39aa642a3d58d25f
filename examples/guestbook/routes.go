package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
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

// routes are all pages and forms within a session, and what needs none.
func (s *site) routes(inSession ring.Middleware) []route.Route {
	return []route.Route{
		route.Group(inSession,
			route.Get("/", s.home),
			route.Post("/", s.sign),
			route.Get("/login", s.loginPage),
			route.Post("/login", s.login),
			route.Post("/logout", s.logout),
			route.Group(loggedIn, s.browserRoutes()...),
		),
		route.Get(styleSheet.path, styleSheet.serve), // outside, so that any cache may keep it
		route.Get(icon.path, icon.serve),
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

// app is the whole application: the routes, and what is around them. The first layer is the outermost.
func (s *site) app(o session.Options, log *slog.Logger) http.Handler {
	o.OnDropped = keepAnswer
	layers := ring.Chain(
		ring.Log(log),
		guarded,
		ring.OnError(log, errorPage),
		ring.Recover, // inside of OnError, so that a panic has its page too
		ring.Limit(ring.Limits{Body: maxBody, Parts: 20}),
	)
	inSession := ring.Chain(session.Wrap(s.sessions, o), flash.Wrap)
	// What another site makes a browser send is refused before anybody looks at its cookies.
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(ring.Chain(ring.Log(log), guarded)(foreignPage))
	return foreign.Handler(layers(route.New(s.routes(inSession)...)))
}

// keepAnswer is what is said where the session ended while the response was made. The ready-made answer is that nothing
// was saved; here the entry is in the book, or the other browsers are logged out, and only a message is lost.
func keepAnswer(_ ring.Request, resp ring.Response) ring.Response { return resp }

// guarded adds what browsers should be told on every page.
func guarded(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		return h(req).With(
			ring.SetHeader("Content-Security-Policy",
				"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
			ring.SetHeader("X-Content-Type-Options", "nosniff"),
			ring.SetHeader("Referrer-Policy", "same-origin"),
		)
	}
}

// loggedIn lets nobody else in.
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
