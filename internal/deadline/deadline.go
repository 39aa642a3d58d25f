// Package deadline has a context that ends at a time and costs next to nothing until somebody waits for its end.
package deadline

import (
	"context"
	"math/bits"
	"sync/atomic"
	"time"
)

// A Context ends at a time. Unlike context.WithDeadline it starts nothing until somebody calls Done, which a store in
// memory never does, so such a request needs no allocation and no timer. A store may keep the context after its call has
// returned, in a goroutine for instance. So a Context starts once, and only its own methods write to it afterwards.
//
// The zero Context has not started. It must not be copied after Start or StartDetached.
type Context struct {
	parent   context.Context
	at       time.Time
	detached bool // the end of parent doesn't end this one
	asked    atomic.Bool
	real     atomic.Pointer[timed]
}

// timed is the context behind Done, from the first call of it.
type timed struct {
	context.Context
	release func()
}

// Start makes c a context that ends at the time at, or earlier with its parent. Call it once, before any other method.
func (c *Context) Start(parent context.Context, at time.Time) { c.parent, c.at = parent, at }

// StartDetached is like Start for a context that does not end with its parent, and only has the parent's values.
func (c *Context) StartDetached(parent context.Context, at time.Time) {
	c.parent, c.at, c.detached = parent, at, true
}

// End frees the timer, if there is one.
func (c *Context) End() {
	if t := c.real.Load(); t != nil {
		t.release()
	}
}

// Deadline implements context.Context.
func (c *Context) Deadline() (time.Time, bool) {
	if at, ok := c.parent.Deadline(); ok && !c.detached && at.Before(c.at) {
		return at, true
	}
	return c.at, true
}

// Done implements context.Context. Calls that end at about the same time share a timer, so the channel may be closed
// earlier than at the deadline, by up to a sixteenth of what was left when Done was called first.
func (c *Context) Done() <-chan struct{} {
	if t := c.real.Load(); t != nil {
		return t.Done()
	}
	if t := c.newTimed(); !c.real.CompareAndSwap(nil, t) {
		t.release() // another goroutine called Done at the same time
	}
	return c.real.Load().Done()
}

func (c *Context) newTimed() *timed {
	parent := c.parent
	if c.detached {
		parent = context.WithoutCancel(parent)
	}
	s := shared(c.at)
	switch {
	case s == nil:
		ctx, release := context.WithDeadline(parent, c.at)
		return &timed{ctx, release}
	case parent.Done() == nil:
		return s
	}
	ctx, release := context.WithCancel(s)
	stop := context.AfterFunc(parent, release)
	if parent.Err() != nil {
		release() // at once, without waiting for the goroutine of AfterFunc
	}
	return &timed{ctx, func() { stop(); release() }}
}

// Err implements context.Context.
func (c *Context) Err() error {
	if !c.detached {
		if err := c.parent.Err(); err != nil {
			return err
		}
	}
	if t := c.real.Load(); t != nil {
		return t.Err()
	}
	if !c.asked.Load() { // the first call comes right after the start; time.Now costs as much as finding a session
		c.asked.Store(true)
		return nil
	}
	if !time.Now().Before(c.at) {
		return context.DeadlineExceeded
	}
	return nil
}

// Value implements context.Context. Package context looks under a key of its own for the context behind Done. It finds
// that one here, so a context derived from this one is cancelled directly and needs no goroutine that waits for Done.
func (c *Context) Value(key any) any {
	if t := c.real.Load(); t != nil {
		if v := t.Value(key); v != nil {
			return v
		}
	}
	return c.parent.Value(key)
}

// A moment is a deadline shared by all calls that end at about the same time. A timer for each call would wake another
// thread each time to wait for it, which takes longer than a database needs to find a session.
type moment struct {
	timed
	after time.Duration // since began
}

var (
	began   = time.Now()
	moments [16]atomic.Pointer[moment]
)

// shared returns the context that ends at the time at, or earlier by up to a sixteenth of what is left until then. It returns
// nil if hardly any time is left, or if the clock is before the program's start: that is the clock of a testing/synctest
// bubble, whose channels can't be shared with goroutines outside.
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
