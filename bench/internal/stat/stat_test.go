package stat

import (
	"math"
	"testing"
)

func same(x float64) float64 { return x }

func TestTheMedianIsTheMiddleWhateverTheOrder(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{[]float64{5}, 5}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 100, 2}, 3}} {
		if got := Median(c.of, same); got != c.want {
			t.Errorf("median of %v is %v; want %v", c.of, got, c.want)
		}
	}
	if got := Median(nil, same); !math.IsNaN(got) {
		t.Errorf("median of nothing is %v; want NaN", got)
	}
}

func TestARatioComparesWithinARound(t *testing.T) {
	// The machine was ten times slower in the second round, for both.
	if got := Ratio([]float64{2, 20, 2}, []float64{1, 10, 1}, same); got != 2 {
		t.Errorf("ratio %v; want 2", got)
	}
}
