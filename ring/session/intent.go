package session

import (
	"time"

	"github.com/signet-go/signet/internal/inline"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// changes are what a response says about the session: what is to become of its values, in order, and the rest. They are
// attached to the response, where nobody shares them, so they are copied when one is added.
type changes struct {
	ops    inline.List[op] // mostly one
	intent intent
}

// An op is one change of the values.
type op struct {
	kind    opKind
	s       Session                                // for opSet
	update  updater                                // for opUpdate
	attempt func(Session) (Session, ring.Response) // for opAttempt
}

type opKind int8

const (
	opSet     opKind = iota // a session that a handler derived
	opUpdate                // what is done to the newest session
	opAttempt               // a function that also returns the response
)

// An updater is what an [Update] does.
type updater interface {
	apply(s Session) Session
	says() saying // what it does; two that do the same say the same
}

// A saying is a line about a key. Lines about different keys may be in any order; one without a key keeps its place.
type saying struct{ key, line string }

// An intent is what a response says beside values. The order in which it was said doesn't matter.
type intent struct {
	delete, renew, discard bool
	login                  bool
	owner                  string
	lifetime               bool
	limits                 lifetime
}

// noLimit is a duration that stands for none.
const noLimit = -1

// A lifetime has 0 for the limits of Options.
type lifetime struct {
	idle, absolute time.Duration
	persistent     bool
}

// otherLimits reports whether Lifetime asks for other limits than a record has.
func (i *intent) otherLimits(r *stores.Record) bool {
	return i.lifetime && i.limits != lifetime{r.Idle, r.Absolute, r.Persistent}
}

// startsAfresh reports whether nothing of the values of r may be in what is stored: its session is deleted, or was
// another owner's.
func (i *intent) startsAfresh(r *stores.Record) bool {
	return i.delete || i.login && r.Owner != "" && r.Owner != i.owner
}

// also adds what the response of an attempt says. What was said around it counts first.
func (i intent) also(inner intent) intent {
	i.delete, i.renew, i.discard = i.delete || inner.delete, i.renew || inner.renew, i.discard || inner.discard
	if inner.login && !i.login {
		i.login, i.owner = true, inner.owner
	}
	if inner.lifetime && !i.lifetime {
		i.lifetime, i.limits = true, inner.limits
	}
	return i
}

// and returns cs with one more change.
func (cs changes) and(next op) changes {
	cs.ops = cs.ops.With(next)
	return cs
}

func (cs *changes) hasAttempt() bool {
	for i := range cs.ops.Len() {
		if cs.ops.At(i).kind == opAttempt {
			return true
		}
	}
	return false
}

// joined returns the changes of a response, then those that layers around have made to its placeholder.
func joined(inner, outer changes) changes {
	inner.intent = outer.intent.also(inner.intent)
	for i := range outer.ops.Len() {
		inner = inner.and(*outer.ops.At(i))
	}
	return inner
}
