package goredis_test

import (
	"log"
	"net/http"

	"github.com/redis/go-redis/v9"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/goredis"
)

// A site whose sessions are in Redis. It needs a server to run.
func Example() {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", ContextTimeoutEnabled: true, DialerRetries: 1})
	defer client.Close()

	const visits session.Counter = "visits"
	store := goredis.New(client, goredis.Prefix("shop:"))
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response {
		return ring.Text("Welcome.").With(visits.By(1))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", app))
}
