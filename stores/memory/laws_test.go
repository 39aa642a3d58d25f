package memory_test

import (
	"testing"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/storetest"
)

func TestLaws(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Table { return memory.NewTable() })
}

func TestLawsWithABound(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Table { return memory.NewTable(memory.Max(100_000)) })
}
