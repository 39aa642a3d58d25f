// Package sqltest tests the stores of database/sql, each by the same tests: those of storetest, and those of what only
// a database that several processes work on can do wrong.
package sqltest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

// A Table is what an Engine opens.
type Table interface {
	stores.Table
	stores.Lister
	stores.Sweeper
	Migrate(context.Context) error
	Close() error
}

// An Engine is a database as the tests need it. A place is where one is found: a path, or a DSN.
type Engine struct {
	// Place makes an empty database, until the test ends.
	Place func(t testing.TB) (place string)
	// Open opens the table of a place.
	Open func(place string, l sqlstore.Layout) (Table, error)
	// DB opens a place by other means than the store's.
	DB func(place string) (*sql.DB, error)
	// Table makes the table of somebody who had it before sessions were kept in it, with OwnLayout and the further
	// columns note, which is 'ours' by default, and made, which is a time.
	Table string
	// Fill inserts as many rows as its first parameter says, that expired at the second one.
	Fill func(t testing.TB, db *sql.DB, rows int, expired int64)
	// Lock keeps writers waiting until it is called off.
	Lock func(t testing.TB, db *sql.DB) (unlock func())
	// Writer makes a table that writes through a Writer, which hands on to next what it leaves as it is.
	Writer func(t testing.TB, place string, around func(next sqlstore.Writer) sqlstore.Writer) stores.Table
}

// OwnLayout is of names that need care.
var OwnLayout = sqlstore.Layout{
	Table: "User Sessions", Handle: "id", Version: "select", Owner: "user", Seen: "lastSeen", Expires: "till?", Body: "Blöb",
}

// Run tests an engine. Its package's TestMain calls [Main].
func Run(t *testing.T, e Engine) {
	for _, part := range []struct {
		claim string
		check func(*testing.T, Engine)
	}{
		{"laws", laws},
		{"laws in a table of one's own", lawsInOwnTable},
		{"T1 what can't be read is an error, is listed and can be deleted", unreadable},
		{"T2 a table where handles are not unique is refused", notUnique},
		{"T2 what else is unique is no conflict", alsoUnique},
		{"T2 a broken statement is found out", brokenStatements},
		{"T4 a sweep lets others in between its steps", sweepLetsOthersIn},
		{"T4 a sweep leaves room for others", sweepWhileServing},
		{"T6 a call ends with its context", callsThatWait},
		{"T6 a table that is missing is a failure", missing},
		{"a table of other columns is refused", otherColumns},
		{"two processes migrate at once", migrateAtOnce},
		{"what was acknowledged before a kill is there", killed},
	} {
		t.Run(part.claim, func(t *testing.T) { part.check(t, e) })
	}
}

var ctx = context.Background()

// patience ends a test that would wait without end. It is far longer than anything takes, on whatever machine.
const patience = 10 * time.Minute

// Opened opens the table of a place, until the test ends.
func (e Engine) Opened(t testing.TB, place string, l sqlstore.Layout) Table {
	t.Helper()
	table, err := e.Open(place, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	return table
}

// fresh gives a table in a place of its own.
func (e Engine) fresh(t testing.TB) (table Table, place string, db *sql.DB) {
	t.Helper()
	place = e.Place(t)
	table = e.Opened(t, place, sqlstore.Layout{})
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return table, place, e.beside(t, place)
}

func (e Engine) beside(t testing.TB, place string) *sql.DB {
	t.Helper()
	db, err := e.DB(place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func laws(t *testing.T, e Engine) {
	table, _, _ := e.fresh(t)
	storetest.Run(t, func(*testing.T) stores.Table { return table })
}

func lawsInOwnTable(t *testing.T, e Engine) {
	place := e.Place(t)
	db := e.beside(t, place)
	execute(t, db, e.Table)
	table := e.Opened(t, place, OwnLayout)
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Short())
	insert(t, table, Record(1, "ann"))
	name := strings.NewReplacer("'", e.quote())
	var all, touched int
	err := db.QueryRow(name.Replace(`SELECT count(*), count(CASE WHEN note <> "ours" OR made IS NULL THEN 1 END) FROM 'User Sessions'`)).Scan(&all, &touched)
	if err != nil || all == 0 || touched != 0 {
		t.Errorf("of %d rows %d have other columns touched, %v", all, touched, err)
	}
}

// quote is the quotation mark of names, as Table uses it.
func (e Engine) quote() string {
	i := strings.Index(e.Table, "User Sessions")
	return e.Table[i-1 : i]
}

// Record gives a record of some keys that lives for half an hour, about 300 bytes.
func Record(version uint64, owner string) stores.Record {
	s := session.Session{}
	for _, k := range []session.Key[string]{"theme", "name", "place", "language", "currency", "last", "first", "zone"} {
		s = k.Set(s, "what somebody chose")
	}
	now := time.Now().Truncate(time.Microsecond)
	return stores.Record{
		Data: s.Data(), Version: version, Verifier: [32]byte{1}, Owner: owner,
		Created: now, Seen: now, Expires: now.Add(30 * time.Minute),
	}
}

// Handle draws one.
func Handle() (h stores.Handle) {
	_, _ = rand.Read(h[:])
	return h
}

func insert(t testing.TB, table stores.Table, rec stores.Record) stores.Handle {
	t.Helper()
	h := Handle()
	if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
		t.Fatal(err)
	}
	return h
}
