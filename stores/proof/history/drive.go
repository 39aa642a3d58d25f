package history

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-go/signet/stores"
)

// A Plan is the part that one process has in a history.
type Plan struct {
	Seed     uint64
	Process  int
	Callers  int
	Calls    int // of each caller
	Records  int
	Deadline time.Duration // of each call
}

// clock is the same for all processes of a machine and never goes back.
func clock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// handle is the handle of one record of a history.
func handle(seed uint64, record int) stores.Handle {
	var h stores.Handle
	r := rand.New(rand.NewPCG(seed, uint64(record)))
	for i := range h {
		h[i] = byte(r.Uint32())
	}
	h[0] = byte(seed) // the memory store keeps all records of a history in one shard, where an insert may remove another record
	return h
}

// Drive makes the calls of a plan, all callers at once, and returns what they saw.
func Drive(table stores.Table, p Plan) []Operation {
	seen := make([][]Operation, p.Callers)
	var all sync.WaitGroup
	for c := range p.Callers {
		all.Go(func() { seen[c] = drive(table, p, c) })
	}
	all.Wait()
	var ops []Operation
	for _, s := range seen {
		ops = append(ops, s...)
	}
	return ops
}

// base is when records of histories expire at the earliest: an engine that expires by its own clock leaves them alone, and
// Sweep is called with times of the far future.
var base = time.Now().Add(24 * time.Hour).Truncate(time.Hour).UnixMicro()

func drive(table stores.Table, p Plan, caller int) []Operation {
	r := rand.New(rand.NewPCG(p.Seed, uint64(p.Process)<<32|uint64(caller)))
	known := make([]uint64, p.Records) // versions as this caller last saw them
	var ops []Operation
	for range p.Calls {
		o := Operation{Process: p.Process, Caller: caller, Record: r.IntN(p.Records)}
		o.choose(r, known[o.Record])
		if _, can := table.(stores.Sweeper); o.Kind == Sweep && !can {
			o.Kind = Delete
		}
		h := handle(p.Seed, o.Record)
		ctx, cancel := context.WithTimeout(context.Background(), p.Deadline)
		o.Call = clock()
		o.do(ctx, table, h)
		o.Return = clock()
		cancel()
		switch {
		case o.Kind == Load && o.Answer != Unknown, o.Kind == Save && o.Answer == OK:
			known[o.Record] = o.Version
		case o.Answer == NotFound, o.Kind == Delete:
			known[o.Record] = 0
		}
		ops = append(ops, o.seen(p.Records)...)
	}
	return ops
}

// seen returns a call as each of so many records sees it. All see a sweep, and an insert of one may be a sweep to the others.
func (o Operation) seen(records int) []Operation {
	var ops []Operation
	if o.Kind != Sweep {
		ops = append(ops, o)
	}
	before, sweeps := o.sweeps()
	for n := range records {
		if sweeps && (o.Kind == Sweep || n != o.Record) {
			s := o
			s.Kind, s.Record, s.Expires = Sweep, n, before
			ops = append(ops, s)
		}
	}
	return ops
}

// sweeps reports whether a call may remove what has been expired for over a minute, and when that expired at the latest. Sweep may,
// and an insert unless it was refused.
func (o Operation) sweeps() (before int64, may bool) {
	switch {
	case o.Kind == Sweep:
		return o.Expires, true
	case o.Kind == Save && o.Seen == 0 && (o.Answer == OK || o.Answer == Unknown):
		return o.record().Seen.Add(-time.Minute).UnixMicro(), true
	}
	return 0, false
}

// choose draws a call. Half of all records expire in the first two hours after base, which is what sweeps take.
func (o *Operation) choose(r *rand.Rand, known uint64) {
	expires := func() int64 { return base + int64(r.IntN(4))*time.Hour.Microseconds() }
	switch n := r.IntN(100); {
	case n < 30:
		o.Kind = Load
	case n < 75:
		o.Kind, o.Seen, o.Version, o.Expires = Save, known, r.Uint64()|1, expires()
		o.Content, o.Renewed = 2*o.Version, r.IntN(4) == 0
	case n < 87:
		o.Kind, o.Seen, o.Expires = Touch, known, expires()
	case n < 95:
		o.Kind = Delete
	default:
		o.Kind, o.Expires = Sweep, base+2*time.Hour.Microseconds()
	}
}
