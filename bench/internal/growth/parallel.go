package growth

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/peer"
)

// cores measures as many visitors at once as there are cores, each with a session of their own.
func (p Plan) cores() ([]Figure, error) {
	f := Figure{"cores", chart.Lines{Title: "Changing one key, each of another session", X: "cores", Y: "requests a second"}}
	all := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(all)
	for _, who := range contestants {
		line := chart.Line{Name: who.Name}
		err := with(who, func(site *peer.Site) error {
			for n := 1; n <= all; n *= 2 {
				runtime.GOMAXPROCS(n)
				line.Points = append(line.Points, [2]float64{float64(n), p.rate(site, n)})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		f.Lines.Lines = append(f.Lines.Lines, line)
	}
	return []Figure{f}, nil
}

// rate is how many requests a second n visitors at once get answered.
func (p Plan) rate(site *peer.Site, n int) float64 {
	var wait sync.WaitGroup
	var sent atomic.Int64
	took := p.Batch * time.Duration(p.Rounds)
	start := time.Now()
	for range n {
		jar := peer.Jar{}
		site.Do("POST", "/fill?keys=10", jar)
		step := site.Repeat("POST", "/write", jar.Field())
		wait.Go(func() {
			for time.Since(start) < took {
				for range 100 {
					step()
				}
				sent.Add(100)
			}
		})
	}
	wait.Wait()
	return float64(sent.Load()) / time.Since(start).Seconds()
}

// contention measures requests that count in one session, more and more of them at once, on stores that take no time and some.
func (p Plan) contention() ([]Figure, error) {
	conflicts := Figure{"contention-conflicts", chart.Lines{
		Title: "Parallel requests on one session: conflicts", X: "requests at once", Y: "conflicts a request", LogX: true,
	}}
	latency := Figure{"contention-latency", chart.Lines{
		Title: "Parallel requests on one session: time", X: "requests at once", Y: "ms until the answer", LogX: true, LogY: true,
	}}
	for _, who := range peer.Signet {
		if who.Needs != "" || who.Store == "cookie" { // a cookie knows no conflicts
			continue
		}
		tries := chart.Line{Name: who.Store}
		p50, p99 := chart.Line{Name: who.Store + ", p50"}, chart.Line{Name: who.Store + ", p99"}
		err := with(who, func(site *peer.Site) error {
			var met atomic.Int64
			site.Watch(&met)
			for n := 1; n <= 256; n *= 4 {
				jar := peer.Jar{}
				site.Do("POST", "/fill?keys=10", jar)
				met.Store(0)
				times := atOnce(site, jar.Field(), n, max(1, 512/n))
				if err := counted(site, jar, len(times)); err != nil {
					return err
				}
				x := float64(n)
				tries.Points = append(tries.Points, [2]float64{x, float64(met.Load()) / float64(len(times))})
				p50.Points = append(p50.Points, [2]float64{x, times[len(times)/2].Seconds() * 1e3})
				p99.Points = append(p99.Points, [2]float64{x, times[len(times)*99/100].Seconds() * 1e3})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		conflicts.Lines.Lines = append(conflicts.Lines.Lines, tries)
		latency.Lines.Lines = append(latency.Lines.Lines, p50, p99)
	}
	return []Figure{conflicts, latency}, nil
}

// atOnce sends n requests at once, so many times each, and returns how long each took, in order.
func atOnce(site *peer.Site, cookie string, n, times int) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	ctx, begin := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for range n {
		step := site.Repeat("POST", "/visit", cookie)
		wait.Go(func() {
			<-ctx.Done() // all begin together
			for range times {
				start := time.Now()
				step()
				took := time.Since(start)
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
			}
		})
	}
	begin()
	wait.Wait()
	slices.Sort(all)
	return all
}

// counted makes sure that no count was lost: what is fast and wrong is no figure.
func counted(site *peer.Site, jar peer.Jar, n int) error {
	if got := site.Do("POST", "/visit", jar).Body; got != fmt.Sprint(n+1) {
		return fmt.Errorf("%d requests counted to %s", n, got)
	}
	return nil
}
