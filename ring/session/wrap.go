package session

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/ring"
)

// Wrap gives the handlers inside a session: it loads what the request's cookie stands for, and when the response comes
// back it compares. Only a difference is written; see the package comment for what each change means. Nothing of the
// response leaves before the store has committed. A failed response changes nothing.
//
// It panics if store is nil or the options are wrong. One Wrap serves any number of requests at once.
func Wrap(store Store, o Options) ring.Middleware {
	w := newWrapper(store, o)
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return w.serve(next, req) }
	}
}

type wrapper struct {
	store Store
	opts  Options
	slot  *slot
	jar   jar

	hinted atomic.Bool // that a browser drops the cookie

	privates privates
}

func newWrapper(store Store, o Options) *wrapper {
	if store == nil {
		panic("session: Wrap without a store")
	}
	if _, sealed := As[Sealer](store); sealed {
		o.Idle, o.TouchEvery = either(o.Idle, -1), -1
	}
	w := &wrapper{store: store, opts: o.normal(), slot: o.Slot.it()}
	var err error
	if w.jar, err = newJar(w.opts.Cookie); err != nil {
		panic(err.Error())
	}
	return w
}

var errTwice = errors.New("session: two layers of session.Wrap for one session or with one cookie name around a handler")

func (w *wrapper) serve(next ring.Handler, req ring.Request) ring.Response {
	if w.collides(req) {
		return ring.Fail(errTwice)
	}
	inner := req
	brought := w.jar.named(req.Header)
	if brought == [2]bool{} {
		var in *incoming
		inner.Values, in = w.slot.in.New(req.Values)
		w.begin(in)
		return w.finish(req, in, next(inner))
	}
	var l *loaded
	inner.Values, l = w.slot.loaded.New(req.Values)
	w.begin(&l.incoming)
	if err := w.load(req, l, brought); err != nil {
		return w.notLoaded(req, err)
	}
	return w.finish(req, &l.incoming, next(inner))
}

// begin makes a zero incoming that of a new request.
func (w *wrapper) begin(in *incoming) {
	in.w, in.request, in.rec, in.now = w, requests.Add(1), &noRecord, w.opts.Now()
}

// collides reports whether the Wrap of another session around this one has the same cookie. It tells the others that this one is
// inside of them.
func (w *wrapper) collides(req ring.Request) bool {
	if w.slot.incoming(req.Values) != nil {
		return true
	}
	if !anyNamed.Load() {
		return false
	}
	for s := range slots() {
		if other := s.incoming(req.Values); other != nil {
			if other.w.jar.shares(&w.jar) {
				return true
			}
			other.inside.Store(w.slot)
		}
	}
	return false
}

// finish commits what the response says and gives the response that goes out.
func (w *wrapper) finish(req ring.Request, in *incoming, resp ring.Response) ring.Response {
	out := w.slot.out.Ref(resp.Values)
	if out == nil {
		if resp.IsPlaceholder() {
			return failInstead(resp, w.slot.unsettled(resp))
		}
		if failure := resp.Failure(req); failure != nil {
			return in.failing(resp, failure)
		}
		w.touchIfDue(req, in)
		return in.private(resp)
	}
	resp.Values = w.slot.out.Drop(resp.Values)
	c := commit{w: w, req: req, in: in, out: out, resp: resp}
	return c.run()
}

// commitContext bounds the commit, and returns the time that it is made as of. The client's leaving doesn't end it: who
// logs out and closes the window is logged out.
func (in *incoming) commitContext(parent context.Context) (*deadline, time.Time) {
	d := in.commit
	if in.commit = nil; d == nil {
		d = &deadline{}
	}
	now := in.w.opts.Now()
	d.StartDetached(parent, in.w.until(now))
	return d, now
}

// until returns when something that begins now has to be done. A store's deadline goes by the real clock.
func (w *wrapper) until(now time.Time) time.Time {
	if w.opts.ownClock {
		now = time.Now()
	}
	return now.Add(w.opts.Deadline)
}
