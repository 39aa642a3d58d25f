// Package route picks a handler by method and path. Routes are values, so an application's are a list that can be
// read, taken apart and put together:
//
//	app := route.New(
//		route.Get("/", home),
//		route.Get("/users/{id:[0-9]+}", user),
//		route.Group(signedIn,
//			route.Post("/sign", sign),
//			route.Mount("/admin",
//				route.Get("/log", log),
//			),
//		),
//	)
//
// A pattern is a path in which {name} stands for a segment or a part of one, {name:regexp} for what the whole regular
// expression matches, and a * at the end for any rest. Between two parameters there is some text, and the first byte of
// it ends the one before. What is found is in [ring.Request.Param], the * under its own name.
//
// Where two patterns match, text goes before regexp, regexp before name, name before *, segment by segment. None but the
// * stands for nothing: a path that fits the best pattern except that a parameter would be empty is not found.
//
// Paths are matched as they are meant, without regard to how a client has escaped them, and a slash written as %2F is a
// part of a segment. Nothing is redirected: /users and /users/ are two paths.
//
// HEAD is answered by GET's handler and OPTIONS with the methods that there are, unless a route says otherwise. The
// matching is chi's.
package route

import (
	"net/http"

	"github.com/signet-go/signet/ring"
)

// A Route is a value that says which handler answers which requests; or several, under a prefix or within a layer. The
// zero Route is a mistake.
type Route struct {
	kind    kind
	method  string
	pattern string // or prefix
	handler ring.Handler
	layer   ring.Middleware
	inside  []Route
}

type kind byte

const (
	_ kind = iota
	leaf
	group
	mount
	notFound
	notAllowed
)

// anyMethod is the method of a route for all of them.
const anyMethod = "*"

// Get routes GET, and HEAD unless there is a route for it.
func Get(pattern string, h ring.Handler) Route { return Method(http.MethodGet, pattern, h) }

// Post routes POST.
func Post(pattern string, h ring.Handler) Route { return Method(http.MethodPost, pattern, h) }

// Put routes PUT.
func Put(pattern string, h ring.Handler) Route { return Method(http.MethodPut, pattern, h) }

// Patch routes PATCH.
func Patch(pattern string, h ring.Handler) Route { return Method(http.MethodPatch, pattern, h) }

// Delete routes DELETE.
func Delete(pattern string, h ring.Handler) Route { return Method(http.MethodDelete, pattern, h) }

// Method routes a method that chi knows: those of net/http, QUERY, and what chi.RegisterMethod has added.
func Method(method, pattern string, h ring.Handler) Route {
	return Route{kind: leaf, method: method, pattern: pattern, handler: h}
}

// Any routes every method that has no route of its own with the same pattern, unheard-of ones too. It is for handlers
// that look at the method themselves, such as those of [ring.FromHTTP].
func Any(pattern string, h ring.Handler) Route { return Method(anyMethod, pattern, h) }

// Group is routes within a layer; [ring.Chain] makes one of several. The layer wraps each handler once, when the router
// is made. It doesn't see what no route answers: wrap the router for that.
func Group(layer ring.Middleware, routes ...Route) Route {
	return Route{kind: group, layer: layer, inside: routes}
}

// Mount is routes under a prefix, which may have parameters. Their pattern goes on where it ends: in Mount("/admin", …)
// "" is /admin and "/" is /admin/.
func Mount(prefix string, routes ...Route) Route {
	return Route{kind: mount, pattern: prefix, inside: routes}
}

// NotFound answers requests whose path has no route, instead of a failure of 404. It may stand in a Group, not in a
// Mount, and once.
func NotFound(h ring.Handler) Route { return Route{kind: notFound, handler: h} }

// MethodNotAllowed answers requests whose path has a route for other methods, instead of a failure of 405. The router
// adds the Allow field to what it answers with 405. It stands where NotFound may stand.
func MethodNotAllowed(h ring.Handler) Route { return Route{kind: notAllowed, handler: h} }
