package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/signet-go/signet/bench/internal/cost"
	"github.com/signet-go/signet/bench/internal/peer"
)

// costs measures requests in process, and compares them with the recorded ones.
func costs(o order) (pages, error) {
	plan := cost.Plan{
		Peers: peer.All(), Scenarios: cost.Scenarios, Keys: []int{1, 10, 50},
		Rounds: 5, Batch: 10 * time.Millisecond, Log: os.Stderr,
	}
	if o.check || o.record {
		plan.Rounds = 11
	}
	if o.full {
		plan.Rounds, plan.Batch = 11, 40*time.Millisecond
	}
	res, err := plan.Run()
	if err != nil {
		return pages{}, err
	}
	now := res.Baseline()
	made := pages{text: res.Markdown(), raw: res, pictures: res.Pictures()}
	if o.check {
		var was cost.Baseline
		if err := readJSON(o.base, &was); err != nil {
			return made, fmt.Errorf("no recorded run: %w", err)
		}
		if worse := was.Regressions(now, o.margin); len(worse) > 0 {
			return made, errors.New("more than recorded:\n  " + strings.Join(worse, "\n  "))
		}
	}
	if o.record {
		return made, writeJSON(o.base, now)
	}
	return made, nil
}
