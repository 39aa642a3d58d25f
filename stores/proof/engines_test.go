package proof

import (
	"testing"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// An engine is a store to prove things of.
type engine struct {
	name     string
	open     func(*testing.T) session.Table
	programs int  // by default
	quick    bool // a call takes microseconds
}

var engines = []engine{
	{"memory", func(*testing.T) session.Table { return memory.NewTable() }, 3000, true},
}
