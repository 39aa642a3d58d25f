package cost

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/signet-go/signet/bench/internal/chart"
)

// Markdown writes the result as one table for each scenario.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a request costs, in process\n\n%s.\n", r.Machine)
	for _, s := range Scenarios {
		r.table(&b, s)
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\nLeft out: %s.\n", strings.Join(r.Skipped, "; "))
	}
	return b.String()
}

func (r *Result) table(b *strings.Builder, s Scenario) {
	keys := r.keysOf(s.Name)
	if len(keys) == 0 {
		return
	}
	of := make([]string, 0, len(keys))
	for _, k := range keys {
		of = append(of, fmt.Sprint(k))
	}
	fmt.Fprintf(b, "\n## %s: %s\n\n", s.Name, s.Says)
	if s.Keys {
		fmt.Fprintf(b, "Cells with several figures are for sessions of %s keys.\n\n", strings.Join(of, ", "))
	}
	fmt.Fprint(b, "| | µs | times the same by hand | times Signet | CPU µs | bytes | allocations | round trips |\n|---|---|---|---|---|---|---|---|\n")
	for _, first := range r.Series {
		if first.Scenario != s.Name || first.Keys != keys[0] {
			continue
		}
		cells := make([][]string, 7)
		for _, k := range keys {
			one := r.find(s.Name, k, first.Peer, first.Store)
			hand, signet := r.byHand(one), r.find(s.Name, k, "signet", first.Store)
			for i, x := range []float64{
				one.median(nanos) / 1e3, one.ratio(nanos, hand), one.ratio(nanos, signet), one.median(cpu) / 1e3, one.median(bytes), one.median(allocs), one.trips(),
			} {
				cells[i] = append(cells[i], figure(x))
			}
		}
		row := make([]string, 0, len(cells))
		for _, c := range cells {
			row = append(row, strings.Join(slices.Compact(c), " / "))
		}
		fmt.Fprintf(b, "| %s | %s |\n", first.title(), strings.Join(row, " | "))
	}
}

func (s *Series) title() string {
	t := s.Peer
	if s.Version != "" {
		t += " " + s.Version
	}
	if s.Store != "" {
		t += ", " + s.Store
	}
	return t
}

func (s *Series) trips() float64 {
	if s.Trips == nil {
		return math.NaN()
	}
	return *s.Trips
}

func figure(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return chart.Short(x)
}

func (r *Result) keysOf(scenario string) []int {
	var keys []int
	for _, s := range r.Series {
		if s.Scenario == scenario && !slices.Contains(keys, s.Keys) {
			keys = append(keys, s.Keys)
		}
	}
	return keys
}

// Pictures are the scenarios as bars: time on the memory and cookie stores, and allocations, for sessions of the middle
// number of keys.
func (r *Result) Pictures() map[string][]byte {
	all := map[string][]byte{}
	for _, s := range Scenarios {
		keys := r.keysOf(s.Name)
		if len(keys) == 0 {
			continue
		}
		time := chart.Bars{Title: "Time: " + s.Says, Unit: "microseconds a visit, in process", Log: true}
		memory := chart.Bars{Title: "Allocations: " + s.Says, Unit: "allocations a visit", Log: true}
		for i := range r.Series {
			one := &r.Series[i]
			if one.Scenario != s.Name || one.Keys != keys[len(keys)/2] {
				continue
			}
			name, ours := one.Peer, one.Peer == "signet"
			if one.Store != "" {
				name += ", " + one.Store
			}
			time.Bars = append(time.Bars, chart.Bar{Name: name, Value: one.median(nanos) / 1e3, Ours: ours})
			memory.Bars = append(memory.Bars, chart.Bar{Name: name, Value: one.median(allocs), Ours: ours})
		}
		all["time-"+s.Name], all["allocations-"+s.Name] = time.SVG(), memory.SVG()
	}
	return all
}
