package postgres

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// url returns the URL of a server for tests.
func url(t testing.TB) string {
	t.Helper()
	const variable = "SIGNET_TEST_POSTGRES_URL"
	u := os.Getenv(variable)
	switch {
	case u != "":
		return u
	case os.Getenv("SIGNET_TEST_REQUIRE") == "1":
		t.Fatalf("%s is not set", variable)
	}
	t.Skipf("%s is not set", variable)
	return ""
}

// pool connects to a schema of the test's own, which ends with it.
func pool(t testing.TB, change ...func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	ctx := context.Background()
	schema := "test_" + strings.ToLower(rand.Text())
	conn, err := pgx.Connect(ctx, url(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	cfg, err := pgxpool.ParseConfig(url(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	cfg.MaxConns = 16
	for _, c := range change {
		c(cfg)
	}
	p, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		conn, err := pgx.Connect(ctx, url(t))
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return p
}

// migrated makes a table in a schema of the test's own.
func migrated(t testing.TB, l sqlstore.Layout, change ...func(*pgxpool.Config)) *Table {
	t.Helper()
	table := NewTable(pool(t, change...), l)
	if err := table.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return table
}

func handle() stores.Handle {
	var h stores.Handle
	_, _ = rand.Read(h[:])
	return h
}
