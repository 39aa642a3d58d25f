package cost

import (
	"fmt"
	"math"
)

// A Baseline is what later runs are compared with: Signet's own lines of a result.
type Baseline struct {
	Lines []Line `json:"lines"`
}

// A Line is one scenario on one store.
type Line struct {
	Scenario string  `json:"scenario"`
	Keys     int     `json:"keys"`
	Store    string  `json:"store"`
	Allocs   float64 `json:"allocs"`
	ByHand   float64 `json:"by_hand"` // times the CPU of the hand-written one, each in its best round; 0 where there is none
	Trips    float64 `json:"trips,omitempty"`
}

// Baseline extracts it.
func (r *Result) Baseline() Baseline {
	var b Baseline
	for i := range r.Series {
		s := &r.Series[i]
		if s.Peer != "signet" {
			continue
		}
		l := Line{Scenario: s.Scenario, Keys: s.Keys, Store: s.Store, Allocs: s.median(allocs)}
		if hand := r.byHand(s); hand != nil {
			l.ByHand = math.Round(s.best()/hand.best()*100) / 100
		}
		if s.Trips != nil {
			l.Trips = *s.Trips
		}
		b.Lines = append(b.Lines, l)
	}
	return b
}

// Find returns the line of a scenario; ok is false if there is none.
func (b Baseline) Find(scenario string, keys int, store string) (l Line, ok bool) {
	for _, l := range b.Lines {
		if l.Scenario == scenario && l.Keys == keys && l.Store == store {
			return l, true
		}
	}
	return Line{}, false
}

// Regressions compares a later run with b: allocations and round trips must not be more, CPU time beside the same by hand at most
// margin times what it was; time on the clock depends on what else the machine does. Clients of servers allocate in the background, so there two allocations more are none.
func (b Baseline) Regressions(now Baseline, margin float64) []string {
	var all []string
	for _, l := range now.Lines {
		was, ok := b.Find(l.Scenario, l.Keys, l.Store)
		if !ok {
			continue
		}
		name := fmt.Sprintf("%s, %d keys, %s", l.Scenario, l.Keys, l.Store)
		slack := 0.0
		if was.Trips > 0 {
			slack = 2
		}
		if l.Allocs > was.Allocs+slack {
			all = append(all, fmt.Sprintf("%s: %v allocations; were %v", name, l.Allocs, was.Allocs))
		}
		if l.Trips > was.Trips {
			all = append(all, fmt.Sprintf("%s: %v round trips; were %v", name, l.Trips, was.Trips))
		}
		if was.ByHand > 0 && l.ByHand > was.ByHand*margin {
			all = append(all, fmt.Sprintf("%s: %v times the same by hand; were %v", name, l.ByHand, was.ByHand))
		}
	}
	return all
}
