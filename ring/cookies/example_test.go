package cookies_test

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
)

var theme = http.Cookie{Name: "theme", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}

// choose keeps the theme that a form asks for.
func choose(req ring.Request) ring.Response {
	c := theme
	c.Value = req.Query("theme")
	if c.Value == "" {
		return ring.Redirect("/").With(cookies.Delete(theme))
	}
	return ring.Redirect("/").With(cookies.Set(c))
}

func show(req ring.Request) ring.Response {
	name, ok := cookies.From(req).Lookup("theme")
	if !ok {
		name = "light"
	}
	return ring.Text("The theme is " + name)
}

func Example() {
	fmt.Println(choose(ring.NewRequest("POST", "/?theme=dark+blue", nil)).Header.Get("Set-Cookie"))
	fmt.Println(choose(ring.NewRequest("POST", "/", nil)).Header.Get("Set-Cookie"))

	page, _ := show(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", "x; theme=dark%20blue")).Body.Text()
	fmt.Println(page)
	// Output:
	// theme=dark%20blue; Path=/; HttpOnly; Secure; SameSite=Lax
	// theme=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax
	// The theme is dark blue
}

func ExampleSet_refused() {
	resp := ring.Text("Hello").With(cookies.Set(http.Cookie{Name: "__Host-cart", Value: "42", Path: "/"}))
	fmt.Println(resp.Status, resp.Err)
	// Output: 500 cookies: set "__Host-cart": the prefix of the name needs Secure
}
