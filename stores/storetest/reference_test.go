package storetest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/signet-go/signet/stores"
)

// reference is the least table there is, which keeps a body as bytes, as a database does. The broken ones are this one with
// one mistake.
type reference struct {
	mu   sync.Mutex
	rows map[stores.Handle]stores.Row
}

func newReference() *reference { return &reference{rows: map[stores.Handle]stores.Row{}} }

func (r *reference) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := ctx.Err(); err != nil {
		return stores.Row{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.get(h)
}

func (r *reference) get(h stores.Handle) (stores.Row, error) {
	row, ok := r.rows[h]
	if !ok {
		return stores.Row{}, stores.ErrNotFound
	}
	return row, nil
}

func (r *reference) put(h stores.Handle, row stores.Row) {
	row.Handle, row.Body = h, stores.BodyOf(row.Body.Bytes())
	r.rows[h] = row
}

func (r *reference) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
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
	r.put(h, row)
	return nil
}

func (r *reference) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, err := r.get(h); err == nil && row.Version == version && expires.After(row.Expires) {
		row.Seen, row.Expires = seen, expires
		r.put(h, row)
	}
	return nil
}

func (r *reference) Delete(ctx context.Context, h stores.Handle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.rows, h)
	return nil
}

func (r *reference) List(ctx context.Context, owner string) ([]stores.Row, error) {
	return r.find(ctx, func(row stores.Row) bool { return owner != "" && row.Owner == owner })
}

func (r *reference) find(ctx context.Context, ok func(stores.Row) bool) ([]stores.Row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var rows []stores.Row
	for _, row := range r.rows {
		if ok(row) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (r *reference) Sweep(ctx context.Context, now time.Time) (int, error) {
	return r.sweep(ctx, func(row stores.Row) bool { return now.Sub(row.Expires) > time.Minute })
}

func (r *reference) sweep(ctx context.Context, over func(stores.Row) bool) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for h, row := range r.rows {
		if over(row) {
			delete(r.rows, h)
			n++
		}
	}
	return n, nil
}

func (r *reference) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		r.mu.Lock()
		rows := slices.Collect(maps.Values(r.rows))
		r.mu.Unlock()
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(stores.Row{}, err)
		}
	}
}
