package flash_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
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

func ExampleKey_Now() {
	const problem flash.Key[string] = "problem"
	form := func(req ring.Request) ring.Response { return ring.Text("Your name: " + problem.Get(req)) }
	save := func(req ring.Request) ring.Response {
		if req.Query("name") == "" {
			resp := form(problem.Now(req, "Please give a name."))
			resp.Status = http.StatusUnprocessableEntity
			return resp
		}
		return ring.Redirect("/")
	}
	resp := save(ring.NewRequest("POST", "/", nil))
	fmt.Println(resp.Status)
	text, _ := resp.Body.Text()
	fmt.Println(text)
	// Output:
	// 422
	// Your name: Please give a name.
}

// A plain handler behind ring.Use takes the request from its context.
func ExampleKey_Now_plainHandler() {
	const problem flash.Key[string] = "problem"
	save := func(w http.ResponseWriter, r *http.Request) {
		req := ring.FromContext(r.Context())
		if r.FormValue("name") == "" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			req = problem.Now(req, "Please give a name.")
		}
		fmt.Fprintln(w, "Your name:", problem.Get(req))
	}

	layers := ring.Use(session.Wrap(memory.New(), session.Options{}), flash.Wrap)
	w := httptest.NewRecorder()
	layers(http.HandlerFunc(save)).ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 422 Your name: Please give a name.
}
