package session

import (
	"context"
	"sync/atomic"
	"time"
)

// deadline is a context that ends at a time. Unlike context.WithDeadline it starts nothing until somebody asks for
// Done, which a store in memory never does; so it costs such a request no allocation and no timer.
type deadline struct {
	parent context.Context
	at     time.Time
	onlyAt bool // the parent's end doesn't count
	asked  atomic.Bool
	real   atomic.Pointer[timed]
}

// timed is the context that there is once somebody has asked for Done.
type timed struct {
	context.Context
	release context.CancelFunc
}

// used reports whether somebody has a context that was derived from this one, and may still ask it: then it must not
// begin again.
func (d *deadline) used() bool { return d.real.Load() != nil }

// start begins a new one, in the place of one that has ended and was not used.
func (d *deadline) start(parent context.Context, at time.Time, onlyAt bool) {
	d.parent, d.at, d.onlyAt = parent, at, onlyAt
	d.asked.Store(false)
}

// end frees the timer, if there is one.
func (d *deadline) end() {
	if t := d.real.Load(); t != nil {
		t.release()
	}
}

func (d *deadline) Deadline() (time.Time, bool) {
	if at, ok := d.parent.Deadline(); ok && !d.onlyAt && at.Before(d.at) {
		return at, true
	}
	return d.at, true
}

func (d *deadline) Done() <-chan struct{} {
	if t := d.real.Load(); t != nil {
		return t.Done()
	}
	parent := d.parent
	if d.onlyAt {
		parent = context.WithoutCancel(parent)
	}
	ctx, release := context.WithDeadline(parent, d.at)
	if !d.real.CompareAndSwap(nil, &timed{ctx, release}) {
		release() // somebody else has asked at the same time
	}
	return d.real.Load().Done()
}

func (d *deadline) Err() error {
	if t := d.real.Load(); t != nil {
		return t.Err()
	}
	if !d.onlyAt {
		if err := d.parent.Err(); err != nil {
			return err
		}
	}
	if !d.asked.Load() { // the first question comes at once, and looking at the clock costs as much as finding a session
		d.asked.Store(true)
		return nil
	}
	if !time.Now().Before(d.at) {
		return context.DeadlineExceeded
	}
	return nil
}

// Value also tells package context, by a key of its own, which context Done is of; so what is derived from this one is told of
// its end by that one, and not by a goroutine that waits for it.
func (d *deadline) Value(key any) any {
	if t := d.real.Load(); t != nil {
		return t.Value(key)
	}
	return d.parent.Value(key)
}
