package cost

import (
	"strings"
	"testing"
)

func TestARegressionIsTold(t *testing.T) {
	line := Line{Scenario: "read", Keys: 10, Store: "redis", Allocs: 7, ByHand: 1.2, Trips: 1}
	was := Baseline{Lines: []Line{line}}
	for _, c := range []struct {
		name   string
		change func(*Line)
		want   string // part of what is told; empty for nothing
	}{
		{"the same", func(*Line) {}, ""},
		{"less", func(l *Line) { l.Allocs, l.ByHand, l.Trips = 5, 1, 0 }, ""},
		{"two allocations of a client", func(l *Line) { l.Allocs = 9 }, ""},
		{"three allocations", func(l *Line) { l.Allocs = 10 }, "10 allocations; were 7"},
		{"one more round trip", func(l *Line) { l.Trips = 2 }, "2 round trips; were 1"},
		{"a ratio within the margin", func(l *Line) { l.ByHand = 1.7 }, ""},
		{"a ratio over it", func(l *Line) { l.ByHand = 1.9 }, "1.9 times"},
		{"another store", func(l *Line) { l.Store, l.Allocs = "new", 100 }, ""},
	} {
		now := line
		c.change(&now)
		got := strings.Join(was.Regressions(Baseline{Lines: []Line{now}}, 1.5), "; ")
		if got == "" != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: told %q; want %q", c.name, got, c.want)
		}
	}
	memory := Baseline{Lines: []Line{{Scenario: "read", Keys: 10, Store: "memory", Allocs: 4}}}
	more := Baseline{Lines: []Line{{Scenario: "read", Keys: 10, Store: "memory", Allocs: 5}}}
	if len(memory.Regressions(more, 1.5)) != 1 {
		t.Error("one allocation more on the memory store is not told")
	}
}
