package session

import (
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

func init() { onAmend = (*slotKeys).amended }

// amended returns the request with the session that it will have once the changes of resp are committed, for reading.
// What the changes of parallel requests add is not in it. If the changes can't be applied, the request is returned as
// it is, and the commit fails.
func (k *slotKeys) amended(req ring.Request, resp ring.Response) ring.Request {
	a, cs := k.arrival(req.Values), k.changes.Ref(resp.Values)
	if a == nil || cs == nil || cs.intent.discard {
		return req
	}
	var p plan
	p.resolve(k, a, &resp, cs, a.rec)
	if p.err != nil || p.resp.Err != nil {
		return req
	}
	rec, state := *a.rec, a.state
	switch {
	case p.intent.login:
		if state != Live || p.intent.delete {
			rec = stores.Record{Created: a.now}
		}
		rec.Owner, rec.Authenticated, state = p.intent.owner, a.now, Live
	case p.intent.delete:
		rec, state = stores.Record{}, None
	}
	rec.Data = stores.Data(p.data)
	if state == Live {
		rec.Expires = a.m.opts.expiry(&rec, a.now)
	}
	var view *arrival
	req.Values, view = k.plain.New(k.stored.Drop(req.Values))
	view.m, view.origin, view.now, view.state, view.owned = a.m, origin{a.request, &rec}, a.now, state, rec.Owner != ""
	return req
}
