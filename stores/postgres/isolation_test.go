package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

// stricter are the isolation levels under which the server gives up a statement that comes upon another one's change,
// instead of looking at the row again. Some databases that speak PostgreSQL's protocol have no other.
var stricter = []string{"repeatable read", "serializable"}

func isolated(level string) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["default_transaction_isolation"] = level }
}

// tables calls f with a table over pgx and one over database/sql, for each of the levels.
func tables(t *testing.T, f func(*testing.T, stores.Table, *pgxpool.Pool)) {
	for _, level := range stricter {
		t.Run(level, func(t *testing.T) {
			table := migrated(t, sqlstore.Layout{}, isolated(level))
			f(t, table, table.pool)
		})
		t.Run(level+" through database/sql", func(t *testing.T) {
			p := pool(t, isolated(level))
			db := stdlib.OpenDBFromPool(p)
			t.Cleanup(func() { _ = db.Close() })
			table := sqlstore.NewTable(db, sqlstore.Postgres(), sqlstore.Layout{})
			t.Cleanup(func() { _ = table.Close() })
			if err := table.Migrate(context.Background()); err != nil {
				t.Fatal(err)
			}
			f(t, table, p)
		})
	}
}

func TestLawsUnderAStricterIsolation(t *testing.T) {
	tables(t, func(t *testing.T, table stores.Table, _ *pgxpool.Pool) {
		storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Short())
	})
}

// A call that waits for another transaction says what it would have said after it.
func TestT2_ACallThatIsGivenUpInFavourOfAnotherTransactionIsMadeAgain(t *testing.T) {
	ctx := context.Background()
	rec := record()
	next := rec
	next.Version = 8
	for _, c := range []struct {
		name  string
		other string // what the other transaction does to the row
		call  func(stores.Table, stores.Handle) error
		want  error
		left  uint64 // the version that there is afterwards, 0 for none
	}{
		{"a save beside a save", "UPDATE sessions SET version = 99 WHERE handle = $1", func(t stores.Table, h stores.Handle) error { return t.Save(ctx, h, 7, next.Row()) }, stores.ErrConflict, 99},
		{"a save beside a touch", "UPDATE sessions SET seen = seen + 1 WHERE handle = $1", func(t stores.Table, h stores.Handle) error { return t.Save(ctx, h, 7, next.Row()) }, nil, 8},
		{"a save beside a delete", "DELETE FROM sessions WHERE handle = $1", func(t stores.Table, h stores.Handle) error { return t.Save(ctx, h, 7, next.Row()) }, stores.ErrNotFound, 0},
		{"a touch beside a save", "UPDATE sessions SET version = 99 WHERE handle = $1", func(t stores.Table, h stores.Handle) error {
			return t.Touch(ctx, h, 7, rec.Seen, rec.Expires.Add(time.Hour))
		}, nil, 99},
		{"a delete beside a save", "UPDATE sessions SET version = 99 WHERE handle = $1", func(t stores.Table, h stores.Handle) error { return t.Delete(ctx, h) }, nil, 0},
		{"a delete beside a delete", "DELETE FROM sessions WHERE handle = $1", func(t stores.Table, h stores.Handle) error { return t.Delete(ctx, h) }, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tables(t, func(t *testing.T, table stores.Table, p *pgxpool.Pool) {
				h := handle()
				if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
					t.Fatal(err)
				}
				said := make(chan error, 1)
				beside(t, p, c.other, h.String(), func() { said <- c.call(table, h) })
				select {
				case err := <-said:
					if !errors.Is(err, c.want) {
						t.Errorf("it says %v; want %v", err, c.want)
					}
				case <-time.After(patience):
					t.Fatalf("nothing after %v", patience)
				}
				got, err := table.Load(ctx, h)
				if c.left == 0 && !errors.Is(err, stores.ErrNotFound) || c.left != 0 && got.Version != c.left {
					t.Errorf("there is version %d, %v; want %d", got.Version, err, c.left)
				}
			})
		})
	}
}

// patience ends a test that would wait without end. It is far longer than anything takes, on whatever machine.
const patience = 10 * time.Minute

// beside executes a statement in a transaction, begins a call, and commits when the call waits for that.
func beside(t *testing.T, p *pgxpool.Pool, statement, handle string, call func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := pgx.BeginFunc(ctx, p, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, statement, handle); err != nil {
			return err
		}
		go call()
		for waiting := 0; waiting == 0; {
			err := p.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", tx.Conn().PgConn().PID()).Scan(&waiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
