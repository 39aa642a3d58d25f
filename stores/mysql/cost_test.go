package mysql

import (
	"context"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
)

// request gives a context as a request has one: it can be cancelled.
func request(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	t.Cleanup(cancel)
	return ctx
}

// ways gives what is compared: each makes a function for one goroutine. By hand is the same prepared statement on the same pool.
func ways(t testing.TB) (load, loadByHand, save, saveByHand func() func()) {
	t.Helper()
	table := migrated(t, place(t))
	db := table.(ownTable).db
	reading, err := db.Prepare("SELECT version, owner, seen, expires, body FROM sessions WHERE handle = ?")
	if err != nil {
		t.Fatal(err)
	}
	writing, err := db.Prepare("UPDATE sessions SET version = ?, owner = ?, seen = ?, expires = ?, body = ? WHERE handle = ? AND version = ?")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = reading.Close(), writing.Close() })
	ctx := request(t)
	insert := func() (stores.Handle, stores.Record) {
		h, rec := sqltest.Handle(), sqltest.Record(1, "ann")
		if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
			t.Error(err)
		}
		return h, rec
	}
	load = func() func() {
		h, _ := insert()
		return func() {
			if _, err := table.Load(ctx, h); err != nil {
				t.Error(err)
			}
		}
	}
	loadByHand = func() func() {
		h, _ := insert()
		key := h.String()
		return func() {
			var version, seen, expires int64
			var owner, body []byte
			if err := reading.QueryRowContext(ctx, key).Scan(&version, &owner, &seen, &expires, &body); err != nil {
				t.Error(err)
			}
		}
	}
	save = func() func() {
		h, rec := insert()
		return func() {
			seen := rec.Version
			rec.Version++
			if err := table.Save(ctx, h, seen, rec.Row()); err != nil {
				t.Error(err)
			}
		}
	}
	saveByHand = func() func() {
		h, rec := insert()
		row := rec.Row()
		version, handle, owner, body := int64(row.Version), h.String(), []byte(row.Owner), row.Body.Bytes()
		seen, expires := row.Seen.UnixMicro(), row.Expires.UnixMicro()
		return func() {
			version++
			body[len(body)-1]++ // a body differs from the one before
			_, err := writing.ExecContext(ctx, version, owner, seen, expires, body, handle, version-1)
			if err != nil {
				t.Error(err)
			}
		}
	}
	return load, loadByHand, save, saveByHand
}

// What a call allocates, beyond what database/sql and the driver do for the same statement by hand.
func TestWhatACallAllocates(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	const limit = 8
	load, loadByHand, save, saveByHand := ways(t)
	for _, c := range []struct {
		name         string
		ours, byHand func() func()
	}{{"a load", load, loadByHand}, {"a save", save, saveByHand}} {
		ours, byHand := testing.AllocsPerRun(200, c.ours()), testing.AllocsPerRun(200, c.byHand())
		t.Logf("%s: %v, by hand %v", c.name, ours, byHand)
		if ours > byHand+limit {
			t.Errorf("%s allocates %v times, by hand %v; want at most %d more", c.name, ours, byHand, limit)
		}
	}
}

// Against the same statements by hand on the same pool: go test -bench . -benchmem

func BenchmarkLoad(b *testing.B) {
	load, byHand, _, _ := ways(b)
	compare(b, byHand, load)
}

func BenchmarkSave(b *testing.B) {
	_, _, save, byHand := ways(b)
	compare(b, byHand, save)
}

func compare(b *testing.B, byHand, ours func() func()) {
	for _, w := range []struct {
		name string
		way  func() func()
	}{{"by hand", byHand}, {"ours", ours}} {
		b.Run(w.name, func(b *testing.B) {
			f := w.way()
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
		b.Run(w.name+" from many", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				f := w.way()
				for pb.Next() {
					f()
				}
			})
		})
	}
}
