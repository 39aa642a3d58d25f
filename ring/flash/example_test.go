package flash_test

import (
	"fmt"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
)

func Example() {
	const notice flash.Key[string] = "notice"
	save := func(ring.Request) ring.Response { return ring.Redirect("/").With(notice.Put("Saved.")) }
	home := func(req ring.Request) ring.Response { return ring.Text("Home. " + notice.Get(req)) }

	b := open(nil, func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return save(req)
		}
		return home(req)
	})
	b.post("/save")
	fmt.Println(b.get("/"))
	fmt.Println(b.get("/"))
	// Output:
	// Home. Saved.
	// Home.
}
