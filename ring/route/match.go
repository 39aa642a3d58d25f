package route

import (
	"strings"

	"github.com/signet-go/signet/ring"
)

// A match is what a router attaches to a request. There is room for the values of most routes, so that they take no
// allocation of their own.
type match struct {
	pattern string
	room    [3]string
}

var matchKey = ring.NewKey[match]("route")

// Pattern returns the whole pattern of the route that answers, for logs and measurements, or "" outside of a router.
// Layers of a [Group] and handlers see it, layers around the router don't.
func Pattern(req ring.Request) string {
	if m := matchKey.Ref(req.Values); m != nil {
		return m.pattern
	}
	return ""
}

// matched is the request as the handler of e gets it. The found values are copied.
func (e *endpoint) matched(req ring.Request, found []string, hasHidden bool) ring.Request {
	req.Values = matchKey.Put(req.Values, match{pattern: e.pattern})
	if len(e.names) == 0 {
		return req
	}
	values := append(matchKey.Ref(req.Values).room[:0], found...)
	if hasHidden {
		for i, v := range values {
			values[i] = strings.ReplaceAll(v, hidden, "/")
		}
	}
	return req.WithParams(e.names, values)
}
