package mysql

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

func TestMain(m *testing.M) { sqltest.Main(m, engine) }

func TestLaws(t *testing.T) { sqltest.Run(t, engine) }

// Whether the driver is told to report rows that were found or rows that were changed is of no consequence.
func TestLawsWhateverTheDSNSays(t *testing.T) {
	for name, change := range map[string]func(*mysql.Config){
		"found rows":          func(c *mysql.Config) { c.ClientFoundRows = true },
		"changed rows":        func(c *mysql.Config) { c.ClientFoundRows = false },
		"interpolated":        func(c *mysql.Config) { c.InterpolateParams = true },
		"parsed times, latin": func(c *mysql.Config) { c.ParseTime = true; c.Params = map[string]string{"charset": "latin1"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := migrated(t, place(t, change))
			storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Short())
		})
	}
}

var ctx = context.Background()

var engine = sqltest.Engine{
	Place: func(t testing.TB) string { return place(t) },
	Open: func(place string, l sqlstore.Layout) (sqltest.Table, error) {
		return openTable(place, l)
	},
	DB: open,
	Table: "CREATE TABLE `User Sessions` (note VARCHAR(50) NOT NULL DEFAULT 'ours', id CHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, " +
		"`select` BIGINT NOT NULL, `user` VARBINARY(255) NOT NULL, lastSeen BIGINT NOT NULL, `till?` BIGINT NOT NULL, `Blöb` MEDIUMBLOB NOT NULL, " +
		"made DATETIME DEFAULT CURRENT_TIMESTAMP, INDEX (`till?`), INDEX (`user`)) ENGINE=InnoDB",
	Fill: fill,
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
		do("LOCK TABLES sessions WRITE")
		return func() {
			do("UNLOCK TABLES")
			_ = conn.Close()
		}
	},
	Writer: func(t testing.TB, place string, around func(sqlstore.Writer) sqlstore.Writer) stores.Table {
		migrated(t, place)
		db, err := open(place)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return sqlstore.NewTableWriter(db, around(direct{db}), Dialect(), sqlstore.Layout{})
	},
}

// direct executes what it gets.
type direct struct{ db *sql.DB }

func (d direct) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	res, err := d.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ownTable is a table with a database of its own.
type ownTable struct {
	*sqlstore.Table
	db *sql.DB
}

func (t ownTable) Close() error { return errors.Join(t.Table.Close(), t.db.Close()) }

func openTable(dsn string, l sqlstore.Layout) (sqltest.Table, error) {
	db, err := open(dsn)
	if err != nil {
		return nil, err
	}
	return ownTable{sqlstore.NewTable(db, Dialect(), l), db}, nil
}

func migrated(t testing.TB, dsn string) sqltest.Table {
	t.Helper()
	table, err := openTable(dsn, sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return table
}

// server gives the configuration of a server for tests.
func server(t testing.TB) *mysql.Config {
	t.Helper()
	const variable = "SIGNET_TEST_MYSQL_DSN"
	dsn := os.Getenv(variable)
	switch {
	case dsn == "" && os.Getenv("SIGNET_TEST_REQUIRE") == "1":
		t.Fatalf("%s is not set", variable)
	case dsn == "":
		t.Skipf("%s is not set", variable)
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// place makes a database of the test's own and returns its DSN.
func place(t testing.TB, change ...func(*mysql.Config)) string {
	t.Helper()
	cfg := server(t)
	name := "signet_" + strings.ToLower(rand.Text())
	statement(t, cfg, "CREATE DATABASE "+name)
	t.Cleanup(func() { statement(t, cfg, "DROP DATABASE "+name) })
	own := cfg.Clone()
	own.DBName = name
	for _, c := range change {
		c(own)
	}
	return own.FormatDSN()
}

func statement(t testing.TB, cfg *mysql.Config, s string) {
	t.Helper()
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	if _, err := db.Exec(s); err != nil {
		t.Fatal(err)
	}
}

// fill copies what is there until it is enough: recursive statements are spelled differently here and there.
func fill(t testing.TB, db *sql.DB, rows int, expired int64) {
	t.Helper()
	do := func(s string, args ...any) {
		if _, err := db.Exec(s, args...); err != nil {
			t.Fatal(err)
		}
	}
	do("INSERT INTO sessions VALUES (LPAD(1, 24, '0'), 1, '', 0, ?, REPEAT('x', 100))", expired)
	for n, more := 1, 0; n < rows; n += more {
		more = min(n, rows-n, 20_000) // not for longer than a timeout
		do("INSERT INTO sessions SELECT LPAD(handle + ?, 24, '0'), 1, '', 0, expires, body FROM sessions WHERE handle <= LPAD(?, 24, '0')", n, more)
	}
}
