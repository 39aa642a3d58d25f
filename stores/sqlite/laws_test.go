package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestMain(m *testing.M) { sqltest.Main(m, engine) }

func TestLaws(t *testing.T) { sqltest.Run(t, engine) }

var engine = sqltest.Engine{
	Place: func(t testing.TB) string { return filepath.Join(t.TempDir(), "sessions.db") },
	Open: func(place string, l sqlstore.Layout) (sqltest.Table, error) {
		t, err := OpenTable(place, l)
		if err != nil {
			return nil, err
		}
		return t, nil
	},
	DB: beside,
	Table: `CREATE TABLE "User Sessions" (note TEXT NOT NULL DEFAULT 'ours', id TEXT NOT NULL PRIMARY KEY, "select" INTEGER NOT NULL,
		"user" BLOB NOT NULL, lastSeen INTEGER NOT NULL, "till?" INTEGER NOT NULL, "Blöb" BLOB NOT NULL, made TEXT DEFAULT CURRENT_TIMESTAMP)`,
	Fill: func(t testing.TB, db *sql.DB, rows int, expired int64) {
		_, err := db.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO sessions (handle, version, owner, seen, expires, body) SELECT printf('%024d', i), 1, x'', 0, ?, zeroblob(100) FROM n`, rows, expired)
		if err != nil {
			t.Fatal(err)
		}
	},
	Lock: func(t testing.TB, db *sql.DB) func() {
		conn, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		do := func(s string) {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				t.Error(err)
			}
		}
		do("BEGIN IMMEDIATE")
		return func() {
			do("ROLLBACK")
			_ = conn.Close()
		}
	},
	Writer: func(t testing.TB, place string, around func(sqlstore.Writer) sqlstore.Writer) stores.Table {
		table := openedAt(t, place, sqlstore.Layout{})
		return sqlstore.NewTableWriter(table.readers, around(table.writer), sqlstore.SQLite(), sqlstore.Layout{})
	},
}

// beside opens a file by other means than the store's.
func beside(path string) (*sql.DB, error) {
	file, err := uri(path)
	if err != nil {
		return nil, err
	}
	c, err := sqlite.NewConnector(dsn(file, []string{"busy_timeout(5000)"}))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

var ctx = context.Background()

// opened opens a table in a file of the test's own.
func opened(t testing.TB, l sqlstore.Layout, pragmas ...string) *Table {
	t.Helper()
	return openedAt(t, filepath.Join(t.TempDir(), "sessions.db"), l, pragmas...)
}

func openedAt(t testing.TB, path string, l sqlstore.Layout, pragmas ...string) *Table {
	t.Helper()
	table, err := open(path, l, pragmas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return table
}
