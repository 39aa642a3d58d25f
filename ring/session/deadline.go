package session

import (
	"context"
	"math/bits"
	"sync/atomic"
	"time"
)

// deadline is a context that ends at a time. Unlike context.WithDeadline it starts nothing until somebody asks for
// Done, which a store in memory never does; so it costs such a request no allocation and no timer. A store may keep it after
// its call has returned, in a goroutine for instance: so it begins once, and is never written to again but by its own methods.
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
	release func()
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
	if t := d.begin(); !d.real.CompareAndSwap(nil, t) {
		t.release() // somebody else has asked at the same time
	}
	return d.real.Load().Done()
}

// begin makes the context that Done is of.
func (d *deadline) begin() *timed {
	parent := d.parent
	if d.onlyAt {
		parent = context.WithoutCancel(parent)
	}
	s := shared(d.at)
	switch {
	case s == nil:
		ctx, release := context.WithDeadline(parent, d.at)
		return &timed{ctx, release}
	case parent.Done() == nil:
		return s
	}
	ctx, release := context.WithCancel(s)
	stop := context.AfterFunc(parent, release)
	if parent.Err() != nil {
		release() // at once, and not when the goroutine of AfterFunc comes to it
	}
	return &timed{ctx, func() { stop(); release() }}
}

func (d *deadline) Err() error {
	if !d.onlyAt {
		if err := d.parent.Err(); err != nil {
			return err
		}
	}
	if t := d.real.Load(); t != nil {
		return t.Err()
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

// Value also tells package context, by a key of its own, which context Done is of: so what is derived from this one is told of
// its end by that one, and not by a goroutine that waits for it.
func (d *deadline) Value(key any) any {
	if t := d.real.Load(); t != nil {
		if v := t.Value(key); v != nil {
			return v
		}
	}
	return d.parent.Value(key)
}

// A moment is the end of all calls that end at about the same time. Each with a timer of its own would wake another thread
// each time, to wait for that timer, which takes longer than a database does to find a session.
type moment struct {
	timed
	after time.Duration // since the program began
}

var (
	began   = time.Now()
	moments [16]atomic.Pointer[moment]
)

// shared returns the context that ends at the time at or earlier, by up to a sixteenth of what is left until then. It returns nil if there
// is hardly any time left, or if the clock is before the program's beginning: that is the one of a testing/synctest bubble, whose
// channels can't be shared with what is outside.
func shared(at time.Time) *timed {
	now := time.Now()
	left := at.Sub(now)
	if left < time.Millisecond || now.Unix() < began.Unix() {
		return nil
	}
	grain := time.Duration(1) << (bits.Len64(uint64(left)) - 5)
	after := at.Sub(began) &^ (grain - 1)
	place := &moments[uint64(after/grain)%uint64(len(moments))]
	if m := place.Load(); m != nil && m.after == after {
		return &m.timed
	}
	ctx, release := context.WithDeadline(context.Background(), began.Add(after))
	context.AfterFunc(ctx, release)
	m := &moment{timed{ctx, func() {}}, after}
	place.Store(m)
	return &m.timed
}
