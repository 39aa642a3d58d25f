package cookies

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/signet-go/signet/ring"
)

// Cookies are those that came with a request. Nothing is parsed before it is asked for, and nothing is kept; the zero
// Cookies is empty. A pair that is malformed is passed over and hides no other.
type Cookies struct {
	header ring.Header
	decode func(string) (string, error) // nil: Unescape
}

// From returns the cookies that came with a request.
func From(req ring.Request) Cookies { return Codec{}.From(req) }

// Lookup returns the value of the cookie name, and whether it came. Of several with one name it is the first, which
// browsers make the one with the longest path; anyone on a neighbouring host can add one, so it proves nothing.
func (c Cookies) Lookup(name string) (string, bool) {
	for raw := range Raw(c.header, name) {
		if value, ok := c.value(raw); ok {
			return value, true
		}
	}
	return "", false
}

// Get returns the value of the cookie name as [Cookies.Lookup] does, or "".
func (c Cookies) Get(name string) string {
	value, _ := c.Lookup(name)
	return value
}

// All yields every value of the cookie name, in the order in which they came.
func (c Cookies) All(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for raw := range Raw(c.header, name) {
			if value, ok := c.value(raw); ok && !yield(value) {
				return
			}
		}
	}
}

// Pairs yields name and value of every cookie, in the order in which they came.
func (c Cookies) Pairs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		pairs(c.header, func(name, raw string) bool {
			value, ok := c.value(raw)
			return !ok || yield(name, value)
		})
	}
}

func (c Cookies) value(raw string) (string, bool) {
	if c.decode == nil {
		return Unescape(raw), true
	}
	value, err := c.decode(raw)
	return value, err == nil
}

// Equal reports whether both have the same pairs in the same order.
func (c Cookies) Equal(other Cookies) bool { return slices.Equal(c.fields(), other.fields()) }

// fields returns the pairs as fields of a header.
func (c Cookies) fields() (all []ring.Field) {
	for name, value := range c.Pairs() {
		all = append(all, ring.Field{Name: "Cookie", Value: name + "=" + value})
	}
	return all
}

// String returns the pairs, a line for each. It is for the failures of tests. Values of 32 bytes and more are shown as
// a fingerprint.
func (c Cookies) String() string { return ring.Header{}.AddAll(c.fields()...).String() }

// Format writes the names, whatever the verb is.
func (c Cookies) Format(s fmt.State, _ rune) {
	var names []string
	for name := range c.Pairs() {
		names = append(names, name)
	}
	_, _ = io.WriteString(s, "Cookies{"+strings.Join(names, ", ")+"}")
}
