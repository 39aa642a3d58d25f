package sqlite

import (
	"errors"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestALoadThatFindsNoLoaderGoesTheOtherWay(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	h := save(t, table)
	var taken []*loader
	for range connections() {
		l, err := table.loaders.take()
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, l)
	}
	if _, err := table.loaders.take(); !errors.Is(err, errElsewhere) {
		t.Errorf("one more: %v; want %v", err, errElsewhere)
	}
	if _, err := table.Load(ctx, h); err != nil {
		t.Errorf("load: %v", err)
	}
	if _, err := table.Load(ctx, sqltest.Handle()); err != stores.ErrNotFound {
		t.Errorf("load of nothing: %v", err)
	}
	for _, l := range taken {
		table.loaders.put(l)
	}
}

func TestALoaderThatFailsIsReplaced(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	h := save(t, table)
	for range 2 * connections() {
		for _, name := range [][2]string{{"sessions", "away"}, {"away", "sessions"}} {
			if _, err := table.writer.Exec(ctx, "ALTER TABLE "+name[0]+" RENAME TO "+name[1]); err != nil {
				t.Fatal(err)
			}
			_, err := table.Load(ctx, h)
			if there := name[1] == "sessions"; there != (err == nil) || errors.Is(err, stores.ErrNotFound) {
				t.Fatalf("with the table named %s: %v", name[1], err)
			}
		}
	}
	if _, err := table.loaders.load(h); err != nil {
		t.Errorf("by a loader: %v", err)
	}
}

// A statement that isn't reset goes on reading, and the log ahead of the file can't begin anew.
func TestALoaderReadsNoLongerThanItsLoad(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	h := save(t, table)
	for _, h := range []stores.Handle{h, sqltest.Handle()} {
		_, _ = table.Load(ctx, h)
		save(t, table)
		db, err := beside(table.path(t))
		if err != nil {
			t.Fatal(err)
		}
		var busy, pages, moved int
		if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil || busy != 0 {
			t.Errorf("checkpoint: busy %d, %v", busy, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestT1_WhatIsNoRecordIsUndecodable(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	whole := save(t, table)
	for what, value := range map[string]any{"a text": "no record", "a number": int64(12), "a fraction": 0.5, "bytes": []byte{1, 2}} {
		for _, column := range []string{"body", "version", "seen", "expires"} {
			h := save(t, table)
			if _, err := table.writer.Exec(ctx, "UPDATE sessions SET "+column+" = ? WHERE handle = ?", value, h.String()); err != nil {
				t.Fatal(err)
			}
			undecodable := what != "a number" || column == "body"
			row, err := table.Load(ctx, h)
			if err == nil {
				_, err = row.Record()
			}
			if errors.Is(err, stores.ErrUndecodable) != undecodable || errors.Is(err, stores.ErrNewerFormat) {
				t.Errorf("%s in the column %s: %v", what, column, err)
			}
		}
	}
	recs, err := table.List(ctx, "ann")
	if err != nil || len(recs) != 17 {
		t.Errorf("listed %d, %v; want all 17", len(recs), err)
	}
	if _, err := table.Load(ctx, whole); err != nil {
		t.Errorf("the one that is whole: %v", err)
	}
	if _, err := stores.Keep(table).(stores.Owners).DeleteOwned(ctx, "ann"); err != nil {
		t.Error(err)
	}
	if recs, err := table.List(ctx, "ann"); err != nil || len(recs) != 0 {
		t.Errorf("%d are left, %v; want none", len(recs), err)
	}
}

func TestAClosedTableLoadsNothing(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	h := save(t, table)
	l, err := table.loaders.take()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Error(err)
	}
	table.loaders.put(l)
	if len(table.loaders.idle) != 0 {
		t.Error("what comes back after the end is kept")
	}
	if _, err := table.Load(ctx, h); err == nil || errors.Is(err, stores.ErrNotFound) {
		t.Errorf("%v; want a failure", err)
	}
}
