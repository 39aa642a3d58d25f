package stores_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func TestSweepEverySweepsUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		now := time.Now()
		rec := stores.Record{Created: now, Seen: now, Expires: now.Add(30 * time.Minute)}
		if _, err := store.Save(t.Context(), stores.Token{}, rec, true); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var ended atomic.Value
		go func() { ended.Store(stores.SweepEvery(ctx, store, time.Minute)) }()
		time.Sleep(29 * time.Minute) // the bubble's clock, not a wait
		synctest.Wait()
		if store.Len() != 1 {
			t.Errorf("%d sessions before it expires", store.Len())
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if store.Len() != 0 {
			t.Errorf("%d sessions afterwards", store.Len())
		}
		stop()
		synctest.Wait()
		if err, _ := ended.Load().(error); !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

// down is a Sweeper that fails as long as it is told to.
type down struct {
	mu     sync.Mutex
	fails  bool
	sweeps []time.Time
}

// set changes whether it fails, and returns when it was swept until now.
func (d *down) set(fails bool) []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails = fails
	return slices.Clone(d.sweeps)
}

func (d *down) Sweep(_ context.Context, now time.Time) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweeps = append(d.sweeps, now)
	if d.fails {
		return 0, errors.New("connection refused")
	}
	return 0, nil
}

func TestT4_SweepEveryGoesOnAfterAnOutage(t *testing.T) {
	var told bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&told, nil)))
	defer slog.SetDefault(before)
	for _, c := range []struct {
		interval, longest time.Duration
		lines             int
	}{
		{time.Minute, 10 * time.Minute, 7},      // at once, and then each hour
		{time.Hour, time.Hour, 7},               // each interval is an hour
		{30 * time.Minute, 30 * time.Minute, 7}, // every second interval
	} {
		told.Reset()
		synctest.Test(t, func(t *testing.T) {
			store := &down{fails: true}
			ctx, stop := context.WithCancel(t.Context())
			var ended atomic.Value
			go func() { ended.Store(stores.SweepEvery(ctx, store, c.interval)) }()
			const outage = 6*time.Hour + 30*time.Minute
			time.Sleep(outage) // the bubble's clock, not a wait
			synctest.Wait()
			sweeps := store.set(false)
			during := len(sweeps)
			for i := range during - 1 {
				if d := sweeps[i+1].Sub(sweeps[i]); d < c.interval || d > c.longest {
					t.Errorf("interval %v: %v between two sweeps", c.interval, d)
				}
			}
			if most := int(outage/c.longest) + 5; during > most {
				t.Errorf("interval %v: %d sweeps in %v; want at most %d", c.interval, during, outage, most)
			}
			time.Sleep(3 * c.longest)
			synctest.Wait()
			sweeps = store.set(false)
			if n := len(sweeps); n < during+2 || sweeps[n-1].Sub(sweeps[n-2]) != c.interval {
				t.Errorf("interval %v: %d sweeps afterwards, not each interval", c.interval, n-during)
			}
			if err := ended.Load(); err != nil {
				t.Errorf("interval %v: it has ended: %v", c.interval, err)
			}
			stop()
			synctest.Wait()
			if err, _ := ended.Load().(error); !errors.Is(err, context.Canceled) {
				t.Errorf("interval %v: ended with %v", c.interval, err)
			}
		})
		log := told.String()
		if n := strings.Count(log, "are not removed"); n != c.lines || !strings.Contains(log, "connection refused") || strings.Count(log, "are removed again") != 1 {
			t.Errorf("interval %v: %d lines tell of the failures; want %d, and one of the end:\n%s", c.interval, n, c.lines, log)
		}
	}
}

func TestAStoreDoesWhatItsTableCan(t *testing.T) {
	able := memory.NewTable()
	for _, c := range []struct {
		table          stores.Table
		owners, sweeps bool
	}{
		{able, true, true},
		{struct{ stores.Table }{able}, false, false},
		{struct {
			stores.Table
			stores.Lister
		}{able, able}, true, false},
		{struct {
			stores.Table
			stores.Sweeper
		}{able, able}, false, true},
	} {
		store := stores.Keep(c.table)
		_, owners := store.(stores.Owners)
		_, lists := store.(interface {
			List(context.Context, string) ([]stores.Record, error)
		})
		_, sweeps := store.(stores.Sweeper)
		if owners != c.owners || lists != c.owners || sweeps != c.sweeps {
			t.Errorf("%s: owners %v, lists %v, sweeps %v", fmt.Sprintf("%T", c.table), owners, lists, sweeps)
		}
	}
}

func TestMistakesPanicAtOnce(t *testing.T) {
	for name, f := range map[string]func(){
		"no table": func() { stores.Keep(nil) },
		"interval": func() { _ = stores.SweepEvery(t.Context(), memory.New(), 0) },
		"no store": func() { _ = stores.SweepEvery(t.Context(), nil, time.Minute) },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "stores: ") {
					t.Errorf("%s: panic %v; want one that says what is wrong", name, p)
				}
			}()
			f()
		}()
	}
}
