package memory_test

import (
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/storetest"
)

func TestLaws(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table { return memory.NewTable() })
}

// full returns a table that has no room for a stranger.
func full(t *testing.T) stores.Table {
	table := memory.NewTable(memory.Max(1))
	if err := table.Save(t.Context(), stores.Handle{1}, 0, stores.Row{Version: 1, Owner: "ann"}); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestLawsWithABound(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table { return memory.NewTable(memory.Max(100_000)) }, storetest.Full(full))
}
