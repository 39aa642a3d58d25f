package session

import (
	"context"
	"time"

	"github.com/signet-go/signet/ring"
)

// From returns the session of a request. Without a session it is empty. If no [Wrap] is around a served request,
// the session is empty and the response fails with an error that says so; a handler that a test calls as a function
// just sees the empty session, or the one given with [WithSession].
func From(req ring.Request) Session { return Slot{}.From(req) }

// FromContext returns the session of a request from the context of its *http.Request, for handlers and middleware of
// net/http inside of [ring.Use], [ring.Adapt] or [ring.FromHTTP]. It has what this request has changed so far by
// [ring.Amend], and a session derived from it can be [Set] like any other. [Info] of [ring.FromContext] tells about it.
// If no [Wrap] is around the request, the response fails with an error that says so. The session of any other context
// is empty.
func FromContext(ctx context.Context) Session { return Slot{}.FromContext(ctx) }

// Set makes s the session from now on: what distinguishes s from the session it was derived from is applied to the
// newest one, so that what parallel requests change stays. A session derived from nothing, such as the zero Session,
// replaces all values of the session that came with the request; as with [Session.Clear], reserved keys stay. One
// derived from another request's session is a failed response.
func Set(s Session) ring.Change { return Slot{}.Set(s) }

// Update applies f to the newest session. It runs once, and again from the newer value if a parallel request was
// faster, so it should be a pure function of its argument.
func Update(f func(Session) Session) ring.Change { return Slot{}.Update(f) }

// Attempt is [Update] together with the response: what it says is what was stored. The session that f returns counts as
// one that was [Set], and changes that its response carries are applied after it.
//
// Until the session commits, the response is a placeholder without status and body. What layers between here and Wrap
// change in it (status, header fields, body) is laid over the response of f.
//
// Of several sessions side by side only the one whose [Wrap] stands innermost can be attempted; see [Slot].
func Attempt(f func(Session) (Session, ring.Response)) ring.Response { return Slot{}.Attempt(f) }

// Login makes this browser the owner's: the session gets a new token and both limits begin again, also if the owner is
// the same. The limits are those of [Options] unless the response says [Lifetime] too. An anonymous session keeps its
// values, except [Bound] ones; from another owner's session nothing is kept. A log-in never loses against a parallel
// request: if its session is gone, it makes a new one. Log out with [Delete]. An owner that is empty or has more than
// 255 bytes is a failed response.
func Login(owner string) ring.Change { return Slot{}.Login(owner) }

// Renew replaces the token of the session. The old one is dead, even if the session is or becomes empty. It restarts no
// limit. It is a [ring.Change].
func Renew(r ring.Response) ring.Response { return Slot{}.Renew(r) }

// Delete ends the session: nothing brings it back. What was Set is dropped; what an Update makes of the empty session
// (by [Key.Put], [Key.Change], [Counter.By] and the like, too) begins a new, anonymous one. If that one can't be
// stored, it is lost and an event of the kind Dropped says why: ending the session depends on nothing else. It is a
// [ring.Change].
func Delete(r ring.Response) ring.Response { return Slot{}.Delete(r) }

// Discard leaves the store and the cookie as they are, whatever else the response says. It is a [ring.Change].
func Discard(r ring.Response) ring.Response { return Slot{}.Discard(r) }

// Lifetime gives the session limits of its own, instead of those of [Options]: "remember me". A zero duration means
// that of Options, a negative one no limit. With persistent the cookie outlives the browser session, until the absolute
// limit, and idle 0 means no idle limit, so that Lifetime(0, 30*24*time.Hour, true) lasts for 30 days. An idle limit of
// over 400 days is one of 400 days, and no cookie lives longer. A change of limits comes with a new token, as the
// cookie is sent again. An absent session stays absent. The next [Login] begins from the limits of Options again.
func Lifetime(idle, absolute time.Duration, persistent bool) ring.Change {
	return Slot{}.Lifetime(idle, absolute, persistent)
}
