package redis_test

import (
	"log"
	"net/http"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/redis"
)

// A site whose sessions are in Redis. It needs a server to run.
func Example() {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}, DisableCache: true})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	const visits session.Counter = "visits"
	store := redis.New(client, redis.Prefix("shop:"))
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response {
		return ring.Text("Welcome.").With(visits.By(1))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", app))
}
