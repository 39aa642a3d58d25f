package ringtest_test

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
)

// site greets whoever is logged in by the cookie "user".
func site(req ring.Request) ring.Response {
	switch req.Method + " " + req.URL.Path {
	case "POST /login":
		form, err := req.Form()
		if err != nil {
			return ring.Fail(err)
		}
		return ring.Redirect("/").With(ring.AddHeader("Set-Cookie", "user="+form.Get("name")+"; Path=/; SameSite=Lax"))
	case "GET /login":
		return ring.Data("text/html", `<form method=post action=/login><input name=name><button>Log in</button></form>`)
	}
	user, err := http.ParseCookie(req.Header.Get("Cookie"))
	if err != nil {
		return ring.Data("text/html", `<p>Who are you? <a href=/login>Log in</a>`)
	}
	return ring.Data("text/html", `<p>Welcome, <b>`+user[0].Value+`</b>!`)
}

func Example() {
	b := ringtest.New(nil, ring.Handler(site)) // in a test, nil is its t

	b.Get("/")
	b.Click("Log in")
	page := b.Submit("Log in", "name", "Ann")
	fmt.Println(page.Text())
	fmt.Println(page)

	fmt.Println(b.Tab().Get("/").Text())
	fmt.Println(b.CrossSite("/").Text())
	// Output:
	// Welcome, Ann!
	// POST /login 303 → GET / 200 "<p>Welcome, <b>Ann</b>!"
	// Welcome, Ann!
	// Who are you? Log in
}

// Two responses of which the test says which one arrives last.
func ExampleBrowser_Start() {
	b := ringtest.New(nil, ring.Handler(site))
	ann := b.Start(ringtest.Post("/login", "name", "Ann"))
	bob := b.Tab().Start(ringtest.Post("/login", "name", "Bob"))
	fmt.Println(bob.Arrive().Text())
	fmt.Println(ann.Arrive().Text())
	fmt.Println(b.Get("/").Text())
	// Output:
	// Welcome, Bob!
	// Welcome, Ann!
	// Welcome, Ann!
}

// A handler needs no browser to be called.
func ExampleRequest_Value() {
	resp := site(ringtest.Post("/login", "name", "Ann").Value())
	fmt.Println(resp.Status, resp.Header.Get("Location"))
	fmt.Println(ringtest.Body(site(ringtest.Get("/").Value())))
	// Output:
	// 303 /
	// <p>Who are you? <a href=/login>Log in</a>
}

func ExampleDiff() {
	const (
		theme  session.Key[string] = "theme"
		notice flash.Key[string]   = "notice"
	)
	save := func(req ring.Request) ring.Response {
		return ring.Redirect("/").With(theme.Put(req.Query("theme")), notice.Put("Saved."))
	}

	got := save(ringtest.Post("/save?theme=light").Value())
	want := ring.Redirect("/").With(theme.Put("dark"), notice.Put("Saved."))
	fmt.Print(ringtest.Diff(want, got))
	// Output:
	// - session change: put theme = "dark"
	// + session change: put theme = "light"
}
