//go:build race

package ring_test

const underRace = true
