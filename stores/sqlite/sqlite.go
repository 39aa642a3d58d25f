// Package sqlite keeps sessions in a file, through SQLite in pure Go (modernc.org/sqlite).
//
//	store, err := sqlite.Open("sessions.db", sqlstore.Layout{})
//	if err != nil {
//		…
//	}
//	defer store.Close()
//	if err := store.Migrate(ctx); err != nil {
//		…
//	}
//	app := session.Wrap(store, session.Options{})(handler)
//	go stores.SweepEvery(ctx, store, time.Minute)
//
// Any number of goroutines, and several processes of one machine, may use one file. It is in write-ahead mode, so reading and
// writing don't wait for each other. All writing of a process goes through one connection, and what has queued up while
// one transaction was on its way to the disk goes into the next one together: under load, many sessions share one
// flush. So nothing is traded for speed: what is acknowledged survives a loss of power (synchronous=FULL).
//
// The file may be one that holds other tables too, with a table of one's own layout (see [sqlstore.Layout]). Beside it
// SQLite keeps two files whose names end in -wal and -shm; copy them together, or with VACUUM INTO. The file must be on
// a local disk, not on a network's.
//
// A program that has a *sql.DB of another driver uses sqlstore with sqlstore.SQLite() and pays a flush for each
// write.
package sqlite

import (
	"context"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Store is a stores.Store in a file of SQLite. It is safe for concurrent use, beside other processes too.
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

// Open opens the file for a store; see [OpenTable].
func Open(path string, l sqlstore.Layout) (*Store, error) {
	t, err := OpenTable(path, l)
	if err != nil {
		return nil, err
	}
	return newStore(t), nil
}

// Migrate makes the table and its indexes where they are missing, and fails if a table of that name lacks a column. It may
// be called at every start, by several processes at once.
func (s *Store) Migrate(ctx context.Context) error { return s.table.Migrate(ctx) }

// Close waits for the writes that are queued and closes the file. Whatever is called later fails. Closing again does
// nothing.
func (s *Store) Close() error { return s.table.Close() }
