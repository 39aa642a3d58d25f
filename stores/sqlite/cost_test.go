package sqlite

import (
	"testing"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// What a call allocates, beyond what database/sql and the driver do for the same statement by hand.
func TestWhatACallAllocates(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	const limit = 8
	table := opened(t, sqlstore.Layout{})
	h, rec := save(t, table), sqltest.Record(1, "ann")
	ctx := request(t)

	load := loadByHand(t, table, h)
	byHand := testing.AllocsPerRun(200, load)
	ours := testing.AllocsPerRun(200, func() {
		if _, err := table.Load(ctx, h); err != nil {
			t.Error(err)
		}
	})
	t.Logf("load: %v, by hand %v", ours, byHand)
	if ours > byHand+limit {
		t.Errorf("a load allocates %v times, by hand %v; want at most %d more", ours, byHand, limit)
	}

	update, _ := saveByHand(t, table)
	byHand = testing.AllocsPerRun(200, update)
	ours = testing.AllocsPerRun(200, func() {
		seen := rec.Version
		rec.Version++
		if err := table.Save(ctx, h, seen, rec.Row()); err != nil {
			t.Error(err)
		}
	})
	t.Logf("save: %v, by hand %v", ours, byHand)
	if ours > byHand+limit {
		t.Errorf("a save allocates %v times, by hand %v; want at most %d more", ours, byHand, limit)
	}
}
