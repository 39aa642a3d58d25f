package memory

import (
	"context"
	"hash/maphash"
	"sync"

	"github.com/signet-go/signet/ring/session"
)

// owners is a part of the index of handles by owner. It changes while the shard of the record is locked, so that
// record and index never disagree.
type owners struct {
	mu      sync.Mutex
	handles map[string]map[session.Handle]struct{}
}

func (t *Table) owner(name string) *owners {
	return &t.owners[maphash.String(t.seed, name)%shardCount]
}

func (t *Table) own(owner string, h session.Handle) {
	if owner == "" {
		return
	}
	o := t.owner(owner)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handles[owner] == nil {
		o.handles[owner] = map[session.Handle]struct{}{}
	}
	o.handles[owner][h] = struct{}{}
}

func (t *Table) disown(owner string, h session.Handle) {
	if owner == "" {
		return
	}
	o := t.owner(owner)
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.handles[owner], h)
	if len(o.handles[owner]) == 0 {
		delete(o.handles, owner)
	}
}

// List implements session.Lister.
func (t *Table) List(ctx context.Context, owner string) ([]session.Record, error) {
	if owner == "" {
		return nil, nil
	}
	o := t.owner(owner)
	o.mu.Lock()
	handles := make([]session.Handle, 0, len(o.handles[owner]))
	for h := range o.handles[owner] {
		handles = append(handles, h)
	}
	o.mu.Unlock()
	recs := make([]session.Record, 0, len(handles))
	for _, h := range handles {
		rec, err := t.Load(ctx, h)
		switch {
		case err == nil && rec.Owner == owner:
			recs = append(recs, rec)
		case err != nil && err != session.ErrNotFound:
			return nil, err
		}
	}
	return recs, nil
}
