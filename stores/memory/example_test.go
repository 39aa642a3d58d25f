package memory_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func Example() {
	const visits session.Counter = "visits"
	store := memory.New(memory.Max(100_000))
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response {
		return ring.Text("Welcome.").With(visits.By(1))
	})
	app(ring.NewRequest("GET", "/", nil))
	app(ring.NewRequest("GET", "/", nil)) // without a cookie: another visitor
	fmt.Println(store.Len(), "sessions")

	// When the process ends …
	folder, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "sessions")
	if err := store.Snapshot(path); err != nil {
		fmt.Println(err)
	}
	// … and when the next one begins.
	next := memory.New(memory.Max(100_000))
	n, err := next.Restore(path)
	fmt.Println(n, "restored,", err)
	// Output:
	// 2 sessions
	// 2 restored, <nil>
}
