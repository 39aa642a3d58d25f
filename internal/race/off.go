//go:build !race

// Package race tells tests whether the race detector is on, which allocates and takes its time.
package race

// Enabled says whether the race detector is on.
const Enabled = false
