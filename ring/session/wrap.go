package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
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
}

func newWrapper(store Store, o Options) *wrapper {
	if store == nil {
		panic("session: Wrap without a store")
	}
	w := &wrapper{store: store, opts: o.normal(), slot: o.Slot.it()}
	var err error
	if w.jar, err = newJar(w.opts.Cookie); err != nil {
		panic(err.Error())
	}
	return w
}

// incoming is the session as a request brought it.
type incoming struct {
	w       *wrapper
	request uint64 // stands for the request: a Session that was derived from it knows it again
	state   State
	token   Token
	rec     *Record // never nil
	now     time.Time
	owned   bool // token came in the owner's cookie
	endable bool // see facts
	commit  *deadline
}

// requests numbers the incoming sessions of the process.
var requests atomic.Uint64

// loaded is an incoming of a request that has a cookie, with room for all that takes, in one allocation.
type loaded struct {
	incoming
	record   Record
	deadline deadline // of loading, then of the commit
}

var noRecord Record

var errTwice = errors.New("session: two layers of session.Wrap for one session or with one cookie name around a handler")

func (w *wrapper) serve(next ring.Handler, req ring.Request) ring.Response {
	if w.collides(req) {
		return ring.Fail(errTwice)
	}
	in := incoming{w: w, request: requests.Add(1), rec: &noRecord, now: w.opts.Now()}
	inner := req
	if _, any := req.Header.Lookup("Cookie"); !any {
		inner.Values = w.slot.in.Put(req.Values, in)
		return w.finish(req, w.slot.in.Ref(inner.Values), next(inner))
	}
	inner.Values = w.slot.loaded.Put(req.Values, loaded{incoming: in})
	l := w.slot.loaded.Ref(inner.Values)
	if err := w.load(req, l); err != nil {
		w.tell(req.Context(), Event{Kind: Failed, Err: err})
		return w.opts.OnFailure(req, fmt.Errorf("session: load: %w", err))
	}
	return w.finish(req, &l.incoming, next(inner))
}

func (w *wrapper) collides(req ring.Request) bool {
	if w.slot.incoming(req.Values) != nil {
		return true
	}
	if !anyNamed.Load() {
		return false
	}
	clash := func(s *slot) bool {
		other := s.incoming(req.Values)
		return other != nil && other.w.jar.shares(&w.jar)
	}
	found := clash(ordinary)
	named.Range(func(_, s any) bool {
		found = found || clash(s.(*slot))
		return !found
	})
	return found
}

// maxTried bounds how many well-formed cookies of one name are looked up: a sibling site can set any number.
const maxTried = 3

// load finds the session of a request: in the owner's cookie, else in the anonymous one.
func (w *wrapper) load(req ring.Request, l *loaded) error {
	l.commit = &l.deadline
	l.deadline.start(req.Context(), w.until(l.now), false)
	defer l.deadline.end()
	for _, owned := range [2]bool{true, false} {
		tried := 0
		for value := range cookies.Raw(req.Header, w.jar.name(owned)) {
			if tried == maxTried {
				break
			}
			state, err := w.try(l, Token{value}, owned)
			if err != nil {
				return err
			}
			if state == Live {
				return nil
			}
			if state != Malformed {
				tried++
			}
		}
	}
	return nil
}

func which(owned bool) int {
	if owned {
		return 1
	}
	return 0
}

// try looks one token up.
func (w *wrapper) try(l *loaded, t Token, owned bool) (State, error) {
	in := &l.incoming
	rec, err := w.store.Load(&l.deadline, t, in.now)
	state, failure := w.judge(rec, err, owned, in.now)
	if failure != nil {
		return state, failure
	}
	if state == Live {
		l.record = rec
		in.state, in.token, in.rec, in.owned = Live, t, &l.record, owned
		return Live, nil
	}
	w.tell(l.deadline.parent, Event{Kind: Refused, Handle: rec.Handle, State: state})
	if in.state == None || state > in.state {
		in.state, in.token, in.owned = state, t, owned
		in.endable = state == Stale && rec.Handle != Handle{}
	}
	return state, nil
}

// judge turns what the store says into a state, or into the failure that it is.
func (w *wrapper) judge(rec Record, err error, owned bool, now time.Time) (State, error) {
	switch {
	case err == nil:
		switch {
		case (rec.Owner != "") != owned: // in the wrong one of the two cookies
			return Unknown, nil
		case w.opts.isOver(rec, now):
			return Expired, nil
		}
		return Live, nil
	case errors.Is(err, ErrMalformed):
		return Malformed, nil
	case errors.Is(err, ErrNotFound):
		return Unknown, nil
	case errors.Is(err, ErrExpired):
		return Expired, nil
	case errors.Is(err, ErrStale):
		return Stale, nil
	case errors.Is(err, ErrNewerFormat):
		return None, err
	case errors.Is(err, ErrUndecodable):
		return Undecodable, nil
	}
	return None, err
}

// finish commits what the response says and gives the response that goes out.
func (w *wrapper) finish(req ring.Request, in *incoming, resp ring.Response) ring.Response {
	out := w.slot.out.Ref(resp.Values)
	if resp.IsPlaceholder() && (out == nil || !out.hasAttempt()) {
		return w.later(req, in, resp) // another session's attempt: whether it fails is not known yet
	}
	if out == nil {
		if resp.Failure(req) != nil {
			return in.private(resp)
		}
		w.touchIfDue(req, in)
		return in.private(resp)
	}
	resp.Values = w.slot.out.Drop(resp.Values)
	c := commit{w: w, req: req, in: in, out: *out, resp: resp}
	return c.run()
}

