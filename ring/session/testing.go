package session

import (
	"net/http"
	"time"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// WithSession returns a request that has the session s, for tests that call a handler as a function. An Information
// says more about it: Owner and State (Live unless it says otherwise), Created, Authenticated, Seen and Now; without
// one the session is anonymous and was made just now.
func WithSession(req ring.Request, s Session, about ...Information) ring.Request {
	return Slot{}.WithSession(req, s, about...)
}

// Outcome returns what a response would do to the session of the request that it answers, without a store: the session
// that would be stored, and the decision. The request should come from [WithSession]; without it, it has none. A
// response that fails because of its session has the zero Decision, and the Err of the Session says why.
func Outcome(req ring.Request, resp ring.Response) (Session, Decision) {
	return Slot{}.Outcome(req, resp)
}

var testMiddleware = &middleware{opts: Options{Cookie: http.Cookie{Secure: true}}.withDefaults()}

// WithSession is the function [WithSession] for this session.
func (sl Slot) WithSession(req ring.Request, s Session, about ...Information) ring.Request {
	info := Information{State: Live}
	if len(about) > 0 {
		info = about[0]
		if info.State == None {
			info.State = Live
		}
	}
	if info.Now.IsZero() {
		info.Now = time.Now()
	}
	for _, t := range []*time.Time{&info.Created, &info.Seen} {
		if t.IsZero() {
			*t = info.Now
		}
	}
	rec := &stores.Record{
		Handle: info.Handle, Data: stores.Data(s.data), Version: 1, Owner: info.Owner,
		Created: info.Created, Authenticated: info.Authenticated, Seen: info.Seen,
	}
	rec.Expires = testMiddleware.opts.expiry(rec, info.Seen)
	var a *arrival
	req.Values, a = sl.keys().plain.New(req.Values)
	a.m, a.origin, a.state, a.now, a.owned = testMiddleware, origin{requests.Add(1), rec}, info.State, info.Now, info.Owner != ""
	if info.State != Live {
		a.rec = &noRecord
	}
	return req
}

// Outcome is the function [Outcome] for this session.
func (sl Slot) Outcome(req ring.Request, resp ring.Response) (Session, Decision) {
	keys := sl.keys()
	a := keys.arrival(req.Values)
	if a == nil {
		a = &arrival{m: testMiddleware, origin: origin{rec: &noRecord}, now: time.Now()}
	}
	cs := keys.changes.Ref(resp.Values)
	if cs == nil {
		cs = &changes{}
	}
	resp.Values = keys.changes.Drop(resp.Values)
	c := commit{m: a.m, req: req, arrival: a, changes: cs, resp: resp, current: *a.rec, state: a.state}
	c.plan.resolve(keys, a, &c.resp, cs, &c.current)
	p := &c.plan
	if p.err != nil {
		return Session{err: p.err}, Decision{}
	}
	if c.failure = p.resp.Err; c.failure == nil && p.resp.Status == 0 {
		c.failure = ring.ErrNoStatus
	}
	d := decide(c.facts())
	if d.write != writeValue && !d.delete {
		p.data = wire.Map(a.rec.Data)
	}
	return Session{data: p.data}, d
}
