package main

import (
	"os"
	"time"

	"github.com/signet-go/signet/bench/internal/growth"
)

// growths measures how costs grow.
func growths(o order) (pages, error) {
	plan := growth.Plan{Batch: 10 * time.Millisecond, Rounds: 5, Sessions: 100_000, Log: os.Stderr}
	if o.full {
		plan = growth.Plan{Batch: 40 * time.Millisecond, Rounds: 9, Sessions: 1_000_000, Log: os.Stderr}
	}
	res, err := plan.Run()
	return pages{text: res.Markdown(), raw: res, pictures: res.Pictures()}, err
}
