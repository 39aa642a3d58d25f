package sqltest

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// isAnswer reports whether an error says something about a session, other than that the table failed.
func isAnswer(err error) bool {
	return errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict)
}

func unreadable(t *testing.T, e Engine) {
	table, _, db := e.fresh(t)
	good := Record(1, owner).Row().Body.Bytes()
	newer := bytes.Clone(good)
	newer[0]++
	for name, b := range map[string][]byte{
		"nothing":                      {},
		"no session":                   append(good[:1:1], "\xdd\xff\xff\xff\xff"...),
		"half of one":                  good[:len(good)/2],
		"one with something behind it": append(bytes.Clone(good), 0),
		"a newer format":               newer,
		"a page":                       []byte("<html>"),
		"a damaged first byte":         append([]byte{0x81}, good[1:]...),
		"very long":                    append(good[:1:1], bytes.Repeat([]byte{0x91}, 1<<20)...),
	} {
		t.Run(name, func(t *testing.T) {
			h := insert(t, table, Record(1, owner))
			execute(t, db, "UPDATE sessions SET body = ? WHERE handle = ?", b, h.String())
			if err := read(table, h); err == nil || isAnswer(err) {
				t.Errorf("load: %v; want a failure", err)
			} else if newer := name == "a newer format"; errors.Is(err, stores.ErrNewerFormat) != newer || errors.Is(err, stores.ErrUndecodable) == newer {
				t.Errorf("load: %v; want the error of a newer format to be %v", err, newer)
			}
			recs, err := table.List(ctx, owner)
			if err != nil || len(recs) != 1 || recs[0].Handle != h || recs[0].Owner != owner {
				t.Errorf("listed %d, %v; want the one", len(recs), err)
			}
			if n, err := stores.Keep(table).(stores.Owners).DeleteOwned(ctx, owner); n != 1 || err != nil {
				t.Errorf("deleted %d, %v", n, err)
			}
			if _, err := table.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
				t.Errorf("load of what was deleted: %v", err)
			}
		})
	}
	t.Run("a column that holds nothing", func(t *testing.T) {
		table, place := e.own(t, " NOT NULL", "")
		db := e.beside(t, place)
		name := strings.NewReplacer("'", e.quote())
		for _, column := range []string{OwnLayout.Version, OwnLayout.Seen, OwnLayout.Expires, OwnLayout.Body} {
			damaged, whole := insert(t, table, Record(1, owner)), insert(t, table, Record(1, owner))
			execute(t, db, name.Replace("UPDATE 'User Sessions' SET '"+column+"' = NULL WHERE 'id' = ?"), damaged.String())
			if err := read(table, damaged); !errors.Is(err, stores.ErrUndecodable) {
				t.Errorf("%s, load: %v; want ErrUndecodable", column, err)
			}
			if err := read(table, whole); err != nil {
				t.Errorf("%s, load of another one: %v", column, err)
			}
			if recs, err := table.List(ctx, owner); err != nil || len(recs) != 2 {
				t.Errorf("%s: listed %d, %v; want both", column, len(recs), err)
			}
			if n, err := stores.Keep(table).(stores.Owners).DeleteOwned(ctx, owner); err != nil || n != 2 {
				t.Errorf("%s: deleted %d, %v; want both", column, n, err)
			}
		}
	})
	t.Run("an owner that is nothing", func(t *testing.T) {
		table, place := e.own(t, " NOT NULL", "")
		name := strings.NewReplacer("'", e.quote())
		damaged := insert(t, table, Record(1, owner))
		execute(t, e.beside(t, place), name.Replace("UPDATE 'User Sessions' SET 'user' = NULL WHERE 'id' = ?"), damaged.String())
		if err := read(table, damaged); !errors.Is(err, stores.ErrUndecodable) {
			t.Errorf("load: %v; want ErrUndecodable, and not an anonymous session", err)
		}
	})
	t.Run("a handle that is none", func(t *testing.T) {
		insert(t, table, Record(1, owner))
		execute(t, db, "UPDATE sessions SET handle = 'no handle'")
		if recs, err := table.List(ctx, owner); err != nil || len(recs) != 0 {
			t.Errorf("listed %d, %v; want none", len(recs), err)
		}
	})
}

// read loads a row and reads the record in it.
func read(table Table, h stores.Handle) error {
	row, err := table.Load(ctx, h)
	if err != nil {
		return err
	}
	_, err = row.Record()
	return err
}

// own makes the table by a statement of one's own, changed a little.
func (e Engine) own(t *testing.T, change ...string) (Table, string) {
	t.Helper()
	place := e.Place(t)
	statement := strings.NewReplacer(change...).Replace(e.Table)
	if statement == e.Table {
		t.Fatalf("nothing to change in %s", e.Table)
	}
	execute(t, e.beside(t, place), statement)
	return e.Opened(t, place, OwnLayout), place
}

func notUnique(t *testing.T, e Engine) {
	table, _ := e.own(t, "PRIMARY KEY", "")
	failsToMigrate(t, table)
}

// failsToMigrate wants an error that names the table, as it may be the one of another program.
func failsToMigrate(t *testing.T, table Table) {
	t.Helper()
	if err := table.Migrate(ctx); err == nil || isAnswer(err) || !strings.Contains(err.Error(), `table "`+OwnLayout.Table+`"`) {
		t.Errorf("migrate: %v; want a failure that names the table", err)
	}
}

func alsoUnique(t *testing.T, e Engine) {
	table, _ := e.own(t, "DEFAULT 'ours'", "DEFAULT 'ours' UNIQUE")
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	rec := Record(1, owner)
	h := insert(t, table, rec)
	if err := table.Save(ctx, Handle(), 0, rec.Row()); err == nil || isAnswer(err) {
		t.Errorf("an insert that breaks another rule: %v; want a failure", err)
	}
	if err := table.Save(ctx, h, 0, rec.Row()); !errors.Is(err, stores.ErrConflict) {
		t.Errorf("an insert over a record: %v; want a conflict", err)
	}
}

func otherColumns(t *testing.T, e Engine) {
	table, _ := e.own(t, "lastSeen", "last_seen")
	failsToMigrate(t, table)
	for call, err := range calls(table, Handle()) {
		needsIt := call != "delete" && call != "sweep"
		if needsIt && (err == nil || isAnswer(err)) {
			t.Errorf("%s: %v; want a failure", call, err)
		}
	}
}

func missing(t *testing.T, e Engine) {
	place := e.Place(t)
	table := e.Opened(t, place, sqlstore.Layout{})
	fail := func(when string) {
		t.Helper()
		for call, err := range calls(table, Handle()) {
			if err == nil || isAnswer(err) {
				t.Errorf("%s, %s: %v; want a failure", when, call, err)
			}
		}
	}
	fail("before it is made")
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	insert(t, table, Record(1, owner))
	for call, err := range calls(table, Handle()) {
		if err != nil && !isAnswer(err) {
			t.Errorf("%s: %v", call, err)
		}
	}
	execute(t, e.beside(t, place), "DROP TABLE sessions")
	fail("after it was dropped")
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	insert(t, table, Record(1, owner))
}
