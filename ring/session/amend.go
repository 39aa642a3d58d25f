package session

import (
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// onAmend is amended. A direct reference would make an initialization cycle, as resolving an Attempt looks at all slots.
var onAmend func(*slotKeys, ring.Request, ring.Response) ring.Request

func init() { onAmend = (*slotKeys).amended }

// amended returns the request with the session that it will have once the changes of resp are committed, for reading. What the
// changes of parallel requests add is not in it. If the changes can't be applied, the request is returned as it is, and the
// commit fails.
func (k *slotKeys) amended(req ring.Request, resp ring.Response) ring.Request {
	a, cs := k.arrival(req.Values), k.changes.Ref(resp.Values)
	if a == nil || cs == nil || cs.intent.discard {
		return req
	}
	var r resolver
	r.resolve(k, a, &resp, cs, a.rec)
	if r.err != nil || r.resp.Err != nil {
		return req
	}
	rec, state := *a.rec, a.state
	switch {
	case r.intent.login:
		if state != Live || r.intent.delete {
			rec = stores.Record{Created: a.now}
		}
		rec.Owner, rec.Authenticated, state = r.intent.owner, a.now, Live
	case r.intent.delete:
		rec, state = stores.Record{}, None
	}
	rec.Data = stores.Data(r.data)
	if state == Live {
		rec.Expires = a.m.opts.expiry(&rec, a.now)
	}
	var view *arrival
	req.Values, view = k.plain.New(k.stored.Drop(req.Values))
	view.m, view.request, view.rec, view.now, view.state, view.owned = a.m, a.request, &rec, a.now, state, rec.Owner != ""
	return req
}
