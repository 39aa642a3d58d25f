package route

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/signet-go/signet/ring"
)

// All yields method and whole pattern of each route, in order. The method of [Any] is "*".
func All(routes ...Route) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		walk(place{}, routes, func(at place, r Route) bool {
			return r.kind != leaf || yield(r.method, at.prefix+r.pattern)
		})
	}
}

// List is a table of what [All] yields, for people.
func List(routes ...Route) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for method, pattern := range All(routes...) {
		fmt.Fprintf(w, "%s\t%s\n", method, pattern)
	}
	_ = w.Flush() // a Builder takes everything
	return b.String()
}

// A place is where in the tree a route is.
type place struct {
	prefix string
	layers []ring.Middleware // the first is the outermost
}

// walk visits what is no Group and no Mount, in order, until visit returns false.
func walk(at place, routes []Route, visit func(place, Route) bool) bool {
	for _, r := range routes {
		inside := at
		switch r.kind {
		case group:
			inside.layers = append(slices.Clip(at.layers), r.layer)
		case mount:
			inside.prefix += r.pattern
		default:
			if !visit(at, r) {
				return false
			}
			continue
		}
		if !walk(inside, r.inside, visit) {
			return false
		}
	}
	return true
}
