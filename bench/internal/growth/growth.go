// Package growth measures how costs grow: with keys, bytes, sessions, cores, requests at once, layers and routes.
package growth

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/machine"
	"github.com/signet-go/signet/bench/internal/peer"
)

// A Plan says how far and how long.
type Plan struct {
	Batch    time.Duration // of one measurement
	Rounds   int           // of which the middle counts
	Sessions int           // the most in a store
	Log      io.Writer
}

// A Figure is one picture with its name.
type Figure struct {
	Name string `json:"name"`
	chart.Lines
}

// A Result has all figures.
type Result struct {
	Machine machine.Machine `json:"machine"`
	Figures []Figure        `json:"figures"`
}

// Run measures.
func (p Plan) Run() (Result, error) {
	res := Result{Machine: machine.Here()}
	for _, each := range []struct {
		name    string
		measure func() ([]Figure, error)
	}{
		{"keys", p.keys}, {"bytes", p.bytes}, {"sessions", p.sessions}, {"cores", p.cores},
		{"contention", p.contention}, {"layers", p.layers}, {"routes", p.routes},
	} {
		fmt.Fprintln(p.Log, each.name)
		figures, err := each.measure()
		if err != nil {
			return res, fmt.Errorf("%s: %w", each.name, err)
		}
		res.Figures = append(res.Figures, figures...)
	}
	return res, nil
}

// contestants are the memory stores whose growth is compared.
var contestants = []peer.Peer{peer.Signet[0], peer.Floor[0], peer.SCS[0]}

// with opens a peer for as long as do takes.
func with(p peer.Peer, do func(*peer.Site) error) error {
	dir, err := os.MkdirTemp("", "signet-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	site, err := p.Start(peer.Place{Dir: dir})
	if err != nil {
		return err
	}
	defer site.Close()
	return do(site)
}

// Markdown writes each figure as a table.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# How costs grow\n\n%s.\n", r.Machine)
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "\n## %s\n\n%s, by %s.\n\n| |", f.Title, f.Y, f.X)
		for _, at := range f.Lines.Lines[0].Points {
			fmt.Fprintf(&b, " %s |", chart.Short(at[0]))
		}
		fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(f.Lines.Lines[0].Points)))
		for _, l := range f.Lines.Lines {
			fmt.Fprintf(&b, "| %s |", l.Name)
			for _, at := range l.Points {
				fmt.Fprintf(&b, " %s |", chart.Short(at[1]))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Pictures are the figures.
func (r *Result) Pictures() map[string][]byte {
	all := map[string][]byte{}
	for _, f := range r.Figures {
		all["growth-"+f.Name] = f.SVG()
	}
	return all
}
