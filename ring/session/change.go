package session

import (
	"context"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// From returns the session of a request. Without a session it is empty. If no [Wrap] is around a served request,
// the session is empty and the response fails with an error that says so; a handler that a test calls as a function
// just sees the empty session, or the one given with [In].
func From(req ring.Request) Session { return Slot{}.From(req) }

// FromContext returns the session of a request from the context of its *http.Request, for handlers and middleware of net/http
// inside of [ring.Use], [ring.Adapt] or [ring.FromHTTP]. It has what this request has changed so far by [ring.Amend], and a session
// derived from it can be [Set] like any other. [Info] of [ring.FromContext] tells about it. If no [Wrap] is around the request,
// the response fails with an error that says so. The session of any other context is empty.
func FromContext(ctx context.Context) Session { return Slot{}.FromContext(ctx) }

// Set makes s the session from now on: what distinguishes s from the session it was derived from is applied to the
// newest one, so that what parallel requests change stays. A session derived from nothing, such as the zero Session,
// replaces all values of the session that came with the request; as with [Session.Clear], reserved keys stay. One derived
// from another request's session is a failed response.
func Set(s Session) ring.Change { return Slot{}.Set(s) }

// Update applies f to the newest session. It runs once, and again from the newer value if a parallel request was faster, so it should
// be a pure function of its argument.
func Update(f func(Session) Session) ring.Change { return Slot{}.Update(f) }

// Attempt is [Update] together with the response: what it says is what was stored. The session that f returns counts as one that
// was [Set], and changes that its response carries are applied after it.
//
// Until the session commits, the response is a placeholder without status and body. What layers between here and Wrap change
// in it (status, header fields, body) is laid over the response of f.
//
// Of several sessions side by side only the one whose [Wrap] stands innermost can be attempted; see [Slot].
func Attempt(f func(Session) (Session, ring.Response)) ring.Response { return Slot{}.Attempt(f) }

// Login makes this browser the owner's: the session gets a new token and both limits begin again, also if the owner is
// the same. The limits are those of [Options] unless the response says [Lifetime] too. An anonymous session keeps its values, except
// [Bound] ones; from another owner's session nothing is kept.
// A log-in never loses against a parallel request: where its session is gone, it makes a new one. Log out with
// [Delete]. An owner that is empty or has more than 255 bytes is a failed response.
func Login(owner string) ring.Change { return Slot{}.Login(owner) }

// Renew replaces the token of the session. The old one is dead, even if the session is or becomes empty. It restarts no limit. It is a
// [ring.Change].
func Renew(r ring.Response) ring.Response { return Slot{}.Renew(r) }

// Delete ends the session: nothing brings it back. What was Set is dropped; what an Update makes of the empty session (by [Key.Put],
// [Key.Change], [Counter.By] and the like, too) begins a new, anonymous one. If that one can't be stored, it is lost and an event of the kind Dropped says why: ending the session depends
// on nothing else. It is a [ring.Change].
func Delete(r ring.Response) ring.Response { return Slot{}.Delete(r) }

// Discard leaves the store and the cookie as they are, whatever else the response says. It is a [ring.Change].
func Discard(r ring.Response) ring.Response { return Slot{}.Discard(r) }

// Lifetime gives the session limits of its own, instead of those of [Options]: "remember me". A zero duration means
// that of Options, a negative one no limit. With persistent the cookie outlives the browser session, until the
// absolute limit, and idle 0 means no idle limit, so that Lifetime(0, 30*24*time.Hour, true) lasts for 30 days. An idle limit of over 400
// days is one of 400 days, and no cookie lives longer. A change of limits comes with a new token, as the cookie is sent again. An
// absent session stays absent. The next [Login] begins from the limits of Options again.
func Lifetime(idle, absolute time.Duration, persistent bool) ring.Change {
	return Slot{}.Lifetime(idle, absolute, persistent)
}

// changes are what a response says about the session.
type changes struct {
	first  op // the most frequent case, one change, needs no slice
	more   []op
	intent intent
}

type op struct {
	kind    opKind
	s       Session
	update  func(Session) Session
	attempt func(Session) (Session, ring.Response)
}

type opKind int8

const (
	opNone    opKind = iota
	opSet            // a session that a handler derived
	opUpdate         // a function
	opAttempt        // a function that also gives the response
)

// An intent is what a response says beside values. The order in which it was said doesn't matter.
type intent struct {
	delete, renew, discard bool
	login                  bool
	owner                  string
	lifetime               bool
	limits                 lifetime
}

type lifetime struct {
	idle, absolute time.Duration
	persistent     bool
}

// otherLimits reports whether Lifetime asks for other limits than a record has.
func (a *intent) otherLimits(r *stores.Record) bool {
	return a.lifetime && a.limits != lifetime{r.Idle, r.Absolute, r.Persistent}
}

// and returns cs with one more change.
func (o changes) and(next op) changes {
	if o.first.kind == opNone {
		o.first = next
		return o
	}
	o.more = append(o.more[:len(o.more):len(o.more)], next)
	return o
}

func (o *changes) hasAttempt() bool {
	for _, m := range o.more {
		if m.kind == opAttempt {
			return true
		}
	}
	return o.first.kind == opAttempt
}

// joined returns the changes of a response, then those that layers around have made to its placeholder.
func joined(inner, outer changes) changes {
	inner.intent = outer.intent.also(inner.intent)
	for _, o := range append([]op{outer.first}, outer.more...) {
		if o.kind != opNone {
			inner = inner.and(o)
		}
	}
	return inner
}

// also adds what the response of an attempt says.
func (a intent) also(b intent) intent {
	a.delete, a.renew, a.discard = a.delete || b.delete, a.renew || b.renew, a.discard || b.discard
	if b.login && !a.login {
		a.login, a.owner = true, b.owner
	}
	if b.lifetime && !a.lifetime {
		a.lifetime, a.limits = true, b.limits
	}
	return a
}
