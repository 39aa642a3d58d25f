package cost

import (
	"os"
	"slices"

	"github.com/signet-go/signet/bench/internal/peer"
)

// trips counts the round trips of a scenario on the wire; nil where the store has no server. It is the median of some
// single visits, as clients also send what belongs to none.
func trips(p peer.Peer, s Scenario, keys int) (*float64, error) {
	if p.Needs == "" {
		return nil, nil
	}
	tap, through, err := p.OpenTap(os.Getenv(p.Needs))
	if err != nil {
		return nil, err
	}
	defer tap.Close()
	site, err := p.Start(peer.Place{URL: through})
	if err != nil {
		return nil, err
	}
	defer site.Close()
	step := s.start(site, visitor(site, keys))
	step() // statements are prepared now
	var counts []int64
	for range 15 {
		before := tap.Trips()
		step()
		counts = append(counts, tap.Trips()-before)
	}
	slices.Sort(counts)
	n := float64(counts[len(counts)/2])
	return &n, nil
}
