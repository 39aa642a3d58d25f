//go:build race

package redistest

const race = true
