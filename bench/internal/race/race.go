// Package race tries what becomes of a session when its requests overlap, on each contestant, in interleavings that are
// held by a gate and so the same every time.
package race

import (
	"fmt"
	"io"
	"strings"

	"github.com/signet-go/signet/bench/internal/server"
)

// A Plan says who is tried, and how often.
type Plan struct {
	Kinds []server.Kind
	Times int
	Log   io.Writer
}

// A Result has a row for each contestant: for each trial the part that went wrong, 0 to 1.
type Result struct {
	Trials  []string `json:"trials"`
	Rows    []Row    `json:"rows"`
	Skipped []string `json:"skipped,omitempty"`
}

// A Row is one contestant.
type Row struct {
	Server string    `json:"server"`
	Lost   []float64 `json:"lost"`
}

// Run tries.
func (p Plan) Run() (Result, error) {
	var res Result
	for _, t := range Trials {
		res.Trials = append(res.Trials, t.Name)
	}
	g, err := newGate()
	if err != nil {
		return res, err
	}
	defer g.close()
	servers, skipped := server.StartAll(p.Kinds, p.Log)
	res.Skipped = skipped
	defer func() {
		for _, s := range servers {
			s.Stop()
		}
	}()
	for _, s := range servers {
		fmt.Fprintln(p.Log, s.Name)
		row := Row{Server: s.Name}
		for _, t := range Trials {
			var lost float64
			for range p.Times {
				one, err := t.run(s, g)
				if err != nil {
					return res, fmt.Errorf("%s: %s: %w", s.Name, t.Name, err)
				}
				lost += one / float64(p.Times)
			}
			row.Lost = append(row.Lost, lost)
		}
		res.Rows = append(res.Rows, row)
	}
	return res, nil
}

// Markdown writes the table.
func (r *Result) Markdown() string {
	var b strings.Builder
	b.WriteString("# When requests overlap\n\nHow often each went wrong, in percent.\n\n")
	for _, t := range Trials {
		fmt.Fprintf(&b, "- **%s**: %s.\n", t.Name, t.Says)
	}
	fmt.Fprintf(&b, "\n| | %s |\n|---|%s\n", strings.Join(r.Trials, " | "), strings.Repeat("---|", len(r.Trials)))
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "| %s |", row.Server)
		for _, lost := range row.Lost {
			fmt.Fprintf(&b, " %.0f |", 100*lost)
		}
		b.WriteByte('\n')
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\nLeft out: %s.\n", strings.Join(r.Skipped, "; "))
	}
	return b.String()
}
