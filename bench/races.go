package main

import (
	"os"

	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/bench/internal/race"
	"github.com/signet-go/signet/bench/internal/server"
)

// races tries overlapping requests.
func races(o order) (pages, error) {
	plan := race.Plan{Kinds: server.Kinds(peer.Raced()), Times: 3, Log: os.Stderr}
	if o.full {
		plan.Times = 20
	}
	res, err := plan.Run()
	return pages{text: res.Markdown(), raw: res}, err
}
