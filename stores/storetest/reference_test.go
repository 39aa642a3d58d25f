package storetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/signet-go/signet/stores"
)

// reference is the least table there is, which keeps bytes as a database does. The broken ones are this one with one
// mistake.
type reference struct {
	mu      sync.Mutex
	records map[stores.Handle][]byte
	owners  map[stores.Handle]string // what a database has in a column of its own
}

func newReference() *reference {
	return &reference{records: map[stores.Handle][]byte{}, owners: map[stores.Handle]string{}}
}

func (r *reference) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	if err := ctx.Err(); err != nil {
		return stores.Record{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.get(h)
}

func (r *reference) get(h stores.Handle) (stores.Record, error) {
	b, ok := r.records[h]
	if !ok {
		return stores.Record{}, stores.ErrNotFound
	}
	return stores.ParseRecord(b, 0)
}

func (r *reference) put(h stores.Handle, rec stores.Record) {
	rec.Handle = h
	r.records[h], r.owners[h] = rec.Bytes(), rec.Owner
}

func (r *reference) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	old, err := r.get(h)
	switch {
	case expected == 0 && err == nil, expected != 0 && err == nil && old.Version != expected:
		return stores.ErrConflict
	case expected != 0 && err != nil:
		return err
	}
	r.put(h, rec)
	return nil
}

func (r *reference) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if rec, err := r.get(h); err == nil && rec.Version == version && expires.After(rec.Expires) {
		rec.Seen, rec.Expires = seen, expires
		r.put(h, rec)
	}
	return nil
}

func (r *reference) Delete(ctx context.Context, h stores.Handle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.records, h)
	return nil
}

func (r *reference) List(ctx context.Context, owner string) ([]stores.Record, error) {
	return r.find(ctx, func(rec stores.Record) bool { return owner != "" && rec.Owner == owner })
}

func (r *reference) find(ctx context.Context, ok func(stores.Record) bool) ([]stores.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var recs []stores.Record
	for h := range r.records {
		rec, err := r.get(h)
		if err != nil {
			rec = stores.Record{Handle: h, Owner: r.owners[h]}
		}
		if ok(rec) {
			recs = append(recs, rec)
		}
	}
	return recs, nil
}

func (r *reference) Sweep(ctx context.Context, now time.Time) (int, error) {
	return r.sweep(ctx, func(rec stores.Record) bool { return now.Sub(rec.Expires) > time.Minute })
}

func (r *reference) sweep(ctx context.Context, over func(stores.Record) bool) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for h := range r.records {
		if rec, err := r.get(h); err == nil && over(rec) {
			delete(r.records, h)
			n++
		}
	}
	return n, nil
}

func (r *reference) rewrite(h stores.Handle, change func([]byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records[h] = change(slices.Clone(r.records[h]))
}
