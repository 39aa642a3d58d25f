package memory

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/signet-go/signet/stores"
)

// Scan implements stores.Scanner. It locks each of 256 shards for as long as it takes to copy its handles. The
// order is the same each time.
func (t *Table) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		for i := range t.shards {
			for _, h := range t.shards[i].handles() {
				row, err := t.Load(ctx, h)
				if errors.Is(err, stores.ErrNotFound) {
					continue // it ended meanwhile
				}
				row.Handle = h
				if err != nil {
					row = stores.Row{}
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(stores.Row{}, err)
		}
	}
}

func (s *shard) handles() []stores.Handle {
	s.mu.RLock()
	all := slices.Collect(maps.Keys(s.records))
	s.mu.RUnlock()
	slices.SortFunc(all, func(a, b stores.Handle) int { return bytes.Compare(a[:], b[:]) })
	return all
}
