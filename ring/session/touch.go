package session

import (
	"time"

	"github.com/signet-go/signet/ring"
)

// touchIfDue moves the expiry of a session that was only read. It never makes a response fail.
func (w *wrapper) touchIfDue(req ring.Request, in *incoming) {
	if in.state != Live || !w.touchDue(in.rec, in.now) {
		return
	}
	ctx, now := in.commitContext(req.Context())
	defer ctx.End()
	w.touch(ctx, req, in, now)
}

func (w *wrapper) touchDue(rec *Record, now time.Time) bool {
	every := w.opts.TouchEvery
	if rec.Idle > 0 { // a limit of its own may be shorter than the interval
		every = min(every, max(rec.Idle/30, time.Second))
	}
	return every > 0 && !rec.IsEmpty() && now.Sub(rec.Seen) >= every
}

func (w *wrapper) touch(ctx *deadline, req ring.Request, in *incoming, now time.Time) {
	if w.opts.isOver(in.rec, now) {
		return
	}
	rec := *in.rec
	rec.Seen, rec.Expires = now, w.opts.expiry(&rec, now)
	if rec.Expires.Before(in.rec.Expires) {
		// The record was written under longer limits. Those of today count from Seen, which moves with a later expiry only.
		rec.Expires = in.rec.Expires.Add(time.Microsecond)
	}
	if !rec.Expires.After(in.rec.Expires) {
		return
	}
	e := Event{Kind: Touched, Handle: rec.Handle, Owner: rec.Owner, State: Live}
	if err := w.store.Touch(ctx, in.token(), rec); err != nil {
		e.Kind, e.Err = TouchFailed, err
	}
	w.tell(req.Context(), e)
}
