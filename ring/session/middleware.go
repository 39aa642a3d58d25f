package session

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/stores"
)

// A middleware is what a call of [Wrap] has set up. All requests share it.
type middleware struct {
	store   Store
	opts    Options
	slot    *slotKeys
	cookies sessionCookies
	moving  *movingSetup // nil if there is nothing to move

	hinted         atomic.Bool // that browsers drop the cookie, as it is Secure and the site isn't
	privateHeaders privateHeaders
}

func newMiddleware(store Store, o Options) *middleware {
	if store == nil {
		panic("session: Wrap without a store")
	}
	if _, sealed := stores.As[stores.Sealer](store); sealed { // a touch would have to send the cookie again
		if o.Idle == 0 {
			o.Idle = noLimit
		}
		o.TouchEvery = noLimit
	}
	m := &middleware{store: store, opts: o.withDefaults(), slot: o.Slot.keys()}
	var err error
	if m.cookies, err = newSessionCookies(m.opts.Cookie); err != nil {
		panic(err.Error())
	}
	if m.moving, err = newMovingSetup(m.opts.Moving, m.cookies.name(false), m.cookies.name(true)); err != nil {
		panic(err.Error())
	}
	return m
}

// begin makes a zero arrival that of a new request.
func (m *middleware) begin(a *arrival) {
	a.m, a.origin, a.now = m, origin{requests.Add(1), &noRecord}, m.opts.Now()
}

// token returns what the request's cookie holds.
func (m *middleware) token(a *arrival) stores.Token {
	if a.request == outside {
		return stores.ByHandle(a.rec.Handle)
	}
	return m.cookies.token(a.value)
}

// until returns when something that begins now has to be done. A store's deadline goes by the real clock, whatever
// Options.Now says.
func (m *middleware) until(now time.Time) time.Time {
	if m.opts.customClock {
		now = time.Now()
	}
	return now.Add(m.opts.Deadline)
}

// commitContext returns the context of a commit, and the time that it is made as of. The client's leaving doesn't end
// it: a user who logs out and closes the window is logged out.
func (m *middleware) commitContext(a *arrival, parent context.Context) (*deadline.Context, time.Time) {
	d := a.commit
	if a.commit = nil; d == nil {
		d = &deadline.Context{}
	}
	now := m.opts.Now()
	d.StartDetached(parent, m.until(now))
	return d, now
}

// makeRecord makes the record that a plan turns current into: a new one if fresh is true.
func (m *middleware) makeRecord(rec, current *stores.Record, p *plan, fresh bool, now time.Time) {
	persistent := m.opts.Persistent
	*rec = *current
	if fresh {
		*rec = stores.Record{Created: now, Persistent: persistent}
	}
	rec.Data, rec.Seen = stores.Data(p.data), now
	if p.intent.login {
		rec.Owner, rec.Authenticated = p.intent.owner, now
		rec.Idle, rec.Absolute, rec.Persistent = 0, 0, persistent // not those of the log-in before
	}
	if p.intent.lifetime {
		l := p.intent.limits
		rec.Idle, rec.Absolute, rec.Persistent = l.idle, l.absolute, l.persistent
	}
	rec.Expires = m.opts.expiry(rec, now)
}

// cookieAge returns how long the cookie of a record may live from now on; 0 means as long as the browser session.
func (m *middleware) cookieAge(rec *stores.Record, now time.Time) time.Duration {
	if !rec.Persistent {
		return 0
	}
	// Not the idle limit: that moves with each page, and the cookie would have to be sent with each.
	if _, absolute := m.opts.limits(rec); absolute > 0 {
		return rec.Start().Add(absolute).Sub(now)
	}
	return maxCookieAge
}

// emit tells the program what was decided.
func (m *middleware) emit(ctx context.Context, e Event) {
	if m.opts.OnEvent != nil {
		e.Slot = m.slot.name
		m.opts.OnEvent(ctx, e)
	}
}
