package mysql_test

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/mysql"
	"github.com/signet-go/signet/stores/sqlstore"
)

func Example() {
	ctx := context.Background()
	store, err := mysql.Open("app:secret@tcp(localhost:3306)/app", sqlstore.Layout{})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		log.Print(err) // there is no such server where examples are run
		return
	}
	go stores.SweepEvery(ctx, store, time.Minute)

	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response { return ring.Text("hello") })
	log.Print(http.ListenAndServe("localhost:8080", app))
}
