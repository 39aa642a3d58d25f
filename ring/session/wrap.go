package session

import (
	"cmp"
	"errors"

	"github.com/signet-go/signet/ring"
)

// Wrap gives the handlers inside a session: it loads what the request's cookie stands for, and compares it with what
// the response says. Only a difference is written; see the package comment for what each change means. Nothing of the
// response leaves before the store has committed. A failed response changes nothing.
//
// It panics if store is nil or the options are wrong. One Wrap serves any number of requests at once.
func Wrap(store Store, o Options) ring.Middleware {
	m := newMiddleware(store, o)
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return m.serve(next, req) }
	}
}

var errTwice = errors.New("session: two layers of session.Wrap for one session or with one cookie name around a handler")

// serve is one request: load the session, call the handler, commit what it says. A request without a cookie takes a
// shorter way, which has no room for a record.
func (m *middleware) serve(next ring.Handler, req ring.Request) ring.Response {
	if m.collides(req) {
		return ring.Fail(errTwice)
	}
	// req stays as it is outside of this layer: which values its response may carry depends on that.
	inner := req
	present := m.cookies.named(req.Header)
	if present == (cookiePair[bool]{}) && !m.moving.mayBring(&req) {
		var a *arrival
		inner.Values, a = m.slot.plain.New(req.Values)
		m.begin(a)
		return m.finish(req, a, next(inner))
	}
	var l *arrivalWithRecord
	inner.Values, l = m.slot.stored.New(req.Values)
	m.begin(&l.arrival)
	if err := m.load(req, l, present); err != nil {
		return m.notLoaded(req, err)
	}
	return m.finish(req, &l.arrival, next(inner))
}

// collides reports whether the Wrap of another session around this one has the same cookie. It tells the others that
// this one is inside of them, as they must not be attempted then; see sidebyside.go.
func (m *middleware) collides(req ring.Request) bool {
	if m.slot.arrival(req.Values) != nil {
		return true
	}
	if !anyNamed.Load() {
		return false
	}
	for s := range slots {
		if other := s.arrival(req.Values); other != nil {
			if other.m.cookies.shares(&m.cookies) {
				return true
			}
			cmp.Or(other.viewOf, other).inside.Store(m.slot)
		}
	}
	return false
}

// finish commits what the response says and returns the response that goes out.
func (m *middleware) finish(req ring.Request, a *arrival, resp ring.Response) ring.Response {
	cs := m.slot.changes.Ref(resp.Values)
	if cs == nil { // it says nothing about the session, as most pages do: no plan, no decision
		if resp.IsPlaceholder() {
			return resp.FailWith(m.slot.unsettled(resp))
		}
		if failure := resp.Failure(req); failure != nil {
			return m.failing(a, resp, failure)
		}
		resp = m.settleMoved(req, a, resp, true)
		m.touchIfDue(req, a)
		return m.keepPrivate(a, resp)
	}
	resp.Values = m.slot.changes.Drop(resp.Values) // claimed
	c := commit{m: m, req: req, arrival: a, changes: cs, resp: resp}
	return c.run()
}
