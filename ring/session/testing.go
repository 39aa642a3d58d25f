package session

import (
	"net/http"
	"time"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// In gives a request that has the session s, for tests that call a handler as a function. An Information says more about
// it: Owner and State (Live unless it says otherwise), Created, Authenticated, Seen and Now; without one the session is
// anonymous and was made just now.
func In(req ring.Request, s Session, about ...Information) ring.Request {
	return Slot{}.In(req, s, about...)
}

// Out tells what a response means for the session of the request that it answers, without a store: the session that
// would be stored, and the decision. The request should come from [In]; without it, it has none. A response
// that fails because of its session gives the zero Decision, and the Err of the Session says why.
func Out(req ring.Request, resp ring.Response) (Session, Decision) { return Slot{}.Out(req, resp) }

var testMiddleware = &middleware{opts: Options{Cookie: http.Cookie{Secure: true}}.withDefaults()}

// In is the function [In] for this session.
func (sl Slot) In(req ring.Request, s Session, about ...Information) ring.Request {
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
	a.m, a.request, a.state, a.rec, a.now, a.owned = testMiddleware, requests.Add(1), info.State, rec, info.Now, info.Owner != ""
	if info.State != Live {
		a.rec = &noRecord
	}
	return req
}

// Out is the function [Out] for this session.
func (sl Slot) Out(req ring.Request, resp ring.Response) (Session, Decision) {
	key := sl.keys()
	a := key.arrival(req.Values)
	if a == nil {
		a = &arrival{m: testMiddleware, rec: &noRecord, now: time.Now()}
	}
	cs := key.changes.Ref(resp.Values)
	if cs == nil {
		cs = &changes{}
	}
	resp.Values = key.changes.Drop(resp.Values)
	c := commit{m: a.m, req: req, arrival: a, changes: cs, current: *a.rec, state: a.state}
	p := &c.plan.plan
	c.plan.resolve(key, a, &resp, cs, &c.current)
	if p.err != nil {
		return Session{err: p.err}, Decision{}
	}
	failure := p.resp.Err
	if failure == nil && p.resp.Status == 0 {
		failure = ring.ErrNoStatus
	}
	d := decide(c.facts(p, failure))
	if d.Write != WriteValue && !d.End {
		p.data = wire.Map(a.rec.Data)
	}
	return Session{data: p.data}, d
}
