package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// soaking is how long the mixed load runs.
func soaking(t *testing.T) time.Duration {
	t.Helper()
	if s := os.Getenv("SIGNET_PROVE_SOAK"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatalf("SIGNET_PROVE_SOAK: %v", err)
		}
		return d
	}
	switch {
	case isLong():
		return 30 * time.Minute
	case testing.Short():
		return 3 * time.Second
	}
	return 15 * time.Second
}

// A long mixed load with faults in between, on several stores at once: no answer is wrong, and the process doesn't grow.
func TestAMixedLoadGetsNoWrongAnswerAndLeaksNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	loads := startLoads(t)
	limit := soaking(t)
	time.Sleep(limit / 3) // the load itself
	early := weigh()
	time.Sleep(limit - limit/3)
	late := weigh()
	for _, l := range loads {
		until(t, l.name+" has answered", func() bool { return l.answered.Load() >= 10 })
		l.stop(t)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	t.Logf("after a third %v, in the end %v", early, late)
	if late.heap > early.heap+early.heap*3/10+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", early.heap, late.heap)
	}
	if late.goroutines > early.goroutines+50 {
		t.Errorf("goroutines went from %d to %d", early.goroutines, late.goroutines)
	}
}

type weight struct {
	heap       uint64
	goroutines int
}

func weigh() weight {
	runtime.GC()
	runtime.GC() // what has finalizers is gone now
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return weight{m.HeapAlloc, runtime.NumGoroutine()}
}

// A mixed load is what some visitors do on one store.
type mixedLoad struct {
	name     string
	visitors []*visit
	ended    atomic.Bool
	answered atomic.Int64
	days     atomic.Int64 // by which its clock is ahead
	open     sync.RWMutex // held for reading during each request
	running  sync.WaitGroup
	after    []func() error
}

const visitors = 4 // on each store

// now is the load's clock.
func (l *mixedLoad) now() time.Time { return time.Now().AddDate(0, 0, int(l.days.Load())) }

// nextDay begins a new day between two requests. The sessions of the day before have expired, so that a sweep takes them, and all visitors
// come back as somebody new. During a day none expires, however slow the machine is.
func (l *mixedLoad) nextDay() {
	l.open.Lock()
	defer l.open.Unlock()
	l.days.Add(1)
	for _, v := range l.visitors {
		v.begin()
	}
}

// step lets a visitor make a request.
func (l *mixedLoad) step(v *visit) {
	l.open.RLock()
	defer l.open.RUnlock()
	failed := v.failed
	if v.step(); v.failed == failed {
		l.answered.Add(1)
	}
}

func startLoads(t *testing.T) (loads []*mixedLoad) {
	for _, name := range []string{"memory", "SQLite", "PostgreSQL", "Redis"} {
		e := engine.Named(name)
		if e.Variable != "" && os.Getenv(e.Variable) == "" && !required() {
			t.Logf("%s is left out: %s is not set", name, e.Variable)
			continue
		}
		l := &mixedLoad{name: name}
		where, space := e.Where(t), engine.Space()
		there, proxy := where, (*Proxy)(nil)
		if e.Variable != "" {
			there, proxy = through(t, e, where)
		}
		table, closeTable, err := e.Connect(t.Context(), there, space)
		if err != nil {
			t.Fatal(err)
		}
		if proxy == nil {
			table = lossy{table}
		} else {
			l.every(time.Second, proxy.Cut)
		}
		if s, can := table.(stores.Sweeper); can {
			l.every(300*time.Millisecond, func() { _, _ = s.Sweep(context.Background(), l.now().Add(time.Minute)) })
		}
		s := newSite(table, 2*time.Second, func(o *session.Options) {
			o.Now, o.Idle, o.TouchEvery = l.now, 12*time.Hour, time.Second
		})
		for range visitors {
			v := &visit{site: s}
			v.begin()
			l.visitors = append(l.visitors, v)
		}
		l.every(5*time.Second, l.nextDay)
		for _, v := range l.visitors {
			l.running.Go(func() {
				for !l.ended.Load() {
					l.step(v)
					time.Sleep(time.Millisecond) // no store is to have the machine for itself
				}
			})
		}
		l.after = append(l.after, closeTable, func() error {
			if proxy != nil {
				proxy.Close()
			}
			return e.Clear(context.Background(), where, space)
		})
		loads = append(loads, l)
	}
	return loads
}

// every does something again and again until the load ends.
func (l *mixedLoad) every(interval time.Duration, do func()) {
	l.running.Go(func() {
		for !l.ended.Load() {
			time.Sleep(interval) // a rhythm, nothing that a test waits for
			do()
		}
	})
}

// stop ends the load and reports what went wrong.
func (l *mixedLoad) stop(t *testing.T) {
	l.ended.Store(true)
	l.running.Wait()
	for _, f := range l.after {
		if err := f(); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
	asked, failed := 0, 0
	for _, v := range l.visitors {
		asked, failed = asked+v.asked, failed+v.failed
		for i, w := range v.wrong {
			if i == 5 {
				break
			}
			t.Errorf("%s: %s", l.name, w)
		}
	}
	t.Logf("%s: %d requests, %d of them failed", l.name, asked, failed)
}

// A forgetful table loses one save in fifty.
type forgetful struct{ stores.Table }

func (f forgetful) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if rand.IntN(50) == 0 {
		return nil
	}
	return f.Table.Save(ctx, h, expected, row)
}

func TestTheMixedLoadNoticesAStoreThatForgets(t *testing.T) {
	v := &visit{site: newSite(forgetful{engine.Named("memory").Open(t)}, time.Minute)}
	v.begin()
	for range 5000 {
		v.step()
	}
	if len(v.wrong) == 0 {
		t.Error("a save in fifty was lost, and no answer was found wrong")
	}
}

var errLossy = errors.New("the connection was lost")

// A lossy table loses one call in two hundred, and one answer in two hundred.
type lossy struct{ stores.Table }

func losing(call func() error) error {
	n := rand.IntN(200)
	if n == 0 {
		return errLossy
	}
	if err := call(); err != nil || n > 1 {
		return err
	}
	return errLossy
}

func (l lossy) Load(_ context.Context, h stores.Handle) (row stores.Row, err error) {
	err = losing(func() error {
		row, err = l.Table.Load(context.Background(), h)
		return err
	})
	return row, err
}

func (l lossy) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	return losing(func() error { return l.Table.Save(ctx, h, expected, row) })
}

func (l lossy) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return losing(func() error { return l.Table.Touch(ctx, h, version, seen, expires) })
}

func (l lossy) Delete(ctx context.Context, h stores.Handle) error {
	return losing(func() error { return l.Table.Delete(ctx, h) })
}

func (l lossy) Sweep(ctx context.Context, now time.Time) (int, error) {
	return l.Table.(stores.Sweeper).Sweep(ctx, now)
}
