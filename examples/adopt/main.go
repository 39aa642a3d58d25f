// Adopt is a small shop on chi and scs, and the same shop after each of three steps to Signet:
//
//	go run ./examples/adopt -step 0   # chi and scs
//	go run ./examples/adopt -step 1   # one line in the router more: nothing changes for the handlers
//	go run ./examples/adopt -step 2   # the handlers read the session from their context and change it by ring.Amend
//	go run ./examples/adopt -step 3   # the handlers are functions
//
// The same tests pass on all of them but two. With scs, ten requests that put something into the cart while the user logs out in
// another tab leave the user logged in; and of ten things put into the cart at once, some are lost.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"

	"github.com/signet-go/signet/examples/adopt/before"
	"github.com/signet-go/signet/examples/adopt/functions"
	"github.com/signet-go/signet/examples/adopt/plain"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// shop returns the shop after a step, or nil if there is no such step.
func shop(step int, reserve func()) http.Handler {
	switch step {
	case 0:
		return before.New(reserve)
	case 1:
		return before.New(reserve, ring.Use(session.Wrap(memory.New(), session.Options{}), flash.Wrap))
	case 2:
		return plain.New(memory.New(), reserve)
	case 3:
		return functions.New(memory.New(), reserve)
	}
	return nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	step := flag.Int("step", 2, "how many steps have been done, 0 to 3")
	flag.Parse()
	app := shop(*step, func() {})
	if app == nil {
		log.Fatalf("adopt: there is no step %d", *step)
	}
	fmt.Printf("http://%s/ is the shop after step %d\n", *addr, *step)
	log.Fatal(http.ListenAndServe(*addr, app))
}
