package peer

import "slices"

// All are the contestants in process, in the order of tables. Signet in memory is there twice: what its two series differ in is noise.
func All() []Peer {
	again := Signet[0]
	again.Name += " again"
	return slices.Concat([]Peer{Bare, BareRing}, Floor, Signet, []Peer{again, SignetPlain}, SCS, Gorilla, Gin, []Peer{Fiber})
}

// Loaded are those that are put under load over sockets.
func Loaded() []Peer {
	return []Peer{Bare, Floor[0], Signet[0], SCS[0], Gorilla[0], Gin[0], Fiber}
}

// Raced are those on which overlapping requests are tried: all that have sessions and need no server.
func Raced() []Peer {
	var all []Peer
	for _, p := range slices.Concat(Signet, SCS, Gorilla, Gin, []Peer{Fiber}) {
		if p.Needs == "" {
			all = append(all, p)
		}
	}
	return all
}
