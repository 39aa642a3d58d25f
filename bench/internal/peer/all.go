package peer

import "slices"

// All are the contestants in process, in the order of tables. Signet in memory is there twice: what its two series differ in is noise.
func All() []Peer {
	again := Signet[0]
	again.Name += " again"
	return slices.Concat([]Peer{Bare, BareRing}, Floor, Signet, []Peer{again}, SCS, Gorilla, Gin, []Peer{Fiber})
}
