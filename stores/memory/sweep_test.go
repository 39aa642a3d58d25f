package memory

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// crowded fills one shard with records that expire in one minute.
func crowded(t *testing.T, n int) (*Table, *shard, time.Time) {
	table := NewTable()
	rec := record("ann")
	for range n {
		h := handle()
		h[0] = 7
		if err := table.Save(ctx, h, 0, rec); err != nil {
			t.Fatal(err)
		}
	}
	return table, &table.shards[7], rec.Expires
}

func TestASweepHoldsALockForAFewRecords(t *testing.T) {
	const n = 10*step + 3
	table, s, expires := crowded(t, n)
	steps, total := 0, 0
	for more := true; more; steps++ {
		var removed int
		removed, more = table.sweepStep(s, minute(nanos(expires)), minute(nanos(expires)))
		if removed > step {
			t.Errorf("%d records in one step; want at most %d", removed, step)
		}
		total += removed
		table.check(t)
	}
	if total != n || steps != n/step+1 {
		t.Errorf("%d records in %d steps; want %d in %d", total, steps, n, n/step+1)
	}
}

func TestWhatLivesOnIsNotedAgain(t *testing.T) {
	table, s, expires := crowded(t, 3*step)
	later := expires.Add(10 * time.Minute)
	for h, st := range s.records {
		if st.place%2 == 0 {
			_ = table.Touch(ctx, h, 1, expires, later)
		}
	}
	if len(s.due) != 1 {
		t.Errorf("%d minutes are noted; want a touch to move nothing", len(s.due))
	}
	if n, err := table.Sweep(ctx, expires.Add(3*time.Minute)); n != 3*step/2 || err != nil {
		t.Errorf("swept %d, %v; want half", n, err)
	}
	table.check(t)
	if n := len(s.due[minute(nanos(later))]); n != 3*step/2 {
		t.Errorf("%d are noted for later; want half", n)
	}
	if n, _ := table.Sweep(ctx, later.Add(3*time.Minute)); n != 3*step/2 || table.Len() != 0 {
		t.Errorf("swept %d, %d are left", n, table.Len())
	}
}

func TestWhatFadesIsLookedAtEarlier(t *testing.T) {
	table := NewTable()
	rec := record("")
	h := add(t, table, rec)
	faded := rec
	faded.Version, faded.Data, faded.Expires = 2, stores.Data{}, rec.Created.Add(time.Minute)
	if err := table.Save(ctx, h, 1, faded); err != nil {
		t.Fatal(err)
	}
	table.check(t)
	if n, _ := table.Sweep(ctx, rec.Created.Add(4*time.Minute)); n != 1 {
		t.Errorf("swept %d; want the one that faded", n)
	}
}

func TestASweepStopsWhenItsContextEnds(t *testing.T) {
	table, _, expires := crowded(t, 10)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := table.Sweep(ended, expires.Add(time.Hour)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("swept %d, %v", n, err)
	}
}

func TestASweepLeavesNoEmptyMinutes(t *testing.T) {
	table, s, expires := crowded(t, 10)
	_, _ = table.Sweep(ctx, expires.Add(time.Hour))
	if len(s.due) != 0 {
		t.Errorf("%d minutes are kept", len(s.due))
	}
}

func TestWhatWasNotedAgainAndHasExpiredGoesInTheSameSweep(t *testing.T) {
	table, s, expires := crowded(t, 5)
	for h := range s.records {
		_ = table.Touch(ctx, h, 1, expires, expires.Add(10*time.Minute))
	}
	if n, _ := table.Sweep(ctx, expires.Add(time.Hour)); n != 5 {
		t.Errorf("swept %d; want all 5", n)
	}
}
