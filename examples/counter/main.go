// Counter tells each visitor how often they came: the oldest example of a session there is.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const visits session.Counter = "visits"

// count is run again where a parallel request was faster, so that no two answers tell the same number.
func count(ring.Request) ring.Response {
	return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
		s = visits.Add(s, 1)
		return s, ring.Text(fmt.Sprintf("You accessed this page %d times.\n", visits.Get(s)))
	})
}

func app() ring.Handler {
	store := memory.New(memory.Max(100_000)) // so that clients that keep no cookie can't fill the memory
	return session.Wrap(store, session.Options{})(route.New(route.Get("/", count)))
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	fmt.Printf("http://%s/ counts your visits\n", *addr)
	log.Fatal(http.ListenAndServe(*addr, app()))
}
