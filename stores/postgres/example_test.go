package postgres_test

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/postgres"
	"github.com/signet-go/signet/stores/sqlstore"
)

func Example() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://localhost/app?pool_max_conns=32")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	store := postgres.New(pool, sqlstore.Layout{Table: "auth.sessions"})
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
	go stores.SweepEvery(ctx, store, time.Minute)

	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response { return ring.Text("hello") })
	log.Print(http.ListenAndServe("localhost:8080", app))
}
