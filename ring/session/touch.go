package session

import (
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// touchIfDue moves the expiry of a session that was only read. It never makes a response fail.
func (m *middleware) touchIfDue(req ring.Request, a *arrival) {
	if a.state != Live || !m.touchDue(a.rec, a.now) {
		return
	}
	ctx, now := m.commitContext(a, req.Context())
	defer ctx.End()
	m.touch(ctx, req, a, now)
}

// touchDue reports whether the expiry of a session that is only read should be moved.
func (m *middleware) touchDue(rec *stores.Record, now time.Time) bool {
	every := m.opts.TouchEvery
	if rec.Idle > 0 { // a limit of its own may be shorter than the interval
		every = min(every, max(rec.Idle/30, time.Second))
	}
	return every > 0 && !rec.IsEmpty() && now.Sub(rec.Seen) >= every
}

// touch moves the expiry of the session that the request brought. If it fails, an event says so.
func (m *middleware) touch(ctx *deadline.Context, req ring.Request, a *arrival, now time.Time) {
	if m.opts.isOver(a.rec, now) {
		return
	}
	rec := *a.rec
	rec.Seen, rec.Expires = now, m.opts.expiry(&rec, now)
	if rec.Expires.Before(a.rec.Expires) {
		// The record was written under longer limits. Those of today count from Seen, which moves with a later expiry
		// only.
		rec.Expires = a.rec.Expires.Add(time.Microsecond)
	}
	if !rec.Expires.After(a.rec.Expires) {
		return
	}
	e := Event{Kind: Touched, Handle: rec.Handle, Owner: rec.Owner, State: Live}
	if err := m.store.Touch(ctx, m.token(a), rec); err != nil {
		e.Kind, e.Err = TouchFailed, err
	}
	m.emit(req.Context(), e)
}
