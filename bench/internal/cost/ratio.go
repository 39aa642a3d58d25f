package cost

import (
	"math"
	"slices"
)

// Median returns the middle of the values; NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// What a cost is measured in.
func nanos(c Cost) float64  { return c.Nanos }
func cpu(c Cost) float64    { return c.CPU }
func bytes(c Cost) float64  { return c.Bytes }
func allocs(c Cost) float64 { return c.Allocs }

// median is the middle of all rounds.
func (s *Series) median(of func(Cost) float64) float64 {
	var all []float64
	for _, c := range s.Rounds {
		all = append(all, of(c))
	}
	return Median(all)
}

// ratio is how many times as much s took as base: the middle of the ratios within each round. NaN without a base.
func (s *Series) ratio(of func(Cost) float64, base *Series) float64 {
	if base == nil {
		return math.NaN()
	}
	var all []float64
	for i, c := range s.Rounds {
		all = append(all, of(c)/of(base.Rounds[i]))
	}
	return Median(all)
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
