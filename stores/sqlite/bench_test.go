package sqlite

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Against the same statements by hand on the same driver: go test -bench . -benchmem

// request gives a context as a request has one: it can be cancelled.
func request(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	t.Cleanup(cancel)
	return ctx
}

func BenchmarkLoad(b *testing.B) {
	table := opened(b, sqlstore.Layout{})
	h := session.Handle{1}
	if err := table.Save(ctx, h, 0, sqltest.Record(1, "ann")); err != nil {
		b.Fatal(err)
	}
	ctx := request(b)
	byHand := func(b *testing.B) func() {
		st, err := table.readers.Prepare(`SELECT version, seen, expires, record FROM sessions WHERE handle = ?`)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = st.Close() })
		key := h.String()
		return func() {
			var version, seen, expires int64
			var record []byte
			if err := st.QueryRowContext(ctx, key).Scan(&version, &seen, &expires, &record); err != nil {
				b.Error(err)
			}
		}
	}
	ours := func(b *testing.B) func() {
		return func() {
			if _, err := table.Load(ctx, h); err != nil {
				b.Error(err)
			}
		}
	}
	both(b, byHand, ours)
}

func BenchmarkSave(b *testing.B) {
	path := filepath.Join(b.TempDir(), "sessions.db")
	table := openedAt(b, path, sqlstore.Layout{})
	db, err := beside(path)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("PRAGMA synchronous = FULL"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })

	ctx := request(b)
	var n atomic.Int64
	insert := func() (session.Handle, session.Record) {
		i := n.Add(1)
		h := session.Handle{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}
		rec := sqltest.Record(1, "ann")
		if err := table.Save(ctx, h, 0, rec); err != nil {
			b.Error(err)
		}
		return h, rec
	}
	byHand := func(b *testing.B) func() {
		st, err := db.Prepare(`UPDATE sessions SET version = ?, owner = ?, seen = ?, expires = ?, record = ? WHERE handle = ? AND version = ?`)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = st.Close() })
		h, rec := insert()
		row, err := sqlstore.RowOf(h, rec)
		if err != nil {
			b.Fatal(err)
		}
		return func() {
			row.Version++
			_, err := st.ExecContext(ctx, row.Version, row.Owner, row.Seen, row.Expires, row.Record, row.Handle, row.Version-1)
			if err != nil {
				b.Error(err)
			}
		}
	}
	ours := func(b *testing.B) func() {
		h, rec := insert()
		return func() {
			seen := rec.Version
			rec.Version++
			if err := table.Save(ctx, h, seen, rec); err != nil {
				b.Error(err)
			}
		}
	}
	both(b, byHand, ours)
}

// both measures two ways, one after the other and from many goroutines.
func both(b *testing.B, byHand, ours func(*testing.B) func()) {
	for _, w := range []struct {
		name string
		way  func(*testing.B) func()
	}{{"by hand", byHand}, {"ours", ours}} {
		b.Run(w.name, func(b *testing.B) {
			f := w.way(b)
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
		b.Run(w.name+", from 16 goroutines", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				f := w.way(b)
				for pb.Next() {
					f()
				}
			})
		})
	}
}
