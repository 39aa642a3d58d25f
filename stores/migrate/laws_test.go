package migrate_test

import (
	"context"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/migrate"
	"github.com/signet-go/signet/stores/storetest"
)

func TestLaws(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table {
		return migrate.New(memory.NewTable(), memory.NewTable())
	})
}

func TestLawsOfRecordsThatBeginInTheOldTable(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table { return newGrown() })
}

func TestLawsOfTwoMigrationsAtOnce(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table {
		g := newGrown()
		return migrate.New(g, memory.NewTable())
	})
}

// whole is a table that can do all, as those in memory can.
type whole interface {
	stores.Table
	stores.Lister
	stores.Sweeper
}

// kept is a store of such a table.
type kept interface {
	stores.Store
	stores.Owners
	stores.Sweeper
}

func keep(from, to stores.Table) kept { return stores.Keep(migrate.New(from, to)).(kept) }

// grown is a table whose records are all created in the old one, as by processes that know no other.
type grown struct {
	whole
	from, to *memory.Table
}

func newGrown() grown {
	from, to := memory.NewTable(), memory.NewTable()
	return grown{migrate.New(from, to).(whole), from, to}
}

func (g grown) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if expected == 0 {
		if _, err := g.to.Load(ctx, h); err != nil { // else a handle comes again, which it only does in tests
			return g.from.Save(ctx, h, 0, row)
		}
	}
	return g.whole.Save(ctx, h, expected, row)
}
