package storetest_test

import (
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/storetest"
)

// The test of a table: all laws that it must keep.
func ExampleRun() {
	testTable := func(t *testing.T) {
		storetest.Run(t, func(*testing.T) stores.Table { return memory.NewTable() })
	}
	_ = testing.InternalTest{Name: "TestTable", F: testTable} // in a test file: func TestTable(t *testing.T)
	// Output:
}
