package chart

import "math"

// An axis takes values to places.
type axis struct {
	log      bool
	min, max float64
	from, to float64 // the places of min and max
}

// newAxis covers the values; without log it begins at 0.
func newAxis(log bool, values []float64, from, to float64) axis {
	a := axis{log: log, min: math.Inf(1), max: math.Inf(-1), from: from, to: to}
	for _, v := range values {
		if log && v <= 0 {
			continue // it has no place
		}
		a.min, a.max = math.Min(a.min, v), math.Max(a.max, v)
	}
	switch {
	case a.max < a.min: // there is nothing to show
		a.min, a.max = 1, 10
	case log:
		a.min = math.Pow(10, math.Floor(math.Log10(a.min)))
		a.max = math.Pow(10, math.Ceil(math.Log10(a.max)-1e-9))
	default:
		a.min, a.max = math.Min(0, a.min), a.max*1.05
	}
	if a.max == a.min {
		a.max = a.min + 1
	}
	return a
}

func (a axis) at(v float64) float64 {
	lo, hi := a.min, a.max
	if a.log {
		v, lo, hi = math.Log10(math.Max(v, lo)), math.Log10(lo), math.Log10(hi)
	}
	return a.from + (v-lo)/(hi-lo)*(a.to-a.from)
}

// ticks are round values, about five of them.
func (a axis) ticks() []float64 {
	var ts []float64
	if a.log {
		for t := a.min; t <= a.max*1.001; t *= 10 {
			ts = append(ts, t)
		}
		return ts
	}
	step := math.Pow(10, math.Floor(math.Log10((a.max-a.min)/4)))
	for _, k := range []float64{5, 2} {
		if (a.max-a.min)/(step*k) >= 4 {
			step *= k
			break
		}
	}
	for t := a.min; t <= a.max; t += step {
		ts = append(ts, t)
	}
	return ts
}
