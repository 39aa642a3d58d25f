package cost

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/internal/race"
)

// docs/performance.md has the allocations of a plain handler behind ring.Use, and those of scs are more.
func TestAPlainHandlerAllocatesWhatThePageSaysAndLessThanSCS(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	page, err := os.ReadFile("../../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Plan{
		Peers: []peer.Peer{peer.SignetPlain, peer.SCS[0]}, Scenarios: Scenarios, Keys: []int{1, 10},
		Rounds: 5, Batch: 3 * time.Millisecond, Log: io.Discard,
	}.Run()
	if err != nil {
		t.Fatal(err)
	}
	var row strings.Builder
	for i := 0; i < len(res.Series); i += 2 {
		ours, theirs := &res.Series[i], &res.Series[i+1]
		fmt.Fprintf(&row, " %v |", ours.least())
		if ours.least() >= theirs.least() {
			t.Errorf("%s, %d keys: %v allocations, scs %v", ours.Scenario, ours.Keys, ours.least(), theirs.least())
		}
		if ours.Scenario == "write" && ours.Keys == 10 {
			break // what a new visitor and a message cost is beside the point
		}
	}
	if want := "| allocations, Signet |" + row.String(); !strings.Contains(string(page), want) {
		t.Errorf("the page does not say %q", want)
	}
}

// least is the allocations in the best round: what the runtime allocates beside is in the others.
func (s *Series) least() float64 {
	n := allocs(s.Rounds[0])
	for _, r := range s.Rounds {
		n = min(n, allocs(r))
	}
	return n
}