// later is finish for when the response is known. The other session may run its attempt again after a conflict; what this one
// has committed by then is not committed twice, only its header fields are added again.
//
//go:noinline
func (w *wrapper) later(req ring.Request, in *incoming, resp ring.Response) ring.Response {
	var added []ring.Field
	committed := false
	return resp.Then(func(resp ring.Response) ring.Response {
		known := resp
		known.Values = w.slot.out.Drop(resp.Values)
		if known.Failure(req) != nil {
			return known
		}
		if committed {
			resp = known
			resp.Header = resp.Header.AddAll(added...)
			return resp
		}
		committed = true
		before := resp.Header
		resp = w.finish(req, in, resp)
		for name, value := range resp.Header.Fields() {
			if !slices.Contains(slices.Collect(before.All(name)), value) {
				added = append(added, ring.Field{Name: name, Value: value})
			}
		}
		return resp
	})
}

// known gives the response of a plan with what it makes of the session as a change: for where the response is a placeholder
// still, so that nothing can be committed yet.
func (w *wrapper) known(p *plan, in *incoming) ring.Response {
	mine := p.data
	o := op{kind: opSet, s: Session{data: mine, from: in}}
	if p.asks.end || p.asks.login && in.rec.Owner != "" && in.rec.Owner != p.asks.owner {
		o = op{kind: opUpdate, update: func(s Session) Session { // it was made of the empty session
			merged, err := merge(Data{}, mine, s.data)
			if err != nil && s.err == nil {
				s.err = err
			}
			s.data = merged
			return s
		}}
	}
	resp := p.resp
	resp.Values = w.slot.out.Put(resp.Values, outgoing{first: o, asks: p.asks})
	return resp
}

// private keeps what was made for one visitor out of shared caches, unless the handler has said otherwise.
func (in *incoming) private(resp ring.Response) ring.Response {
	if resp.Status == 0 && resp.Err == nil && !resp.IsPlaceholder() {
		return resp // the zero Response stays one
	}
	if _, cookie := resp.Header.Lookup("Set-Cookie"); cookie {
		if _, own := resp.Header.Lookup("Cache-Control"); !own {
			resp.Header = resp.Header.Add("Cache-Control", "no-store")
		}
	}
	if in.state != Live {
		return resp
	}
	var more [2]ring.Field
	n := 0
	if _, own := resp.Header.Lookup("Cache-Control"); !own {
		more[n] = ring.Field{Name: "Cache-Control", Value: "private"}
		n++
	}
	if !variesByCookie(resp.Header) {
		more[n] = ring.Field{Name: "Vary", Value: "Cookie"}
		n++
	}
	if n > 0 {
		resp.Header = resp.Header.AddAll(more[:n]...)
	}
	return resp
}

func variesByCookie(h ring.Header) bool {
	for line := range h.All("Vary") {
		for rest, more := line, true; more; {
			var name string
			name, rest, more = strings.Cut(rest, ",")
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Cookie") {
				return true
			}
		}
	}
	return false
}

// touchIfDue moves the expiry of a session that was only read. It never makes a response fail.
func (w *wrapper) touchIfDue(req ring.Request, in *incoming) {
	if in.state != Live || !w.touchDue(in.rec, in.now) {
		return
	}
	ctx, now := in.commitContext(req)
	defer ctx.end()
	w.touch(ctx, in, now)
}

func (w *wrapper) touchDue(rec *Record, now time.Time) bool {
	every := w.opts.TouchEvery
	if rec.Idle > 0 { // a limit of its own may be shorter than the interval
		every = min(every, max(rec.Idle/30, time.Second))
	}
	return every > 0 && !rec.IsEmpty() && now.Sub(rec.Seen) >= every
}

func (w *wrapper) touch(ctx *deadline, in *incoming, now time.Time) {
	if w.opts.isOver(*in.rec, now) {
		return
	}
	rec := *in.rec
	rec.Seen, rec.Expires = now, w.opts.expiry(rec, now)
	if !rec.Expires.After(in.rec.Expires) {
		return
	}
	e := Event{Kind: Touched, Handle: rec.Handle, Owner: rec.Owner, State: Live}
	if err := w.store.Touch(ctx, in.token, rec); err != nil {
		e.Kind, e.Err = TouchFailed, err
	}
	w.tell(ctx.parent, e)
}

// commitContext bounds the commit, and returns the time that it is made as of. The client's leaving doesn't end it: who
// logs out and closes the window is logged out.
func (in *incoming) commitContext(req ring.Request) (*deadline, time.Time) {
	d := in.commit
	if d == nil || d.used() {
		d = &deadline{}
	}
	now := in.w.opts.Now()
	d.start(req.Context(), in.w.until(now), true)
	return d, now
}

// until returns when something that begins now has to be done. A store's deadline goes by the real clock.
func (w *wrapper) until(now time.Time) time.Time {
	if w.opts.ownClock {
		now = time.Now()
	}
	return now.Add(w.opts.Deadline)
}

func hasCookie(h ring.Header, name string) bool {
	for c := range h.All("Set-Cookie") {
		if has, _, _ := strings.Cut(c, "="); strings.TrimSpace(has) == name {
			return true
		}
	}
	return false
}
