package sqltest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/sqlstore"
)

// sweepWhileServing sweeps a million rows. Between any two of its steps others must get their turn, so there are at least a
// tenth as many reads and writes meanwhile as there are steps.
func sweepWhileServing(t *testing.T, e Engine) {
	rows := 1_000_000
	if testing.Short() || Raced {
		rows = 100_000
	}
	table, _, db := e.fresh(t)
	now := time.Now()
	e.Fill(t, db, rows, now.Add(-time.Hour).UnixMicro())
	justNow := Record(1, "")
	justNow.Expires = now.Add(-30 * time.Second)
	early, live := insert(t, table, justNow), insert(t, table, Record(1, ""))

	over, stop := context.WithCancel(ctx)
	var serving sync.WaitGroup
	var reads, writes atomic.Int64
	for range 4 {
		serving.Go(func() {
			h := Handle()
			rec := Record(1, owner)
			if err := table.Save(ctx, h, 0, rec); err != nil {
				t.Errorf("insert: %v", err)
			}
			for over.Err() == nil {
				seen := rec.Version
				rec.Version++
				if err := table.Save(ctx, h, seen, rec); err != nil {
					t.Errorf("save: %v", err)
					return
				}
				writes.Add(1)
				if got, err := table.Load(ctx, h); err != nil || got.Version != rec.Version {
					t.Errorf("load: version %d, %v; want %d", got.Version, err, rec.Version)
					return
				}
				reads.Add(1)
			}
		})
	}
	n, err := table.Sweep(ctx, now)
	stop()
	serving.Wait()
	if n != rows || err != nil {
		t.Errorf("swept %d, %v; want %d", n, err, rows)
	}
	steps := int64(rows / sqlstore.SweepRows)
	if reads.Load() == 0 || writes.Load() == 0 { // how many there are is the scheduler's business
		t.Errorf("%d reads and %d writes beside a sweep of %d steps", reads.Load(), writes.Load(), steps)
	}
	t.Logf("%d reads and %d writes beside a sweep of %d steps", reads.Load(), writes.Load(), steps)
	for _, h := range []session.Handle{early, live} {
		if _, err := table.Load(ctx, h); err != nil {
			t.Errorf("what may stay is gone: %v", err)
		}
	}
	if n, err := table.Sweep(ctx, now); n != 0 || err != nil {
		t.Errorf("swept %d more, %v", n, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := table.Sweep(ended, now); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a sweep that is over before it begins: %d, %v", n, err)
	}
}
