// Package load sends many requests over sockets and watches what they cost the server: wrk (apt-get install wrk) is the client.
package load

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/signet-go/signet/bench/internal/machine"
	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/bench/internal/server"
)

//go:embed spread.lua
var spread []byte

// A Plan says what is measured, and for how long.
type Plan struct {
	Kinds       []server.Kind
	Rounds      int
	Time        time.Duration // of one server in a round
	Connections int
	Sessions    int // over which requests are spread, each with ten keys
	Log         io.Writer
}

// A Sample is one server in one round.
type Sample struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	CPU       float64 `json:"cpu_us"`     // of the server, a request
	Resident  float64 `json:"resident_b"` // memory of the server after the round
	Errors    int     `json:"errors"`
}

// A Series is one server on one path.
type Series struct {
	Path   string   `json:"path"`
	Server string   `json:"server"`
	Rounds []Sample `json:"rounds"`
}

// A Result is what a run of a plan gave.
type Result struct {
	Machine     machine.Machine `json:"machine"`
	Connections int             `json:"connections"`
	Sessions    int             `json:"sessions"`
	Series      []Series        `json:"series"`
	Skipped     []string        `json:"skipped,omitempty"`
}

// Paths are the workload.
var Paths = []string{"/read", "/visit"}

// Run measures. In each round every server has its turn, in an order that moves on by one; only one is under load at a time.
func (p Plan) Run() (Result, error) {
	res := Result{Machine: machine.Here(), Connections: p.Connections, Sessions: p.Sessions}
	if _, err := exec.LookPath("wrk"); err != nil {
		return res, fmt.Errorf("wrk is missing: apt-get install wrk")
	}
	dir, err := os.MkdirTemp("", "signet-bench")
	if err != nil {
		return res, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "spread.lua"), spread, 0o600); err != nil {
		return res, err
	}
	servers, skipped := server.StartAll(p.Kinds, p.Log)
	res.Skipped = skipped
	defer func() {
		for _, s := range servers {
			s.Stop()
		}
	}()
	for i, s := range servers {
		if err := p.visitors(s, cookies(dir, i)); err != nil {
			return res, err
		}
		for _, path := range Paths { // what compiles while it runs has done so then
			if _, err := p.turn(s, path, dir, cookies(dir, i)); err != nil {
				return res, fmt.Errorf("%s: %w", s.Name, err)
			}
		}
	}
	for _, path := range Paths {
		series := make([]Series, len(servers))
		for i, s := range servers {
			series[i] = Series{Path: path, Server: s.Name}
		}
		for round := range p.Rounds {
			fmt.Fprintf(p.Log, "%s, round %d of %d\n", path, round+1, p.Rounds)
			for k := range servers {
				i := (k + round) % len(servers)
				sample, err := p.turn(servers[i], path, dir, cookies(dir, i))
				if err != nil {
					return res, fmt.Errorf("%s: %w", servers[i].Name, err)
				}
				series[i].Rounds = append(series[i].Rounds, sample)
			}
		}
		res.Series = append(res.Series, series...)
	}
	return res, nil
}

func cookies(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("cookies%d", i)) }

// visitors makes sessions on a server and writes down their cookies.
func (p Plan) visitors(s *server.Server, file string) error {
	var b strings.Builder
	for range p.Sessions {
		v := s.Visitor(peer.Jar{})
		if _, err := v.Post("/fill?keys=10"); err != nil {
			return err
		}
		b.WriteString(v.Cookies().Field() + "\n")
	}
	return os.WriteFile(file, []byte(b.String()), 0o600)
}

func (p Plan) turn(s *server.Server, path, dir, cookies string) (Sample, error) {
	cmd := exec.Command("wrk", "--threads=1", fmt.Sprintf("--connections=%d", p.Connections),
		fmt.Sprintf("--duration=%ds", max(1, int(p.Time.Seconds()))), "--latency", "--script", filepath.Join(dir, "spread.lua"), s.URL+path)
	cmd.Env = append(os.Environ(), "BENCH_COOKIES="+cookies)
	before, err := cpuTime(s.PID())
	if err != nil {
		return Sample{}, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return Sample{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	after, err := cpuTime(s.PID())
	if err != nil {
		return Sample{}, err
	}
	_, line, _ := strings.Cut(string(out), "result ")
	var requests, micros, p50, p99 float64
	var failed int
	if n, err := fmt.Sscan(line, &requests, &micros, &p50, &p99, &failed); n < 5 || requests == 0 {
		return Sample{}, fmt.Errorf("wrk says nothing: %w", err)
	}
	resident, err := memory(s.PID())
	return Sample{
		PerSecond: requests / micros * 1e6, P50: p50, P99: p99,
		CPU: float64((after - before).Microseconds()) / requests, Resident: resident, Errors: failed,
	}, err
}
