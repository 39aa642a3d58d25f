package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/sqlite"
	"github.com/signet-go/signet/stores/sqlstore"
)

func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	store, err := sqlite.Open(filepath.Join(folder, "sessions.db"), sqlstore.Layout{})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		log.Fatal(err)
	}

	app := session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Redirect("/").With(session.Login("ann"))
		}
		return ring.Text("Hello " + session.Info(req).Owner)
	})
	b := ringtest.New(nil, app)
	fmt.Println(b.Post("/").Text())

	sessions, err := store.List(ctx, "ann")
	fmt.Println(len(sessions), "session,", err)
	// Output:
	// Hello ann
	// 1 session, <nil>
}
