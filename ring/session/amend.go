package session

import (
	"cmp"

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
	fresh := a.state != Live || p.intent.delete || p.intent.login && a.rec.Owner != "" && a.rec.Owner != p.intent.owner
	rec := &stores.Record{}
	a.m.makeRecord(rec, a.rec, &p, fresh, a.now)
	rec.Seen = a.rec.Seen
	state := Live
	if fresh && !p.intent.login {
		state = None // nothing is stored yet, and perhaps nothing will be
		*rec = stores.Record{Data: rec.Data}
	}
	var view *arrival
	req.Values, view = k.plain.New(k.stored.Drop(req.Values))
	view.m, view.origin, view.now, view.state, view.owned = a.m, origin{a.request, rec}, a.now, state, rec.Owner != ""
	view.viewOf = cmp.Or(a.viewOf, a)
	return req
}
