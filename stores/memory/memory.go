// Package memory keeps sessions in the memory of the process: for one process, for tests, and for a site that can
// live with losing its sessions when it crashes. [Store.Snapshot] and [Store.Restore] carry them over a planned restart.
//
//	store := memory.New()
//	app := session.Wrap(store, session.Options{})(handler)
//	go stores.SweepEvery(ctx, store, time.Minute)
//
// Bodies of sessions are shared and immutable: a load decodes and copies nothing. Each new session removes up to four sessions that have been
// expired for over a minute, so a store that nobody sweeps holds at most a few times as many as are alive. A sweep also removes
// them when no new sessions come.
package memory

import (
	"github.com/signet-go/signet/stores"
)

// Store is a stores.Store in memory. It is safe for concurrent use.
type Store struct {
	stores.Store
	stores.Owners
	stores.Sweeper
	stores.Iterable
	table *Table
}

func newStore(t *Table) *Store {
	s := stores.Keep(t)
	return &Store{s, s.(stores.Owners), s.(stores.Sweeper), s.(stores.Iterable), t}
}

// An Option changes what [New] makes.
type Option func(*Table)

// Max bounds the number of sessions. A new one that would be too many takes the place of the oldest anonymous session; where
// there is none, a new session with an owner takes the place of the oldest with an owner, and a new anonymous one is
// refused with [ErrFull]. So a flood of strangers logs nobody out. It panics unless n is positive. Without Max there is no bound.
func Max(n int) Option {
	if n <= 0 {
		panic("memory: Max must be positive")
	}
	return func(t *Table) { t.max = n }
}

// New makes an empty store. It starts no goroutine and needs no closing.
func New(options ...Option) *Store {
	return newStore(NewTable(options...))
}

// Len returns the number of sessions, expired ones that are still there included.
func (s *Store) Len() int { return s.table.Len() }

// Snapshot writes all sessions to a file; see [Table.Snapshot].
func (s *Store) Snapshot(path string) error { return s.table.Snapshot(path) }

// Restore adds the sessions of a file; see [Table.Restore].
func (s *Store) Restore(path string) (int, error) { return s.table.Restore(path) }
