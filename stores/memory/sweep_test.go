package memory

import (
	"context"
	"errors"
	"math/rand/v2"
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
		if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
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
	if err := table.Save(ctx, h, 1, faded.Row()); err != nil {
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

// Four hours of visitors whose sessions live for half an hour. Every so many come again after 20 minutes.
func TestT4_ATableThatNobodySweepsHoldsAFewTimesWhatIsAlive(t *testing.T) {
	const perMinute, life, again = 256, 30, 20
	for _, every := range []int{1, 2, 10, perMinute} {
		table := NewTable()
		began := time.Now().Truncate(time.Minute)
		now := began
		most, alive := 0, perMinute*life+perMinute/every*again
		for m := range 4 * 60 {
			now = began.Add(time.Duration(m) * time.Minute)
			for i := range perMinute {
				rec := record("")
				rec.Created, rec.Seen, rec.Expires = now, now, now.Add(life*time.Minute)
				if err := table.Save(ctx, stores.Handle{byte(i), byte(i >> 8), byte(m), byte(m >> 8)}, 0, rec.Row()); err != nil {
					t.Fatal(err)
				}
				if before := m - again; before >= 0 && i%every == 0 {
					_ = table.Touch(ctx, stores.Handle{byte(i), byte(i >> 8), byte(before), byte(before >> 8)}, 1, now, now.Add(life*time.Minute))
				}
			}
			if most = max(most, table.Len()); most > 2*alive {
				t.Fatalf("every %d. comes again: %d records after %d minutes, of which %d are alive", every, most, m, alive)
			}
		}
		if most < alive {
			t.Errorf("every %d. comes again: at most %d records, where %d are alive", every, most, alive)
		}
		table.check(t)
	}
}

func TestT4_AnInsertRemovesAFewOfWhatHasExpired(t *testing.T) {
	table, _, expires := crowded(t, 100)
	after := func(d time.Duration) time.Time { return expires.Add(d) }
	for i, c := range []struct {
		seen time.Time
		want int
	}{
		{after(0), 0}, {after(time.Minute), 0}, {after(3 * time.Minute), few}, {after(100 * 24 * time.Hour), few}, {time.Time{}, 0},
	} {
		rec := record("")
		rec.Seen, rec.Expires = c.seen, after(1000*24*time.Hour)
		before := table.Len()
		if err := table.Save(ctx, stores.Handle{7, byte(i)}, 0, rec.Row()); err != nil {
			t.Fatal(err)
		}
		if got := before + 1 - table.Len(); got != c.want {
			t.Errorf("an insert %v after they expired removed %d; want %d", c.seen.Sub(expires), got, c.want)
		}
		table.check(t)
	}
}

// Records expire close together and far apart, and are inserted in any order.
func TestT4_InsertsRemoveWhatExpiredBeforeAndAfterAGap(t *testing.T) {
	minutes := []int{0, 1, step - 1, step, step + 1, 3 * step, 3*step + 1, 100_000, 100_000 + step, 1_000_000}
	began := time.Now().Truncate(time.Minute)
	for range 20 {
		table := NewTable()
		rand.Shuffle(len(minutes), func(i, j int) { minutes[i], minutes[j] = minutes[j], minutes[i] })
		rec := record("")
		rec.Seen = began
		for i, m := range minutes {
			rec.Expires = began.Add(time.Duration(m) * time.Minute)
			if err := table.Save(ctx, stores.Handle{7, byte(i)}, 0, rec.Row()); err != nil {
				t.Fatal(err)
			}
		}
		rec.Seen = began.Add(2_000_000 * time.Minute)
		rec.Expires = rec.Seen.Add(time.Hour)
		for i := range minutes { // half of an insert's looks may find an empty minute
			if err := table.Save(ctx, stores.Handle{7, 0, 1, byte(i)}, 0, rec.Row()); err != nil {
				t.Fatal(err)
			}
			table.check(t)
		}
		if n := table.Len(); n != len(minutes) {
			t.Fatalf("%d records are left; want the %d that are alive, of records that expired at minutes %v", n, len(minutes), minutes)
		}
	}
}
