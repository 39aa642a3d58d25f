// Package postgres keeps sessions in a table of PostgreSQL, through pgx and its pool.
//
//	pool, err := pgxpool.New(ctx, "postgres://localhost/app?pool_max_conns=32")
//	…
//	store := postgres.New(pool, sqlstore.Layout{})
//	if err := store.Migrate(ctx); err != nil {
//		…
//	}
//	app := session.Wrap(store, session.Options{})(handler)
//	go stores.SweepEvery(ctx, store, time.Minute)
//
// Every call is one statement in one round trip. The table and its columns may have other names and further
// columns, see [sqlstore.Layout]; with a schema they are called "auth.sessions". A program that has only a *sql.DB
// uses sqlstore with sqlstore.Postgres(), which sends the same statements.
//
// Any isolation level will do as the default of the server, database or connection. From repeatable read on, the server gives up
// a statement that comes upon another one's change, and the statement is sent again. So it is in databases of the same
// protocol that are always serializable.
//
// A pool has by default as many connections as there are processors, at least four; requests that are served at once wait for each
// other where that is too few. Behind PgBouncer in transaction mode set default_query_exec_mode=exec.
//
// What is acknowledged survives a crash as synchronous_commit says: with off, the last moments may be lost, a log-out
// among them. An unlogged table ([sqlstore.Layout]) is emptied by a crash: everybody is logged out. A standby that
// takes over has what was replicated to it; only synchronous replication loses nothing.
package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// Store is a stores.Store in PostgreSQL. It is safe for concurrent use, by any number of processes.
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

// New makes a store of a table in the pool's database. It makes no call; it panics if the layout has names that it can't use.
// The pool stays the caller's, to close after the last request.
func New(pool *pgxpool.Pool, l sqlstore.Layout) *Store {
	return newStore(NewTable(pool, l))
}

// Migrate makes the table and its indexes where they are missing; see [Table.Migrate].
func (s *Store) Migrate(ctx context.Context) error { return s.table.Migrate(ctx) }
