package memory

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// BenchmarkMillion holds a million sessions of ten keys. It takes a gigabyte, so it is run alone:
//
//	go test -run '^$' -bench Million -benchtime 1x ./stores/memory
func BenchmarkMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes a gigabyte")
	}
	for _, kind := range []string{"anonymous", "owned"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				million(b, kind == "owned")
			}
		})
	}
}

func million(b *testing.B, owned bool) {
	const n = 1_000_000
	ctx, now := context.Background(), time.Now()
	before := heap()
	t := NewTable()
	data := 0
	for i := range n {
		rec := tenKeys(i, now)
		rec.Expires = now.Add(time.Duration(i%1800) * time.Second)
		if owned {
			rec.Owner = fmt.Sprintf("user-%08d", i/2)
			rec.Authenticated, rec.Renewed, rec.Previous = now, now, rec.Verifier
		}
		data += rec.Data.Size()
		var h stores.Handle
		_, _ = rand.Read(h[:])
		if err := t.Save(ctx, h, 0, rec.Row()); err != nil {
			b.Fatal(err)
		}
	}
	took := heap() - before
	b.ReportMetric(float64(data)/n, "data-B/session")
	b.ReportMetric(float64(took)/n, "B/session")

	handles := make([]stores.Handle, 0, n)
	for i := range t.shards {
		for h := range t.shards[i].records {
			handles = append(handles, h)
		}
	}
	// A third has been used since, and is only noted again.
	for i, h := range handles {
		if rec, _ := t.Load(ctx, h); i%3 == 0 {
			_ = t.Touch(ctx, h, rec.Version, now, now.Add(3*time.Hour))
		}
	}
	runtime.GC()
	began := time.Now()
	holds := sweepTimed(t, now.Add(time.Hour))
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "sweep-ms")
	slices.Sort(holds)
	b.ReportMetric(float64(holds[len(holds)-1].Microseconds()), "longest-hold-µs")
	b.ReportMetric(float64(holds[len(holds)*999/1000].Microseconds()), "p99.9-hold-µs")
	b.ReportMetric(float64(holds[len(holds)/2].Microseconds()), "median-hold-µs")
	if t.Len() != n/3+1 {
		b.Fatalf("%d sessions are left", t.Len())
	}
	runtime.KeepAlive(t)
}

// sweepTimed does what Sweep does, and returns for how long each step held its lock.
func sweepTimed(t *Table, now time.Time) []time.Duration {
	var holds []time.Duration
	last := minute(nanos(now.Add(-slack))) - 1
	for i := range t.shards {
		s := &t.shards[i]
		for _, m := range s.past(last) {
			for more := true; more; {
				began := time.Now()
				_, more = t.sweepStep(s, m, last)
				holds = append(holds, time.Since(began))
			}
		}
	}
	return holds
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func tenKeys(i int, now time.Time) stores.Record {
	var s session.Session
	for k, name := range []string{"user", "theme", "lang", "csrf", "cart", "last"} {
		s = session.Key[string](name).Set(s, fmt.Sprintf("value %d of %d", k, i))
	}
	for _, name := range []string{"visits", "seen", "step", "flags"} {
		s = session.Key[int](name).Set(s, i)
	}
	rec := stores.Record{Data: s.Data(), Version: uint64(i + 1), Created: now, Seen: now}
	_, _ = rand.Read(rec.Verifier[:])
	return rec
}
