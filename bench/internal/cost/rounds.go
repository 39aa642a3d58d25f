package cost

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/signet-go/signet/bench/internal/machine"
	"github.com/signet-go/signet/bench/internal/peer"
)

// A Plan says what is measured, and for how long.
type Plan struct {
	Peers     []peer.Peer
	Scenarios []Scenario
	Keys      []int         // of a session
	Rounds    int           // in each of which every peer has its turn
	Batch     time.Duration // how long a turn is
	Log       io.Writer     // what is left out, and progress
}

// A Series is one peer in one scenario: a sample for each round.
type Series struct {
	Scenario string   `json:"scenario"`
	Keys     int      `json:"keys"`
	Peer     string   `json:"peer"`
	Store    string   `json:"store,omitempty"`
	Version  string   `json:"version,omitempty"`
	Rounds   []Cost   `json:"rounds"`
	Trips    *float64 `json:"trips,omitempty"` // round trips to the store's server
}

// A Result is what a run of a plan gave.
type Result struct {
	Machine machine.Machine `json:"machine"`
	Series  []Series        `json:"series"`
	Skipped []string        `json:"skipped,omitempty"`
}

// A runner is one series on its way.
type runner struct {
	*Series
	start func() func() // before each batch: a message in a cookie must not have expired
	n     int
}

// Run measures. The peers of a scenario take turns in an order that moves on by one in each round, so that ratios
// within a round compare what ran on the same machine in the same second.
func (p Plan) Run() (Result, error) {
	res := Result{Machine: machine.Here()}
	var sites []*peer.Site
	var peers []peer.Peer
	dir, err := os.MkdirTemp("", "signet-bench")
	if err != nil {
		return res, err
	}
	defer os.RemoveAll(dir)
	defer func() {
		for _, s := range sites {
			s.Close()
		}
	}()
	for _, each := range p.Peers {
		site, err := open(each, dir, p.Keys)
		if err != nil {
			res.Skipped = append(res.Skipped, err.Error())
			fmt.Fprintln(p.Log, "left out:", err)
			continue
		}
		sites, peers = append(sites, site), append(peers, each)
	}
	var groups [][]runner
	for _, s := range p.Scenarios {
		for _, keys := range s.keys(p.Keys) {
			var group []runner
			for i, site := range sites {
				jar := visitor(site, keys)
				n, err := trips(peers[i], s, keys)
				if err != nil {
					return res, err
				}
				group = append(group, runner{
					&Series{
						Scenario: s.Name, Keys: keys, Peer: peers[i].Name, Store: peers[i].Store,
						Version: peers[i].Version(), Trips: n,
					},
					func() func() { return s.start(site, jar) }, 0,
				})
			}
			groups = append(groups, group)
		}
	}
	defer uncollected()()
	for round := range p.Rounds {
		fmt.Fprintf(p.Log, "round %d of %d\n", round+1, p.Rounds)
		for _, group := range groups {
			for i := range group {
				group[(i+round)%len(group)].turn(p.Batch)
			}
		}
	}
	for _, group := range groups {
		for _, r := range group {
			res.Series = append(res.Series, *r.Series)
		}
	}
	return res, nil
}

// open opens a peer and tries whether it does what is measured.
func open(p peer.Peer, dir string, keys []int) (*peer.Site, error) {
	own, err := os.MkdirTemp(dir, "")
	if err != nil {
		return nil, err
	}
	site, err := p.Start(peer.Place{Dir: own})
	if err != nil {
		return nil, err
	}
	if p.Store != "" {
		for _, n := range keys {
			if err := try(site, n); err != nil {
				site.Close()
				return nil, fmt.Errorf("%s: %w", p.Title(), err)
			}
		}
		grow(p, site)
	}
	return site, nil
}

func (r *runner) turn(batch time.Duration) {
	step := r.start()
	if r.n == 0 {
		r.n = size(step, batch)
		step = r.start()
	}
	r.Rounds = append(r.Rounds, of(step, r.n))
}

// keys are the numbers of keys that make a difference.
func (s Scenario) keys(of []int) []int {
	if s.Keys {
		return of
	}
	return of[:1]
}
