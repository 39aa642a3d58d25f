package sqltest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// stopping is a Writer that stops before the second step of a sweep, until it is let go on.
type stopping struct {
	next          sqlstore.Writer
	steps         atomic.Int64
	stopped, goOn chan struct{}
}

func (w *stopping) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if _, sweeps := args[0].(int64); sweeps && strings.HasPrefix(statement, "DELETE") && w.steps.Add(1) == 2 {
		close(w.stopped)
		<-w.goOn
	}
	return w.next.Exec(ctx, statement, args...)
}

// sweepLetsOthersIn stops a sweep between two of its steps: what others read and write there waits for nothing.
func sweepLetsOthersIn(t *testing.T, e Engine) {
	const rows = 2 * sqlstore.SweepRows
	place, w := e.Place(t), &stopping{stopped: make(chan struct{}), goOn: make(chan struct{})}
	table := e.Writer(t, place, func(next sqlstore.Writer) sqlstore.Writer {
		w.next = next
		return w
	})
	now := time.Now()
	e.Fill(t, e.beside(t, place), rows, now.Add(-time.Hour).UnixMicro())
	type result struct {
		rows int
		err  error
	}
	swept := make(chan result, 1)
	go func() {
		n, err := table.(stores.Sweeper).Sweep(ctx, now)
		swept <- result{n, err}
	}()
	select {
	case <-w.stopped:
	case r := <-swept:
		t.Fatalf("%d rows, %v, in a single step", r.rows, r.err)
	}
	others := e.Opened(t, place, sqlstore.Layout{})
	h := Handle()
	for what, call := range map[string]func() error{
		"a write": func() error { return others.Save(ctx, h, 0, Record(1, "").Row()) },
		"a read": func() error {
			_, err := others.List(ctx, owner)
			return err
		},
	} {
		if err := promptly(t, call); err != nil {
			t.Errorf("%s between two steps: %v", what, err)
		}
	}
	close(w.goOn)
	if r := <-swept; r.rows != rows || r.err != nil {
		t.Errorf("swept %d, %v; want %d", r.rows, r.err, rows)
	}
	if _, err := others.Load(ctx, h); err != nil {
		t.Errorf("what was written between two steps: %v", err)
	}
}

// sweepWhileServing sweeps a million rows while others read and write. How often they get their turn is the scheduler's business.
func sweepWhileServing(t *testing.T, e Engine) {
	rows := 1_000_000
	if testing.Short() || race.Enabled {
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
			if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
				t.Errorf("insert: %v", err)
			}
			for over.Err() == nil {
				seen := rec.Version
				rec.Version++
				if err := table.Save(ctx, h, seen, rec.Row()); err != nil {
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
	t.Logf("%d reads and %d writes beside a sweep of %d steps", reads.Load(), writes.Load(), rows/sqlstore.SweepRows)
	for _, h := range []stores.Handle{early, live} {
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
