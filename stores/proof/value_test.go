package proof

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// The keys of the site. Their names are those of the model, where a member of a tally or a set has a name of its own.
const (
	visits session.Counter         = "n"
	cart   session.Tally[string]   = "cart"
	tags   session.Members[string] = "tags"
	csrf   session.Bound[string]   = "csrf"
)

// A value is what a session holds, in the model: by name, and flat.
type value map[string]item

// An item is one entry. The zero item is none.
type item struct {
	text string
	n    int64
	msg  message
}

// A message is what the model knows of a flash message.
type message struct {
	until   time.Time
	boundTo time.Time // until when it belongs to the target
	to      target
}

type target struct {
	path string
	kind requestKind
}

func isCounter(name string) bool { return name == "n" || strings.HasPrefix(name, "cart/") }
func isMessage(name string) bool { return strings.HasPrefix(name, ".flash:") }

// with gives a value in which name has an item, or none.
func (v value) with(name string, it item) value {
	w := maps.Clone(v)
	if w == nil {
		w = value{}
	}
	if it == (item{}) {
		delete(w, name)
	} else {
		w[name] = it
	}
	return w
}

func (v value) without(drop func(string) bool) value {
	w := value{}
	for name, it := range v {
		if !drop(name) {
			w[name] = it
		}
	}
	return w
}

// merged is what the laws C1 to C3 make of a change from base to mine where theirs is what is there now.
func merged(base, mine, theirs value) value {
	out := theirs
	for _, side := range []value{base, mine} {
		for name := range side {
			b, m, t := base[name], mine[name], theirs[name]
			switch {
			case m == b:
			case isCounter(name):
				out = out.with(name, item{n: t.n + m.n - b.n})
			default:
				out = out.with(name, m)
			}
		}
	}
	return out
}

func (v value) equal(w value) bool { return maps.Equal(v, w) }

// String writes the value as [told] writes a session.
func (v value) String() string {
	var parts []string
	for name, it := range v {
		switch {
		case isMessage(name):
			parts = append(parts, name)
		case isCounter(name):
			parts = append(parts, fmt.Sprint(name, "=", it.n))
		default:
			parts = append(parts, name+"="+it.text)
		}
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, " ") + "}"
}

// told writes a session as value.String does. A message is told by when it was sent, as its id is random.
func told(s session.Session) string {
	var parts []string
	for key := range s.Keys() {
		switch key {
		case string(visits):
			parts = append(parts, fmt.Sprint(key, "=", visits.Get(s)))
		case string(cart):
			for member, n := range cart.All(s) {
				parts = append(parts, fmt.Sprint(key, "/", member, "=", n))
			}
		case string(tags):
			for member := range tags.All(s) {
				parts = append(parts, key+"/"+member+"=in")
			}
		case string(csrf):
			parts = append(parts, key+"="+csrf.Get(s))
		default:
			parts = append(parts, key+"="+session.Key[string](key).Get(s))
		}
	}
	for key := range s.KeysWith(".flash:") {
		parts = append(parts, key[:len(key)-idLen])
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, " ") + "}"
}

const idLen = 12 // of the random part of a message's key

// messageName is the key of the i-th message of a request that came at now, without its id.
func messageName(now time.Time, i int) string {
	return fmt.Sprintf(".flash:%016x%02x", now.UnixNano(), i)
}
