package cost

import (
	"math"
	"strings"

	"github.com/signet-go/signet/bench/internal/stat"
)

// What a cost is measured in.
func nanos(c Cost) float64  { return c.Nanos }
func cpu(c Cost) float64    { return c.CPU }
func bytes(c Cost) float64  { return c.Bytes }
func allocs(c Cost) float64 { return c.Allocs }

// median is the middle of all rounds.
func (s *Series) median(of func(Cost) float64) float64 { return stat.Median(s.Rounds, of) }

// ratio is how many times as much s took as base: the middle of the ratios within each round. NaN without a base.
func (s *Series) ratio(of func(Cost) float64, base *Series) float64 {
	if base == nil {
		return math.NaN()
	}
	return stat.Ratio(s.Rounds, base.Rounds, of)
}

// best is the least CPU of all rounds: what else the machine does only ever adds.
func (s *Series) best() float64 {
	least := math.Inf(1)
	for _, c := range s.Rounds {
		least = min(least, c.CPU)
	}
	return least
}

// byHand returns the series of the hand-written one on the same kind of store, whatever its client; nil if there is none.
func (r *Result) byHand(s *Series) *Series {
	store, _, _ := strings.Cut(s.Store, " ")
	return r.find(s.Scenario, s.Keys, "by hand", store)
}

// find returns the series of a peer; nil if there is none.
func (r *Result) find(scenario string, keys int, peer, store string) *Series {
	for i := range r.Series {
		if s := &r.Series[i]; s.Scenario == scenario && s.Keys == keys && s.Peer == peer && s.Store == store {
			return s
		}
	}
	return nil
}
