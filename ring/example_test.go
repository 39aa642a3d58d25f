package ring_test

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
)

// A handler is a function: it needs no server to be called, and is an http.Handler all the same.
func Example() {
	hello := func(req ring.Request) ring.Response {
		name := req.Query("name")
		if name == "" {
			return ring.Fail(&ring.Error{Status: 400, Message: "Who are you?"})
		}
		return ring.Text("Hello, " + name + "!").With(ring.SetHeader("Cache-Control", "no-cache"))
	}

	resp := hello(ring.NewRequest("GET", "/?name=Ann", nil))
	text, _ := resp.Body.Text()
	fmt.Println(resp.Status, text)

	mux := http.NewServeMux()
	mux.Handle("GET /{$}", ring.Recover(hello))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/?name=Bob", nil))
	fmt.Println(w.Code, w.Body)

	// Output:
	// 200 Hello, Ann!
	// 200 Hello, Bob!
}

// The page of a failure tells no secrets; the log does.
func ExampleOnError() {
	page := func(_ ring.Request, failed ring.Response) ring.Response {
		return ring.Text(fmt.Sprintf("Sorry (%d).", failed.Status))
	}
	h := ring.OnError(nil, page)(func(ring.Request) ring.Response {
		return ring.Fail(&ring.Error{Status: 404, Err: errors.New("no row with id 7")})
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 404 Sorry (404).
}

// A layer attaches a value to the requests of the handlers inside, and a Key makes it typed.
func ExampleKey() {
	user := ring.NewKey[string]("user")
	login := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			req.Values = user.Put(req.Values, req.Header.Get("X-User"))
			return h(req)
		}
	}
	whoami := func(req ring.Request) ring.Response {
		name, _ := user.Get(req.Values)
		return ring.Text(name)
	}
	resp := login(whoami)(ring.NewRequest("GET", "/", nil).WithHeader("X-User", "Ann"))
	text, _ := resp.Body.Text()
	fmt.Println(text)
	// Output: Ann
}

func ExampleRender() {
	page := template.Must(template.New("home").Parse("<h1>Hello, {{.}}</h1>"))
	resp := ring.Render(func(w io.Writer) error { return page.ExecuteTemplate(w, "home", "Ann") })
	fmt.Println(resp.Status, ringtest.Body(resp))

	resp = ring.Render(func(w io.Writer) error { return page.ExecuteTemplate(w, "missing", "Ann") })
	fmt.Println(resp.Status)
	// Output:
	// 200 <h1>Hello, Ann</h1>
	// 500
}

// Decoders of forms take an url.Values.
func ExampleForm_Values() {
	req := ringtest.Post("/sign", "name", "Ann", "name", "Bob").Value()
	form, err := req.Form()
	fmt.Println(form.Values()["name"], err)
	// Output: [Ann Bob] <nil>
}

// A router that keeps parameters at a place of its own, as httprouter, gin and echo do, hands them on by SetPathValue.
func ExampleRequest_Param_otherRouters() {
	user := ring.Handler(func(req ring.Request) ring.Response { return ring.Text("user " + req.Param("id")) })

	// As in gin: r.GET("/users/:id", func(c *gin.Context) { … c.Params … user.ServeHTTP(c.Writer, c.Request) })
	route := func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		for name, value := range params {
			r.SetPathValue(name, value)
		}
		user.ServeHTTP(w, r)
	}

	w := httptest.NewRecorder()
	route(w, httptest.NewRequest("GET", "/users/7", nil), map[string]string{"id": "7"})
	fmt.Println(w.Body)
	// Output: user 7
}
