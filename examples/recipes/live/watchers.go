package main

import (
	"context"
	"sync"

	"github.com/signet-go/signet/ring/session"
)

// watchers wakes those who follow a session when something has happened to it in this process. The zero value has
// none.
type watchers struct {
	mu sync.Mutex
	by map[any]map[chan struct{}]bool // by the handle of a session, and by its owner
}

// join returns a channel that receives after events of a session or its owner. Call leave in the end.
func (w *watchers) join(about session.Information) (wake <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[any]map[chan struct{}]bool{}
	}
	keys := []any{about.Handle, about.Owner}
	for _, key := range keys {
		if w.by[key] == nil {
			w.by[key] = map[chan struct{}]bool{}
		}
		w.by[key][c] = true
	}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, key := range keys {
			delete(w.by[key], c)
			if len(w.by[key]) == 0 {
				delete(w.by, key)
			}
		}
	}
}

// hear is for Options.OnEvent. The end of one session may come with its handle alone, that of all sessions of an
// owner with the owner alone.
func (w *watchers) hear(_ context.Context, e session.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range []any{e.Handle, e.Owner} {
		for c := range w.by[key] {
			select {
			case c <- struct{}{}:
			default: // it has not looked yet since the last one
			}
		}
	}
}
