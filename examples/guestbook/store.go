package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// stores are the values of -store.
const stores = "memory"

// A store is where the guest book keeps sessions.
type store struct {
	sessions
	keeps    string       // for the footer: how long things last
	snapshot func() error // called after the last request
}

// sessions is what the guest book asks of a store: sessions, found by their owner too.
type sessions interface {
	session.Store
	session.Lister
	DeleteOwned(ctx context.Context, owner string, except ...session.Handle) (int, error)
}

// openStore opens a store by the name that -store has for it.
func openStore(kind, snapshot string) (store, error) {
	switch kind {
	case "memory":
		return openMemory(snapshot)
	}
	return store{}, usageError{fmt.Errorf("there is no -store %q; there is: %s", kind, stores)}
}

// maxSessions is far more than this book will see; a flood of visitors without cookies ends here, and not the process.
const maxSessions = 100_000

func openMemory(snapshot string) (store, error) {
	mem := memory.New(memory.Max(maxSessions))
	s := store{
		sessions: mem,
		keeps:    "Sessions and entries are kept in memory: when this program stops, they are gone.",
		snapshot: func() error { return nil },
	}
	if snapshot == "" {
		return s, nil
	}
	s.keeps = "Sessions and entries are kept in memory, and in a file over a planned restart. A crash forgets what came since the last one."
	s.snapshot = func() error { return mem.Snapshot(snapshot) }
	if _, err := mem.Restore(snapshot); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return store{}, err
	}
	return s, nil
}
