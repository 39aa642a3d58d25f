// Package stat has the little arithmetic that rounds need.
package stat

import (
	"math"
	"slices"
)

// Median returns the middle of what of says of the rounds; NaN where there are none.
func Median[T any](rounds []T, of func(T) float64) float64 {
	sorted := make([]float64, 0, len(rounds))
	for _, r := range rounds {
		sorted = append(sorted, of(r))
	}
	slices.Sort(sorted)
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Ratio returns the middle of the ratios to base within each round; NaN where there is none.
func Ratio[T any](rounds, base []T, of func(T) float64) float64 {
	var all []float64
	for i := range min(len(rounds), len(base)) {
		all = append(all, of(rounds[i])/of(base[i]))
	}
	return Median(all, func(x float64) float64 { return x })
}
