package memory

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"
	"sync"

	"github.com/signet-go/signet/stores"
)

// owners is a part of the index by owner: the newest session of each, which leads to the older ones. It changes while the
// shard of the record is locked, so that record and index never disagree.
type owners struct {
	mu     sync.Mutex
	newest map[string]*stored
}

func (t *Table) part(owner string) *owners {
	return &t.owners[maphash.String(t.seed, owner)%shardCount]
}

// own makes st the owner's. The name is copied, as it may be a part of something larger, and shared by all of the owner's.
func (t *Table) own(st *stored, owner string) {
	if owner == "" {
		return
	}
	o := t.part(owner)
	o.mu.Lock()
	defer o.mu.Unlock()
	if next := o.newest[owner]; next != nil {
		st.owned = &owned{owner: next.owned.owner, older: next}
		next.owned.newer = st
	} else {
		st.owned = &owned{owner: strings.Clone(owner)}
	}
	o.newest[st.owned.owner] = st
}

// disown makes st anonymous.
func (t *Table) disown(st *stored) {
	x := st.owned
	if x == nil {
		return
	}
	o := t.part(x.owner)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case x.newer != nil:
		x.newer.owned.older = x.older
	case x.older != nil:
		o.newest[x.owner] = x.older
	default:
		delete(o.newest, x.owner)
	}
	if x.older != nil {
		x.older.owned.newer = x.newer
	}
	st.owned = nil
}

// List implements stores.Lister. The newest come first.
func (t *Table) List(ctx context.Context, owner string) ([]stores.Row, error) {
	handles := t.handles(owner)
	rows := make([]stores.Row, 0, len(handles))
	for _, h := range handles {
		switch row, err := t.Load(ctx, h); {
		case err == nil && row.Owner == owner:
			rows = append(rows, row)
		case err != nil && !errors.Is(err, stores.ErrNotFound):
			return nil, err
		}
	}
	return rows, ctx.Err()
}

func (t *Table) handles(owner string) []stores.Handle {
	o := t.part(owner)
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []stores.Handle
	for st := o.newest[owner]; st != nil; st = st.owned.older {
		all = append(all, st.handle)
	}
	return all
}
