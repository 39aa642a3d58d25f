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
	var owner, body []byte
	return b.pool.QueryRow(ctx, "SELECT version, owner, seen, expires, body FROM sessions WHERE handle = $1", handle).Scan(&version, &owner, &seen, &expires, &body)
}

func (b byHand) save(ctx context.Context, handle string, version int64, owner []byte, seen, expires int64, body []byte) error {
	_, err := b.pool.Exec(ctx, "UPDATE sessions SET version = $1, owner = $2, seen = $3, expires = $4, body = $5 WHERE handle = $6 AND version = $7",
		version, owner, seen, expires, body, handle, version)
	return err
}

// costs are a load and a save, as the table makes them and by hand.
type costs struct{ load, loadByHand, save, saveByHand func() error }

func costsOf(t testing.TB) costs {
	table := migrated(t, sqlstore.Layout{})
	ctx := context.Background()
	h, row := handle(), record().Row()
	if err := table.Save(ctx, h, 0, row); err != nil {
		t.Fatal(err)
	}
	hand, handle, owner, body := byHand{table}, h.String(), []byte(row.Owner), row.Body.Bytes()
	return costs{
		load:       func() error { _, err := table.Load(ctx, h); return err },
		loadByHand: func() error { return hand.load(ctx, handle) },
		save:       func() error { return table.Save(ctx, h, row.Version, row) },
		saveByHand: func() error {
			return hand.save(ctx, handle, int64(row.Version), owner, row.Seen.UnixMicro(), row.Expires.UnixMicro(), body)
		},
	}
}

func TestACallAllocatesLittleBeyondTheClient(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	calls := costsOf(t)
	for _, c := range []struct {
		name        string
		call, floor func() error
	}{{"load", calls.load, calls.loadByHand}, {"save", calls.save, calls.saveByHand}} {
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
	calls := costsOf(b)
	for _, c := range []struct {
		name string
		call func() error
	}{{"load", calls.load}, {"load by hand", calls.loadByHand}, {"save", calls.save}, {"save by hand", calls.saveByHand}} {
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
