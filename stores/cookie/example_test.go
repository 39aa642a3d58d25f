package cookie_test

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

func Example() {
	const theme session.Key[string] = "theme"
	secret := make([]byte, 32) // from a file that the program is given, so that it is the same next time
	_, _ = rand.Read(secret)

	store, err := cookie.New(secret, cookie.Revocable(memory.New()))
	if err != nil {
		fmt.Println(err)
		return
	}
	app := session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Text("ok").With(theme.Put(req.Query("theme")))
		}
		return ring.Text("The theme is " + theme.Get(session.From(req)) + ".")
	})

	set := app(ring.NewRequest("POST", "/?theme=dark", nil)).Header.Get("Set-Cookie")
	pair, _, _ := strings.Cut(set, ";")
	page := app(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", pair))
	text, _ := page.Body.Text()
	fmt.Println(text)
	// Output: The theme is dark.
}
