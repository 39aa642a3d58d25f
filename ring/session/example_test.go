package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

func Example() {
	const visits session.Counter = "visits"

	app := session.Wrap(memory.New(), session.Options{})(func(ring.Request) ring.Response {
		return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
			s = visits.Add(s, 1)
			return s, ring.Text(fmt.Sprintf("You accessed this page %d times.", visits.Get(s)))
		})
	})

	var cookie *http.Cookie
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		fmt.Println(w.Body)
		if set := w.Result().Cookies(); len(set) > 0 {
			cookie = set[0]
		}
	}
	// Output:
	// You accessed this page 1 times.
	// You accessed this page 2 times.
	// You accessed this page 3 times.
}

// A handler is tested as the function it is: In gives it a session, Out says what would be stored.
func ExampleOutcome() {
	const theme session.Key[string] = "theme"
	choose := func(req ring.Request) ring.Response {
		return ring.Redirect("/").With(session.Set(theme.Set(session.From(req), req.Query("theme"))))
	}

	req := session.WithSession(ring.NewRequest("POST", "/?theme=dark", nil), theme.Set(session.Session{}, "light"))
	after, decision := session.Outcome(req, choose(req))
	fmt.Println(after, decision)
	// Output: {"theme":"dark"} save
}

// A handler of net/http reads its session from the context and changes it by ring.Amend.
func ExampleFromContext() {
	const visits session.Counter = "visits"
	visit := func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), visits.By(1)); err != nil {
			http.Error(w, "Please try again.", http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, "visit ", visits.Get(session.FromContext(r.Context())))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", visit)
	site := ring.Use(session.Wrap(memory.New(), session.Options{}))(mux)

	r := httptest.NewRequest("GET", "/", nil)
	for range 2 {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		fmt.Println(w.Body)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
	}
	// Output:
	// visit 1
	// visit 2
}

func ExampleOwner() {
	const user session.Owner[int64] = "user"
	login := func(ring.Request) ring.Response { return ring.Redirect("/").With(user.Login(42)) }
	home := func(req ring.Request) ring.Response {
		id, ok := user.From(req)
		return ring.Text(fmt.Sprint(id, ok))
	}

	h := session.Wrap(memory.New(), session.Options{})(ring.Handler(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return login(req)
		}
		return home(req)
	}))
	b := ringtest.New(nil, h)
	fmt.Println(b.Get("/").Body)
	b.Post("/")
	fmt.Println(b.Get("/").Body)
	// Output:
	// 0 false
	// 42 true
}
