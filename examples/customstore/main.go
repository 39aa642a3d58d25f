// Customstore counts visits in a table of its own layout: table.go has all that a store needs, and table_test.go is how one
// knows that it is right.
//
//	go run ./examples/customstore
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"time"

	_ "modernc.org/sqlite"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

const visits session.Counter = "visits"

func count(ring.Request) ring.Response {
	return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
		s = visits.Add(s, 1)
		return s, ring.Text(fmt.Sprintf("You accessed this page %d times.\n", visits.Get(s)))
	})
}

// open opens a database that has the table.
func open(path string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(schema); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	path := flag.String("db", "customstore.db", "file of the database")
	flag.Parse()
	db, err := open(*path)
	if err != nil {
		log.Fatal(err)
	}
	sessions := table{db}
	go stores.SweepEvery(context.Background(), sessions, time.Minute)
	store := stores.Keep(sessions)
	fmt.Printf("http://%s/ counts your visits\n", *addr)
	log.Fatal(http.ListenAndServe(*addr, session.Wrap(store, session.Options{})(count)))
}
