package cookies

import (
	"iter"
	"strings"

	"github.com/signet-go/signet/ring"
)

// Raw yields the values that a request's header has for the cookie name, undecoded, in the order in which they came.
// There may be several: of other paths, of other domains, of a site that shares a domain with this one. It allocates
// nothing, so it can be asked on every request.
func Raw(h ring.Header, name string) iter.Seq[string] {
	// Small, so that it is inlined and the closure stays on the caller's stack.
	return func(yield func(string) bool) { scan(h, name, yield) }
}

func scan(h ring.Header, name string, yield func(string) bool) {
	for line := range h.All("Cookie") {
		// Most requests have none of the name, which this finds out faster than taking the line apart.
		if strings.Contains(line, name) && !pairsOf(line, func(n, raw string) bool { return n != name || yield(raw) }) {
			return
		}
	}
}

// pairs calls yield with name and undecoded value of each cookie, until it returns false.
//
// Not http.ParseCookie: it drops every cookie of a line when one of them is malformed.
func pairs(h ring.Header, yield func(name, raw string) bool) {
	for line := range h.All("Cookie") {
		if !pairsOf(line, yield) {
			return
		}
	}
}

func pairsOf(line string, yield func(name, raw string) bool) bool {
	for line != "" {
		var pair string
		pair, line, _ = strings.Cut(line, ";")
		name, raw, ok := strings.Cut(pair, "=")
		name = strings.Trim(name, blanks)
		if ok && name != "" && !yield(name, strings.Trim(raw, blanks)) {
			return false
		}
	}
	return true
}

const blanks = " \t"
