package postgres

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

func TestLaws(t *testing.T) {
	table := migrated(t, sqlstore.Layout{})
	storetest.Run(t, func(*testing.T) stores.Table { return table })
}

func TestLawsInAnUnloggedTableOfAnotherLayout(t *testing.T) {
	l := sqlstore.Layout{
		Table: "User Sessions", Handle: "id", Version: "select", Owner: "user", Seen: "lastSeen", Expires: "till?", Body: "Blöb",
		Unlogged: true,
	}
	table := migrated(t, l)
	ctx := context.Background()
	if _, err := table.pool.Exec(ctx, `ALTER TABLE "User Sessions" ADD COLUMN note text NOT NULL DEFAULT 'ours', ADD COLUMN made timestamptz DEFAULT now()`); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Short())
	var others int
	if err := table.pool.QueryRow(ctx, `SELECT count(*) FROM "User Sessions" WHERE note <> 'ours' OR made IS NULL`).Scan(&others); err != nil || others != 0 {
		t.Errorf("%d rows whose other columns were touched, %v", others, err)
	}
}

func TestLawsWithoutPreparedStatements(t *testing.T) {
	table := migrated(t, sqlstore.Layout{}, func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec })
	storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Short())
}

func TestLawsThroughDatabaseSQL(t *testing.T) {
	db := stdlib.OpenDB(*pool(t).Config().ConnConfig)
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8) // by default most connections are closed after each call
	t.Cleanup(func() { _ = db.Close() })
	table := sqlstore.NewTable(db, sqlstore.Postgres(), sqlstore.Layout{})
	t.Cleanup(func() { _ = table.Close() })
	if err := table.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(*testing.T) stores.Table { return table })
	var one int
	if err := db.QueryRow("SELECT 1 FROM sessions LIMIT 1").Scan(&one); err != nil && err != sql.ErrNoRows {
		t.Fatal(err)
	}
}
