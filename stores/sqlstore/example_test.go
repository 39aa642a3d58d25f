package sqlstore_test

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

// A program that has a *sql.DB and a table of its own layout.
func Example() {
	db, err := sql.Open("pgx", "postgres://localhost/app")
	if err != nil {
		log.Print(err) // this example imports no driver
		return
	}
	store := sqlstore.New(db, sqlstore.Postgres(), sqlstore.Layout{
		Table:  "auth.web_sessions",
		Handle: "id",
		Owner:  "user_id",
	})
	go stores.SweepEvery(context.Background(), store, time.Minute)

	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response { return ring.Text("hello") })
	log.Fatal(http.ListenAndServe("localhost:8080", app))
}
