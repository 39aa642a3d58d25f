package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
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

func loadByHand(t testing.TB, table *Table, h stores.Handle) func() {
	t.Helper()
	st, err := table.readers.Prepare("SELECT version, owner, seen, expires, body FROM sessions WHERE handle = ?")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	ctx, key := request(t), h.String()
	return func() {
		var version, seen, expires int64
		var owner, body []byte
		if err := st.QueryRowContext(ctx, key).Scan(&version, &owner, &seen, &expires, &body); err != nil {
			t.Error(err)
		}
	}
}

// saveByHand updates a row of its own through another *sql.DB, which is as durable. It also makes the function for further goroutines.
func saveByHand(t testing.TB, table *Table) (update func(), another func() func()) {
	t.Helper()
	db, err := beside(table.path(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("PRAGMA synchronous = FULL"); err != nil {
		t.Fatal(err)
	}
	st, err := db.Prepare("UPDATE sessions SET version = ?, owner = ?, seen = ?, expires = ?, body = ? WHERE handle = ? AND version = ?")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	ctx := request(t)
	another = func() func() {
		h, row := sqltest.Handle(), sqltest.Record(1, "ann").Row()
		if err := table.Save(ctx, h, 0, row); err != nil {
			t.Error(err)
		}
		version, handle, owner, body := int64(row.Version), h.String(), []byte(row.Owner), row.Body.Bytes()
		seen, expires := row.Seen.UnixMicro(), row.Expires.UnixMicro()
		return func() {
			version++
			body[len(body)-1]++ // a body differs from the one before
			_, err := st.ExecContext(ctx, version, owner, seen, expires, body, handle, version-1)
			if err != nil {
				t.Error(err)
			}
		}
	}
	return another(), another
}

// path asks the database where its file is.
func (t *Table) path(tb testing.TB) string {
	tb.Helper()
	var path string
	if err := t.readers.QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func BenchmarkLoad(b *testing.B) {
	table := opened(b, sqlstore.Layout{})
	h := sqltest.Handle()
	if err := table.Save(ctx, h, 0, sqltest.Record(1, "ann").Row()); err != nil {
		b.Fatal(err)
	}
	ctx := request(b)
	load := loadByHand(b, table, h)
	compare(b, func() func() { return load }, func() func() {
		return func() {
			if _, err := table.Load(ctx, h); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	table := opened(b, sqlstore.Layout{})
	_, byHand := saveByHand(b, table)
	ctx := request(b)
	compare(b, byHand, func() func() {
		h, rec := sqltest.Handle(), sqltest.Record(1, "ann")
		if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
			b.Error(err)
		}
		return func() {
			seen := rec.Version
			rec.Version++
			if err := table.Save(ctx, h, seen, rec.Row()); err != nil {
				b.Error(err)
			}
		}
	})
}

// compare measures two ways, from one goroutine and from many, each of which makes its own function.
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
