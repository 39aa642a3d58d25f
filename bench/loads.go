package main

import (
	"os"
	"time"

	"github.com/signet-go/signet/bench/internal/load"
	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/bench/internal/server"
)

// loads sends many requests over sockets.
func loads(o order) (pages, error) {
	plan := load.Plan{
		Kinds: server.Kinds(peer.Loaded()), Rounds: 2, Time: 2 * time.Second, Connections: 16, Sessions: 1000, Log: os.Stderr,
	}
	if o.full {
		plan.Rounds, plan.Time = 3, 5*time.Second
	}
	res, err := plan.Run()
	return pages{text: res.Markdown(), raw: res, pictures: res.Pictures()}, err
}
