package mysql

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
)

// A statement that the server gives up in favour of another one has done nothing, and is sent again.
func TestT4_AStatementGivenUpInADeadlockIsSentAgain(t *testing.T) {
	table := migrated(t, place(t))
	db := table.(ownTable).db
	fill(t, db, 100, time.Now().Add(-time.Hour).UnixMicro())

	// Another transaction has changed the last row and much else, so that it is the sweep that is given up.
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback() }()
	if _, err := other.Exec("UPDATE sessions SET version = 2 WHERE handle > LPAD(1, 24, '0')"); err != nil {
		t.Fatal(err)
	}
	type result struct {
		rows int
		err  error
	}
	swept := make(chan result, 1)
	go func() {
		n, err := table.Sweep(ctx, time.Now())
		swept <- result{n, err}
	}()
	for deadline := time.Now().Add(patience); ; {
		var waiting int
		if err := db.QueryRow("SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE 'DELETE%'" +
			" AND trx_mysql_thread_id IN (SELECT id FROM information_schema.PROCESSLIST WHERE db = DATABASE())").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the sweep waits for nothing")
		}
		time.Sleep(150 * time.Millisecond) // who looks again within 100 gets what was there before
	}
	if _, err := other.Exec("UPDATE sessions SET version = 2 WHERE handle = LPAD(1, 24, '0')"); err != nil {
		t.Fatal(err)
	}
	if err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	select {
	case r := <-swept:
		if r.rows != 100 || r.err != nil {
			t.Errorf("swept %d, %v; want 100", r.rows, r.err)
		}
	case <-time.After(patience):
		t.Fatalf("nothing after %v", patience)
	}
	if err := table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "ann").Row()); err != nil {
		t.Error(err)
	}
}

// So is one that has waited for a row for as long as the server lets it wait.
func TestT2_AStatementThatWaitedTooLongForARowIsSentAgain(t *testing.T) {
	table := migrated(t, place(t, func(c *mysql.Config) { c.Params = map[string]string{"innodb_lock_wait_timeout": "1"} }))
	db := table.(ownTable).db
	rec := sqltest.Record(1, "ann")
	h := sqltest.Handle()
	if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
		t.Fatal(err)
	}
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback() }()
	if _, err := other.Exec("UPDATE sessions SET version = 2"); err != nil {
		t.Fatal(err)
	}
	saved := make(chan error, 1)
	go func() {
		next := rec
		next.Version = 3
		saved <- table.Save(ctx, h, 1, next.Row())
	}()
	// Two waits have begun when the first one has been given up.
	waits := map[string]bool{}
	for deadline := time.Now().Add(patience); len(waits) < 2; {
		var id string
		switch err := db.QueryRow("SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE 'UPDATE%'").Scan(&id); {
		case err == nil:
			waits[id] = true
		case !errors.Is(err, sql.ErrNoRows):
			t.Fatal(err)
		}
		select {
		case err := <-saved:
			t.Fatalf("the save ended with %v while the row was locked", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the save waits once, or not at all")
		}
		time.Sleep(150 * time.Millisecond) // who looks again within 100 gets what was there before
	}
	if err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-saved:
		if !errors.Is(err, stores.ErrConflict) {
			t.Errorf("save: %v; want ErrConflict, as another one was faster", err)
		}
	case <-time.After(patience):
		t.Fatalf("nothing after %v", patience)
	}
}
