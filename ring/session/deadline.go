package session

import (
	"context"
	"sync"
	"time"
)

// deadline is a context that ends at a time. Unlike context.WithDeadline it starts nothing until somebody asks for
// Done, which a store in memory never does; so it costs such a request no allocation and no timer.
type deadline struct {
	parent  context.Context
	at      time.Time
	onlyAt  bool // the parent's end doesn't count
	asked   bool // Err has been asked
	mu      sync.Mutex
	real    context.Context
	release context.CancelFunc
}

// used reports whether somebody has a context that was derived from this one, and may still ask it: then it must not
// begin again.
func (d *deadline) used() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.real != nil
}

// start begins a new one, in the place of one that has ended and was not used.
func (d *deadline) start(parent context.Context, at time.Time, onlyAt bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parent, d.at, d.onlyAt = parent, at, onlyAt
	d.real, d.release, d.asked = nil, nil, false
}

func (d *deadline) Deadline() (time.Time, bool) {
	if at, ok := d.parent.Deadline(); ok && !d.onlyAt && at.Before(d.at) {
		return at, true
	}
	return d.at, true
}

func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.real == nil {
		parent := d.parent
		if d.onlyAt {
			parent = context.WithoutCancel(parent)
		}
		d.real, d.release = context.WithDeadline(parent, d.at)
	}
	return d.real.Done()
}

func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.real != nil {
		return d.real.Err()
	}
	if !d.onlyAt {
		if err := d.parent.Err(); err != nil {
			return err
		}
	}
	if !d.asked { // the first question comes at once, and looking at the clock costs as much as finding a session
		d.asked = true
		return nil
	}
	if !time.Now().Before(d.at) {
		return context.DeadlineExceeded
	}
	return nil
}

func (d *deadline) Value(key any) any { return d.parent.Value(key) }

// end frees the timer, if there is one.
func (d *deadline) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.release != nil {
		d.release()
	}
}
