package session

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// Wrap gives the handlers inside a session: it loads what the request's cookie stands for, and when the response comes
// back it compares. Only a difference is written; see the package comment for what each change means. Nothing of the
// response leaves before the store has committed. A failed response changes nothing.
//
// It panics if store is nil or the options are wrong. One Wrap serves any number of requests at once.
func Wrap(store Store, o Options) ring.Middleware {
	m := newMiddleware(store, o)
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return m.serve(next, req) }
	}
}

type middleware struct {
	store   Store
	opts    Options
	slot    *slotKeys
	cookies sessionCookies

	hinted atomic.Bool // that a browser drops the cookie

	privateHeaders privateHeaders
}

func newMiddleware(store Store, o Options) *middleware {
	if store == nil {
		panic("session: Wrap without a store")
	}
	if _, sealed := stores.As[stores.Sealer](store); sealed {
		o.Idle, o.TouchEvery = cmp.Or(o.Idle, -1), -1
	}
	m := &middleware{store: store, opts: o.withDefaults(), slot: o.Slot.keys()}
	var err error
	if m.cookies, err = newSessionCookies(m.opts.Cookie); err != nil {
		panic(err.Error())
	}
	return m
}

var errTwice = errors.New("session: two layers of session.Wrap for one session or with one cookie name around a handler")

func (m *middleware) serve(next ring.Handler, req ring.Request) ring.Response {
	if m.collides(req) {
		return ring.Fail(errTwice)
	}
	inner := req
	brought := m.cookies.named(req.Header)
	if brought == [2]bool{} {
		var a *arrival
		inner.Values, a = m.slot.plain.New(req.Values)
		m.begin(a)
		return m.finish(req, a, next(inner))
	}
	var l *arrivalWithRecord
	inner.Values, l = m.slot.stored.New(req.Values)
	m.begin(&l.arrival)
	if err := m.load(req, l, brought); err != nil {
		return m.notLoaded(req, err)
	}
	return m.finish(req, &l.arrival, next(inner))
}

// begin makes a zero arrival that of a new request.
func (m *middleware) begin(a *arrival) {
	a.m, a.request, a.rec, a.now = m, requests.Add(1), &noRecord, m.opts.Now()
}

// collides reports whether the Wrap of another session around this one has the same cookie. It tells the others that this one is
// inside of them.
func (m *middleware) collides(req ring.Request) bool {
	if m.slot.arrival(req.Values) != nil {
		return true
	}
	if !anyNamed.Load() {
		return false
	}
	for s := range slots() {
		if other := s.arrival(req.Values); other != nil {
			if other.m.cookies.shares(&m.cookies) {
				return true
			}
			other.inside.Store(m.slot)
		}
	}
	return false
}

// finish commits what the response says and gives the response that goes out.
func (m *middleware) finish(req ring.Request, a *arrival, resp ring.Response) ring.Response {
	cs := m.slot.changes.Ref(resp.Values)
	if cs == nil {
		if resp.IsPlaceholder() {
			return failInstead(resp, m.slot.unsettled(resp))
		}
		if failure := resp.Failure(req); failure != nil {
			return a.failing(resp, failure)
		}
		m.touchIfDue(req, a)
		return a.keepPrivate(resp)
	}
	resp.Values = m.slot.changes.Drop(resp.Values)
	c := commit{m: m, req: req, arrival: a, changes: cs, resp: resp}
	return c.run()
}

// commitContext bounds the commit, and returns the time that it is made as of. The client's leaving doesn't end it: who
// logs out and closes the window is logged out.
func (a *arrival) commitContext(parent context.Context) (*deadline.Context, time.Time) {
	d := a.commit
	if a.commit = nil; d == nil {
		d = &deadline.Context{}
	}
	now := a.m.opts.Now()
	d.StartDetached(parent, a.m.until(now))
	return d, now
}

// until returns when something that begins now has to be done. A store's deadline goes by the real clock.
func (m *middleware) until(now time.Time) time.Time {
	if m.opts.customClock {
		now = time.Now()
	}
	return now.Add(m.opts.Deadline)
}
