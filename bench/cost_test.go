package main

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/signet-go/signet/bench/internal/cost"
	"github.com/signet-go/signet/bench/internal/peer"
)

// On the memory store, which needs no server: the rest is for -check.
func TestARequestCostsWhatIsRecorded(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates and takes time")
	}
	var was cost.Baseline
	if err := readJSON("results/baseline.json", &was); err != nil {
		t.Fatal(err)
	}
	res, err := cost.Plan{
		Peers: []peer.Peer{peer.Floor[0], peer.Signet[0]}, Scenarios: cost.Scenarios, Keys: []int{1, 10, 50},
		Rounds: 5, Batch: 5 * time.Millisecond, Log: io.Discard,
	}.Run()
	if err != nil {
		t.Fatal(err)
	}
	now := res.Baseline()
	if len(now.Lines) != 11 {
		t.Fatalf("%d lines; want one for each scenario and number of keys", len(now.Lines))
	}
	for _, l := range now.Lines {
		recorded, ok := was.Find(l.Scenario, l.Keys, l.Store)
		if !ok {
			t.Errorf("%s, %d keys: not recorded", l.Scenario, l.Keys)
			continue
		}
		t.Logf("%s, %d keys: %v allocations, %.2f times the CPU by hand", l.Scenario, l.Keys, l.Allocs, l.ByHand)
		if l.Allocs != recorded.Allocs {
			t.Errorf("%s, %d keys: %v allocations; recorded are %v (go run ./bench -only cost -record)", l.Scenario, l.Keys, l.Allocs, recorded.Allocs)
		}
		if l.ByHand > 2*recorded.ByHand {
			t.Errorf("%s, %d keys: %.2f times the CPU of the same by hand; recorded are %.2f", l.Scenario, l.Keys, l.ByHand, recorded.ByHand)
		}
	}
}

func TestEveryContestantDoesWhatIsMeasured(t *testing.T) {
	for _, p := range peer.All() {
		t.Run(p.Title(), func(t *testing.T) {
			err := cost.Try(p, t.TempDir())
			switch {
			case errors.Is(err, peer.ErrNeeds) && os.Getenv("SIGNET_TEST_REQUIRE") != "1":
				t.Skip(err)
			case err != nil:
				t.Error(err)
			}
		})
	}
}
