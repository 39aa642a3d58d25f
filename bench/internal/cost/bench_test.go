package cost

import (
	"fmt"
	"testing"

	"github.com/signet-go/signet/bench/internal/peer"
)

// BenchmarkInProcess is what Run measures of those that need no server, one after the other and with the garbage collector: for a closer look
// at one of them, and for those whose batches without it need more memory than the processor keeps near.
func BenchmarkInProcess(b *testing.B) {
	const keys = 10
	for _, s := range Scenarios {
		for _, p := range peer.All() {
			if p.Needs != "" || p.Store == "" {
				continue
			}
			b.Run(fmt.Sprintf("%s/%s/%s", s.Name, p.Store, p.Title()), func(b *testing.B) {
				site, err := p.Start(peer.Place{Dir: b.TempDir()})
				if err != nil {
					b.Fatal(err)
				}
				defer site.Close()
				step := s.start(site, visitor(site, keys))
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
			})
		}
	}
}
