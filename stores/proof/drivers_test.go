package proof

import (
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// The engines that need a driver or a client are in a file of their own, so that mutants can do without.
func init() {
	for _, e := range engine.All {
		if e.Name != "memory" {
			engines = append(engines, provable{e.Name, func(t *testing.T) stores.Table { return e.Open(t) }, 300, false})
		}
	}
}
