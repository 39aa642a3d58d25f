package session

import (
	"slices"

	"github.com/signet-go/signet/ring"
)

// Where several sessions stand side by side, the answer of one may be the attempt of another one further out, and not known
// yet when this one should commit.

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
