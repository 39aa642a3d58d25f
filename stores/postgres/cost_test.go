package postgres

import (
	"context"
	"testing"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores/sqlstore"
)

// byHand is the least that the same calls cost on the same client.
type byHand struct{ *Table }

func (b byHand) load(ctx context.Context, handle string) error {
	var version, seen, expires int64
	var record []byte
	return b.pool.QueryRow(ctx, "SELECT version, seen, expires, record FROM sessions WHERE handle = $1", handle).Scan(&version, &seen, &expires, &record)
}

func (b byHand) save(ctx context.Context, handle string, r sqlstore.Row, seen int64) error {
	_, err := b.pool.Exec(ctx, "UPDATE sessions SET version = $1, owner = $2, seen = $3, expires = $4, record = $5 WHERE handle = $6 AND version = $7",
		r.Version, r.Owner, r.Seen, r.Expires, r.Record, handle, seen)
	return err
}

func TestACallAllocatesLittleBeyondTheClient(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	table := migrated(t, sqlstore.Layout{})
	ctx := context.Background()
	h, rec := handle(), record()
	if err := table.Save(ctx, h, 0, rec); err != nil {
		t.Fatal(err)
	}
	r, err := sqlstore.RowOf(h, rec)
	if err != nil {
		t.Fatal(err)
	}
	hand := byHand{table}
	for _, c := range []struct {
		name        string
		call, floor func() error
	}{
		{"load", func() error { _, err := table.Load(ctx, h); return err }, func() error { return hand.load(ctx, r.Handle) }},
		{"save", func() error { return table.Save(ctx, h, rec.Version, rec) }, func() error { return hand.save(ctx, r.Handle, r, r.Version) }},
	} {
		count := func(f func() error) float64 {
			return testing.AllocsPerRun(200, func() {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			})
		}
		client := count(c.floor)
		ours := count(c.call)
		t.Logf("%s: %v allocations, the client's own are %v", c.name, ours, client)
		if ours > client+8 {
			t.Errorf("%s: %v allocations; want at most the client's %v and 8", c.name, ours, client)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	table := migrated(b, sqlstore.Layout{})
	ctx := context.Background()
	h, rec := handle(), record()
	if err := table.Save(ctx, h, 0, rec); err != nil {
		b.Fatal(err)
	}
	r, err := sqlstore.RowOf(h, rec)
	if err != nil {
		b.Fatal(err)
	}
	hand := byHand{table}
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"load", func() error { _, err := table.Load(ctx, h); return err }},
		{"load by hand", func() error { return hand.load(ctx, r.Handle) }},
		{"save", func() error { return table.Save(ctx, h, rec.Version, rec) }},
		{"save by hand", func() error { return hand.save(ctx, r.Handle, r, r.Version) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.call(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
