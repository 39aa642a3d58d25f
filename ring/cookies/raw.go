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

// scan looks for the name rather than taking each line apart, which costs a fraction if there are many cookies.
func scan(h ring.Header, name string, yield func(string) bool) {
	if name == "" {
		return
	}
	for line := range h.All("Cookie") {
		for from := 0; ; {
			i := strings.Index(line[from:], name)
			if i < 0 {
				break
			}
			i += from
			from = i + len(name)
			if !beginsPair(line[:i]) || !canBeName(name) {
				continue
			}
			rest := trimLeft(line[from:])
			if rest == "" || rest[0] != '=' {
				continue
			}
			value := rest[1:]
			if end := strings.IndexByte(value, ';'); end >= 0 {
				value = value[:end]
			}
			if !yield(trimLeft(trimRight(value))) {
				return
			}
		}
	}
}

// beginsPair reports whether what follows before is at the beginning of a pair.
func beginsPair(before string) bool {
	before = trimRight(before)
	return before == "" || before[len(before)-1] == ';'
}

// canBeName reports whether a pair can have the name: none has what ends one, or blanks.
func canBeName(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c == '=' || c == ';' || isBlank(c) {
			return false
		}
	}
	return true
}

// trimLeft and trimRight are strings.TrimLeft and TrimRight for blanks, in a tenth of the time if there are few.
func trimLeft(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// pairs calls yield with name and undecoded value of each cookie, until it returns false.
//
// Not http.ParseCookie: it drops every cookie of a line when one of them is malformed.
func pairs(h ring.Header, yield func(name, raw string) bool) {
	for line := range h.All("Cookie") {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, raw, ok := strings.Cut(pair, "=")
			name = strings.Trim(name, blanks)
			if ok && name != "" && !yield(name, strings.Trim(raw, blanks)) {
				return
			}
		}
	}
}

const blanks = " \t"
