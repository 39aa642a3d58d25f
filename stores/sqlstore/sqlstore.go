// Package sqlstore keeps sessions in a table of a SQL database, through database/sql and a driver of the caller's.
//
//	db, err := sql.Open("pgx", url)
//	…
//	store := sqlstore.New(db, sqlstore.Postgres(), sqlstore.Layout{})
//	if err := store.Migrate(ctx); err != nil {
//		…
//	}
//	app := session.Wrap(store, session.Options{})(handler)
//	go stores.SweepEvery(ctx, store, time.Minute)
//
// The modules stores/sqlite, stores/mysql and stores/postgres open what this package needs to be at its best, and are where
// most programs begin; this one is for a *sql.DB that is there already.
//
// What a driver must be told: for SQLite, to wait for locks, as mattn/go-sqlite3 does with
//
//	file:app.db?_journal_mode=WAL&_busy_timeout=5000&_synchronous=FULL&_txlock=immediate
//
// and a file, as each connection to :memory: has one of its own; for MySQL, timeouts (timeout, readTimeout, writeTimeout) and a
// strict sql_mode; for PostgreSQL nothing.
//
// A session is a row of six columns, whose names are the caller's to choose; further columns are never read nor written.
// A statement is one atomic step: a new session is inserted, a changed one updated where its version is still the one
// that the change was computed from. Nothing is upserted and no transaction is held. A statement that the server gives up in
// favour of another transaction, in a deadlock or by its isolation level, is sent again, up to ten times; for PostgreSQL the
// driver's errors need the method SQLState, as those of pgx and lib/pq have it. The owner is there to find rows by,
// times to sweep and touch by; all else is in the body, which holds hashes and no token, so that a copy of the
// table logs nobody in.
package sqlstore

import (
	"context"
	"database/sql"

	"github.com/signet-go/signet/stores"
)

// Store is a stores.Store in a SQL table. It is safe for concurrent use, by any number of processes.
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

// New makes a store of a table in db. It makes no call to the database; it panics if the layout has names that it can't
// use. See [NewTable] for what db should be.
func New(db *sql.DB, d Dialect, l Layout) *Store {
	return newStore(NewTable(db, d, l))
}

// Migrate makes the table and its indexes where they are missing; see [Table.Migrate].
func (s *Store) Migrate(ctx context.Context) error { return s.table.Migrate(ctx) }

// Close lets go of the prepared statements; see [Table.Close].
func (s *Store) Close() error { return s.table.Close() }
