package load

import (
	"fmt"
	"strings"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/stat"
)

var says = map[string]string{
	"/read":  "an existing session is read",
	"/visit": "a counter in the session is raised",
}

// Markdown writes one table for each path.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Over sockets\n\n%s. wrk on the same machine with %d connections, %d sessions of ten keys.\n",
		r.Machine, r.Connections, r.Sessions)
	for _, path := range Paths {
		fmt.Fprintf(&b, "\n## %s: %s\n\n", path, says[path])
		b.WriteString("| | requests a second | of net/http | p50 µs | p99 µs | CPU µs a request | memory MB | errors |\n|---|---|---|---|---|---|---|---|\n")
		series := r.of(path)
		for _, s := range series {
			var errors int
			for _, x := range s.Rounds {
				errors += x.Errors
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f %% | %s | %s | %s | %s | %d |\n", s.Server,
				chart.Short(s.median(perSecond)), 100*s.ratio(perSecond, series[0]), chart.Short(s.median(p50)), chart.Short(s.median(p99)),
				chart.Short(s.median(cpu)), chart.Short(s.median(resident)/1e6), errors)
		}
	}
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\nLeft out: %s.\n", strings.Join(r.Skipped, "; "))
	}
	return b.String()
}

// Pictures are throughput and CPU as bars.
func (r *Result) Pictures() map[string][]byte {
	all := map[string][]byte{}
	for _, path := range Paths {
		rate := chart.Bars{Title: "Throughput: " + says[path], Unit: "requests a second"}
		work := chart.Bars{Title: "CPU: " + says[path], Unit: "microseconds of the server's CPU a request"}
		for _, s := range r.of(path) {
			ours := strings.HasPrefix(s.Server, "signet")
			rate.Bars = append(rate.Bars, chart.Bar{Name: s.Server, Value: s.median(perSecond), Ours: ours})
			work.Bars = append(work.Bars, chart.Bar{Name: s.Server, Value: s.median(cpu), Ours: ours})
		}
		all["throughput-"+path[1:]], all["cpu-"+path[1:]] = rate.SVG(), work.SVG()
	}
	return all
}

func (r *Result) of(path string) []Series {
	var all []Series
	for _, s := range r.Series {
		if s.Path == path {
			all = append(all, s)
		}
	}
	return all
}

func perSecond(s Sample) float64 { return s.PerSecond }
func p50(s Sample) float64       { return s.P50 }
func p99(s Sample) float64       { return s.P99 }
func cpu(s Sample) float64       { return s.CPU }
func resident(s Sample) float64  { return s.Resident }

func (s Series) median(of func(Sample) float64) float64 { return stat.Median(s.Rounds, of) }

func (s Series) ratio(of func(Sample) float64, base Series) float64 {
	return stat.Ratio(s.Rounds, base.Rounds, of)
}
