// Package cost measures what one request costs in process: no sockets, one goroutine, a response writer that allocates nothing.
package cost

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/signet-go/signet/bench/internal/stat"
)

// A Cost is that of one request, averaged over a batch of them.
type Cost struct {
	Nanos  float64 `json:"ns"`     // on the clock
	CPU    float64 `json:"cpu_ns"` // of the whole process
	Bytes  float64 `json:"bytes"`  // allocated
	Allocs float64 `json:"allocs"` // rounded down, as go test does: growing a map now and then is nobody's allocation
}

// of runs step n times.
func of(step func(), n int) Cost {
	var before, after runtime.MemStats
	runtime.GC() // what the peer before has left is not this one's
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	start := time.Now()
	for range n {
		step()
	}
	took := time.Since(start)
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	per := func(x float64) float64 { return x / float64(n) }
	return Cost{
		Nanos: per(float64(took)), CPU: per(float64(cpu)),
		Bytes:  per(float64(after.TotalAlloc - before.TotalAlloc)),
		Allocs: float64((after.Mallocs - before.Mallocs) / uint64(n)),
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// size finds how often step has to run to fill the given time.
func size(step func(), fill time.Duration) int {
	for n := 1; ; n *= 4 {
		start := time.Now()
		for range n {
			step()
		}
		if took := time.Since(start); took > fill/10 {
			return max(10, int(float64(n)*float64(fill)/float64(took)))
		}
	}
}

// uncollected keeps the garbage collector from running by itself until the function that it returns is called. Whether a
// collection falls into a batch is chance, and then it takes as long as the heap of all contestants is large; and in between
// the runtime would give memory back that the next batch takes again. Bytes and allocations tell what the collector would have to do.
func uncollected() (restore func()) {
	before := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(before) }
}

// Nanos is the time of a step on the clock: the middle of some batches.
func Nanos(step func(), batch time.Duration, rounds int) float64 {
	defer uncollected()()
	n := size(step, batch)
	var all []Cost
	for range rounds {
		all = append(all, of(step, n))
	}
	return stat.Median(all, nanos)
}
