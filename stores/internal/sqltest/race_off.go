//go:build !race

package sqltest

// Raced tells that the race detector is on, which allocates and is slow.
const Raced = false
