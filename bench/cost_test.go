package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/signet-go/signet/bench/internal/cost"
	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/internal/race"
)

// On the memory store, which needs no server: the rest is for -check, and so is the time, which depends on what else the machine does.
// What the runtime allocates beside goes away when it is measured again.
func TestARequestCostsWhatIsRecorded(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates and takes time")
	}
	var was cost.Baseline
	if err := readJSON("results/baseline.json", &was); err != nil {
		t.Fatal(err)
	}
	var worse []string
	for range 3 {
		if worse = beside(t, was); len(worse) == 0 {
			return
		}
	}
	for _, w := range worse {
		t.Error(w)
	}
}

// beside measures once and says what is not as recorded.
func beside(t *testing.T, was cost.Baseline) (worse []string) {
	res, err := cost.Plan{
		Peers: []peer.Peer{peer.Floor[0], peer.Signet[0]}, Scenarios: cost.Scenarios, Keys: []int{1, 10, 50},
		Rounds: 5, Batch: 3 * time.Millisecond, Log: io.Discard,
	}.Run()
	if err != nil {
		t.Fatal(err)
	}
	now := res.Baseline()
	if len(now.Lines) != 11 {
		t.Fatalf("%d lines; want one for each scenario and number of keys", len(now.Lines))
	}
	for _, l := range now.Lines {
		name := fmt.Sprintf("%s, %d keys", l.Scenario, l.Keys)
		recorded, ok := was.Find(l.Scenario, l.Keys, l.Store)
		if !ok {
			t.Fatalf("%s: not recorded", name)
		}
		t.Logf("%s: %v allocations, %.2f times the CPU by hand", name, l.Allocs, l.ByHand)
		if l.Allocs != recorded.Allocs {
			worse = append(worse, fmt.Sprintf("%s: %v allocations; recorded are %v (go run ./bench -only cost -record)", name, l.Allocs, recorded.Allocs))
		}
	}
	return worse
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
