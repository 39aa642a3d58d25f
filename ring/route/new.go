package route

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/signet-go/signet/ring"
)

// New makes a handler that routes. It panics on what can't be meant: two routes with one method and pattern (the names
// of parameters make no difference), a bad pattern or regexp, an unknown method, a nil handler or layer.
func New(routes ...Route) ring.Handler {
	check("", routes)
	b := builder{owners: map[key]string{}, router: router{
		mux: chi.NewMux(), endpoints: map[key]*endpoint{}, notFound: answerNotFound, notAllowed: answerNotAllowed,
	}}
	walk(place{}, routes, b.claim)
	walk(place{}, routes, b.register)
	methods := map[string]bool{}
	for k := range b.endpoints {
		methods[k.method] = true
	}
	b.methods = slices.Sorted(maps.Keys(methods))
	return b.router.serve
}

// check panics where groups and mounts are malformed.
func check(prefix string, routes []Route) {
	for _, r := range routes {
		switch {
		case r.kind == 0:
			panic("route: the zero Route")
		case r.kind == group && r.layer == nil:
			panic("route: a Group without a layer")
		case r.kind == mount && !isPrefix(r.pattern):
			panic(fmt.Sprintf("route: mount %q: a prefix begins with a slash and ends with something else", prefix+r.pattern))
		case r.kind == leaf && prefix != "" && r.pattern != "" && r.pattern[0] != '/':
			panic(fmt.Sprintf("route: %s %q in %q: a pattern begins with a slash", r.method, r.pattern, prefix))
		case (r.kind == notFound || r.kind == notAllowed) && prefix != "":
			panic(fmt.Sprintf("route: NotFound and MethodNotAllowed are of the whole router, not of %q", prefix))
		}
		if r.kind == mount {
			check(prefix+r.pattern, r.inside)
		} else {
			check(prefix, r.inside)
		}
	}
}

func isPrefix(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.HasSuffix(s, "/") && !strings.HasSuffix(s, "*")
}

type builder struct {
	router
	owners  map[key]string // by method and shape: the pattern of the route
	missing bool           // NotFound was there
	refused bool           // MethodNotAllowed was there
}

// claim notes which methods a route has for itself.
func (b *builder) claim(at place, r Route) bool {
	if r.kind != leaf {
		return true
	}
	whole := at.prefix + r.pattern
	p, err := parse(whole)
	k := key{r.method, p.shape}
	other, taken := b.owners[k]
	switch {
	case err != nil:
		panic(fmt.Sprintf("route: %s: %v", nameOf(at, r), err))
	case r.method != strings.ToUpper(r.method) || r.method == "":
		panic(fmt.Sprintf("route: %s: methods are in capitals", nameOf(at, r)))
	case taken:
		panic(fmt.Sprintf("route: %s: there is %q already, which matches the same", nameOf(at, r), other))
	}
	b.owners[k] = whole
	return true
}

// standard are the methods that chi knows.
var standard = []string{
	http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions,
	http.MethodPatch, http.MethodPost, http.MethodPut, "QUERY", http.MethodTrace,
}

// register adds a route for its method and for those that nobody else has claimed.
func (b *builder) register(at place, r Route) bool {
	whole := at.prefix + r.pattern
	h := wrapped(at, r)
	switch r.kind {
	case notFound:
		once(&b.missing, nameOf(at, r))
		b.notFound = h
		return true
	case notAllowed:
		once(&b.refused, nameOf(at, r))
		b.notAllowed = h
		return true
	}
	p, _ := parse(whole) // claim has seen the error
	e := &endpoint{pattern: whole, names: p.names, handler: h, forAll: r.method == anyMethod}
	methods := []string{r.method}
	switch r.method {
	case http.MethodGet:
		methods = append(methods, http.MethodHead)
	case anyMethod:
		methods = standard
	}
	for _, m := range methods {
		if m == r.method || b.free(m, p.shape, e.forAll) {
			b.insert(m, p.forChi, e)
		}
	}
	return true
}

// free reports whether nobody goes before a route of GET, or one of any method, for the method m.
func (b *builder) free(m, shape string, forAll bool) bool {
	_, own := b.owners[key{m, shape}]
	_, get := b.owners[key{http.MethodGet, shape}]
	return !own && !(forAll && m == http.MethodHead && get)
}

func (b *builder) insert(method, pattern string, e *endpoint) {
	defer func() {
		if v := recover(); v != nil {
			panic(fmt.Sprintf("route: %s %q: %v", method, e.pattern, v))
		}
	}()
	// The mux is asked where a path leads and never serves.
	b.mux.Method(method, pattern, http.NotFoundHandler())
	b.endpoints[key{method, pattern}] = e
}

// wrapped is the handler of a route within its layers.
func wrapped(at place, r Route) ring.Handler {
	if r.handler == nil {
		panic(fmt.Sprintf("route: %s: the handler is nil", nameOf(at, r)))
	}
	h := ring.Chain(at.layers...)(r.handler)
	if h == nil {
		panic(fmt.Sprintf("route: %s: a layer makes a nil handler of it", nameOf(at, r)))
	}
	return h
}

func nameOf(at place, r Route) string {
	switch r.kind {
	case notFound:
		return "NotFound"
	case notAllowed:
		return "MethodNotAllowed"
	}
	return fmt.Sprintf("%s %q", r.method, at.prefix+r.pattern)
}

func once(done *bool, what string) {
	if *done {
		panic("route: there are two " + what)
	}
	*done = true
}
