package proof

import (
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// A provable is a store to prove things of.
type provable struct {
	name     string
	open     func(*testing.T) stores.Table
	programs int  // by default
	quick    bool // a call takes microseconds
}

// engines are memory and those of drivers_test.go.
var engines = []provable{
	{"memory", func(*testing.T) stores.Table { return memory.NewTable() }, 3000, true},
}
