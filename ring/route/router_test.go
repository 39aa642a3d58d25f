package route_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

// says answers with a name, the pattern and the parameters asked for.
func says(name string, params ...string) ring.Handler {
	return func(req ring.Request) ring.Response {
		s := name
		for _, p := range params {
			s += fmt.Sprintf(" %s=%q", p, req.Param(p))
		}
		return ring.Text(s)
	}
}

// ask asks for a target as a client writes it.
func ask(h ring.Handler, method, target string) (int, string, ring.Header) {
	resp := h(ring.NewRequest(method, target, nil))
	text, _ := resp.Body.Text()
	return resp.Status, text, resp.Header
}

// leads checks where requests lead, each written as "GET /path".
func leads(t *testing.T, h ring.Handler, want map[string]string) {
	t.Helper()
	for request, answer := range want {
		method, target, _ := strings.Cut(request, " ")
		status, text, _ := ask(h, method, target)
		if status >= 400 {
			text = fmt.Sprint(status)
		}
		if text != answer {
			t.Errorf("%s leads to %s; want %s", request, text, answer)
		}
	}
}

func TestARouteIsFoundByMethodAndPath(t *testing.T) {
	leads(t, route.New(
		route.Get("/", says("home")),
		route.Get("/users/", says("users")),
		route.Post("/users/", says("add")),
		route.Get("/users/{id:[0-9]+}", says("number", "id")),
		route.Get("/users/me", says("me")),
		route.Get("/users/{name}", says("user", "name", "id")),
		route.Put("/users/{login}", says("put", "login", "name")),
		route.Patch("/users/{login}", says("patch", "login")),
		route.Delete("/users/{login}", says("delete", "login")),
		route.Get("/users/{name}/posts/{post:[a-z]{2,3}}", says("post", "name", "post")),
		route.Get("/users/*", says("rest", "*")),
		route.Get("/files/{name}.{kind}", says("file", "name", "kind")),
		route.Get("/é/{ü}", says("letters", "ü")),
		route.Get("/kinds/{kind:cat|dog}", says("kind", "kind")),
		route.Method("QUERY", "/users/", says("query")),
	), map[string]string{
		"GET /":                     `home`,
		"GET /users":                `404`,
		"GET /users/":               `users`,
		"POST /users/":              `add`,
		"QUERY /users/":             `query`,
		"GET /users/7":              `number id="7"`,
		"GET /users/7x":             `user name="7x" id=""`,
		"GET /users/me":             `me`,
		"PUT /users/me":             `put login="me" name=""`,
		"PATCH /users/7":            `patch login="7"`,
		"DELETE /users/x":           `delete login="x"`,
		"GET /users/x/posts/abc":    `post name="x" post="abc"`,
		"GET /users/x/posts/abcd":   `rest *="x/posts/abcd"`,
		"GET /users/x/":             `rest *="x/"`,
		"GET /users/x//":            `rest *="x//"`,
		"GET /files/a.png":          `file name="a" kind="png"`,
		"GET /files/a":              `404`,
		"GET /kinds/cat":            `kind kind="cat"`,
		"GET /kinds/catfish":        `404`,
		"GET /kinds/hotdog":         `404`,
		"GET /%C3%A9/%c3%bc":        `letters ü="ü"`,
		"GET /%75sers/%6de":         `me`,
		"GET /users/a%20b%2Bc+d":    `user name="a b+c+d" id=""`,
		"GET /users/a%2Fb":          `user name="a/b" id=""`,
		"GET /users/%2f":            `user name="/" id=""`,
		"GET /users/a%252Fb":        `user name="a%2Fb" id=""`,
		"GET /users/a%25%2fb":       `user name="a%/b" id=""`,
		"GET /users/a%2Fb/c%2Fd":    `rest *="a/b/c/d"`,
		"GET /users/%00%2F":         `rest *="\x00/"`,
		"GET /users/%FF":            `user name="\xff" id=""`,
		"GET /users/..":             `user name=".." id=""`,
		"GET /nowhere":              `404`,
		"POST /users/me":            `405`,
		"get /users/me":             `405`,
		"PROPFIND /users/me":        `405`,
		"PROPFIND /nowhere":         `404`,
		"GET /users/me?id=7#/users": `me`,
	})
}

func TestAParameterNeverStandsForNothing(t *testing.T) {
	leads(t, route.New(
		route.Get("/users/{id}", says("user")),
		route.Get("/users/{id}/posts", says("posts")),
		route.Get("/n/{id:[0-9]+}/posts", says("number")),
		route.Get("/o/{id:[0-9]*}", says("maybe")),
		route.Get("/{a}-{b}", says("pair")),
		route.Get("/all/*", says("all", "*")),
	), map[string]string{
		"GET /users/":       `404`,
		"GET /users//posts": `404`,
		"GET /n//posts":     `404`,
		"GET /o/":           `404`,
		"GET /-b":           `404`,
		"GET /a-":           `404`,
		"GET /a-b":          `pair`,
		"GET /all/":         `all *=""`,
	})
}

func TestHEADIsAnsweredByGET(t *testing.T) {
	app := route.New(
		route.Get("/", says("get")),
		route.Get("/own", says("get")),
		route.Method("HEAD", "/own", says("head")),
		route.Any("/any", says("any")),
		route.Get("/both", says("get")),
		route.Any("/both", says("any")),
		route.Get("/x/{id}", says("get", "id")),
		route.Method("HEAD", "/x/*", says("head")),
		route.Post("/post", says("post")),
	)
	leads(t, app, map[string]string{
		"HEAD /": "get", "HEAD /own": "head", "GET /own": "get", "HEAD /any": "any", "HEAD /both": "get",
		"HEAD /x/7": `get id="7"`, "HEAD /x/7/8": "head", "HEAD /post": "405",
	})
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("over the wire: %d %q; want 200 and no body", w.Code, w.Body)
	}
}

func TestAnyAnswersWhatNothingElseDoes(t *testing.T) {
	app := route.New(
		route.Get("/a/{id}", says("get", "id")),
		route.Any("/a/{name}", says("any", "name")),
		route.Any("/b/*", says("rest", "*")),
		route.Get("/b/{n:[0-9]+}", says("number")),
		route.Any("/b/{n:.+}", says("text")),
		route.Method("OPTIONS", "/b/*", says("options")),
	)
	leads(t, app, map[string]string{
		"GET /a/1": `get id="1"`, "POST /a/1": `any name="1"`, "PROPFIND /a/1": `any name="1"`, "OPTIONS /a/1": `any name="1"`,
		"GET /b/1": "number", "GET /b/x": "text", "POST /b/1": "text", "GET /b/": `rest *=""`, "MKCOL /b/x/y": `rest *="x/y"`,
		"OPTIONS /b/": "options", "GET /": "404",
	})
}

func TestARefusalNamesTheMethods(t *testing.T) {
	app := route.New(
		route.Post("/users/{id}", says("")),
		route.Get("/users/{name}", says("")),
		route.Delete("/users/*", says("")),
		route.Method("OPTIONS", "/own", says("options")),
		route.Put("/own", says("")),
	)
	for _, c := range []struct {
		request string
		status  int
		allow   string
	}{
		{"PUT /users/7", 405, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"BREW /users/7", 405, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"GET /users/7/8", 405, "DELETE, OPTIONS"},
		{"OPTIONS /users/7", 204, "DELETE, GET, HEAD, OPTIONS, POST"},
		{"OPTIONS /users/7/8", 204, "DELETE, OPTIONS"},
		{"OPTIONS /own", 200, ""},
		{"GET /own", 405, "OPTIONS, PUT"},
		{"OPTIONS /nowhere", 404, ""},
		{"GET /nowhere", 404, ""},
		{"GET /users/7", 200, ""},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		status, _, header := ask(app, method, target)
		if status != c.status || header.Get("Allow") != c.allow {
			t.Errorf("%s: %d, Allow %q; want %d, %q", c.request, status, header.Get("Allow"), c.status, c.allow)
		}
	}
}

func TestRefusalsAreFailuresUnlessReplaced(t *testing.T) {
	app := route.New(route.Get("/a", says("a")))
	for method, want := range map[string]int{"GET": 404, "POST": 405} {
		target := map[int]string{404: "/b", 405: "/a"}[want]
		resp := app(ring.NewRequest(method, target, nil))
		if text, _ := resp.Body.Text(); resp.Err == nil || text != fmt.Sprintf("%d %s\n", want, http.StatusText(want)) {
			t.Errorf("%s %s: %v, %q; want a failure of %d", method, target, resp.Err, text, want)
		}
	}

	page := func(status int, text string) ring.Handler {
		return func(req ring.Request) ring.Response {
			return ring.Text(text + req.URL.Path).With(ring.Status(status))
		}
	}
	app = route.New(
		route.Group(mark("outer"),
			route.NotFound(page(404, "nothing at ")),
			route.Group(mark("inner"), route.MethodNotAllowed(page(405, "not so at "))),
		),
		route.Get("/a", says("a")),
	)
	for request, want := range map[string]string{
		"GET /b":  `404 "nothing at /b" X-Layer=outer Allow=`,
		"POST /a": `405 "not so at /a" X-Layer=inner,outer Allow=GET, HEAD, OPTIONS`,
		"GET /a":  `200 "a" X-Layer= Allow=`,
	} {
		method, target, _ := strings.Cut(request, " ")
		status, text, h := ask(app, method, target)
		if got := fmt.Sprintf("%d %q X-Layer=%s Allow=%s", status, text, values(h, "X-Layer"), h.Get("Allow")); got != want {
			t.Errorf("%s: %s; want %s", request, got, want)
		}
	}

	hiding := route.New(route.Get("/a", says("a")), route.MethodNotAllowed(page(404, "nothing at ")))
	if status, _, h := ask(hiding, "POST", "/a"); status != 404 || h.Get("Allow") != "" {
		t.Errorf("a 405 that says 404: %d, Allow %q; want it to tell nothing", status, h.Get("Allow"))
	}
}

// mark is a layer that leaves its name.
func mark(name string) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(ring.AddHeader("X-Layer", name)) }
	}
}

func values(h ring.Header, name string) string {
	var vs []string
	for v := range h.All(name) {
		vs = append(vs, v)
	}
	return strings.Join(vs, ",")
}

func TestLayersAndPrefixesAreThoseAround(t *testing.T) {
	pattern := func(req ring.Request) ring.Response { return ring.Text(route.Pattern(req) + " " + req.Param("shop")) }
	app := route.New(
		route.Get("/", pattern),
		route.Group(mark("a"),
			route.Get("/a", pattern),
			route.Mount("/shops/{shop}",
				route.Get("", pattern),
				route.Get("/", pattern),
				route.Group(ring.Chain(mark("b"), mark("c")),
					route.Get("/b", pattern),
					route.Mount("/c", route.Get("/{id}", pattern)),
				),
				route.Get("/d", pattern),
			),
		),
		route.Get("/e", pattern),
	)
	for target, want := range map[string]string{
		"/":             "/  []",
		"/a":            "/a  [a]",
		"/shops/x":      "/shops/{shop} x [a]",
		"/shops/x/":     "/shops/{shop}/ x [a]",
		"/shops/x/b":    "/shops/{shop}/b x [c,b,a]",
		"/shops/x/c/7":  "/shops/{shop}/c/{id} x [c,b,a]",
		"/shops/x/d":    "/shops/{shop}/d x [a]",
		"/e":            "/e  []",
		"/shops/a%2Fb/": "/shops/{shop}/ a/b [a]",
	} {
		_, text, h := ask(app, "GET", target)
		if got := fmt.Sprintf("%s [%s]", text, values(h, "X-Layer")); got != want {
			t.Errorf("%s: %s; want %s", target, got, want)
		}
	}
}

func TestLayersWrapWhenTheRouterIsMade(t *testing.T) {
	wrapped := 0
	app := route.New(route.Group(func(h ring.Handler) ring.Handler {
		wrapped++
		return h
	}, route.Get("/a", says("a")), route.Any("/b", says("b"))))
	leads(t, app, map[string]string{"GET /a": "a", "HEAD /a": "a", "POST /b": "b", "GET /b": "b"})
	if wrapped != 2 {
		t.Errorf("wrapped %d times; want once for each route", wrapped)
	}
}

func TestLayersSeePatternAndParameters(t *testing.T) {
	var seen string
	look := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			seen = route.Pattern(req) + " " + req.Param("id")
			return h(req)
		}
	}
	app := look(route.New(route.Group(look, route.Get("/users/{id}", says("user")))))
	ask(app, "GET", "/users/7")
	if want := "/users/{id} 7"; seen != want {
		t.Errorf("a layer sees %q; want %q", seen, want)
	}
	ask(app, "GET", "/nowhere")
	if seen != " " {
		t.Errorf("a layer around the router sees %q; want nothing", seen)
	}
}

func TestManyParametersAndRoutersInRouters(t *testing.T) {
	leads(t, route.New(
		route.Get("/{a}/{b}/{c}/{d}/{e}", says("five", "a", "b", "c", "d", "e", "f")),
		route.Any("/in/*", route.New(route.Get("/in/{x}/{y}", func(req ring.Request) ring.Response {
			return ring.Text(route.Pattern(req) + " " + req.Param("x") + req.Param("y"))
		}))),
	), map[string]string{
		"GET /1/2/3%2F/4/5": `five a="1" b="2" c="3/" d="4" e="5" f=""`,
		"GET /in/1/2":       `/in/{x}/{y} 12`,
	})
}

func TestALayerMayRewriteThePath(t *testing.T) {
	app := route.New(route.Get("/users/{name}", says("user", "name")))
	rewrite := func(req ring.Request) ring.Response {
		req.URL.Path = "/users/x"
		return app(req)
	}
	if _, text, _ := ask(rewrite, "GET", "/old%2Fpath"); text != `user name="x"` {
		t.Errorf("%s; want the path that the layer set", text)
	}
}

func TestAForeignHandlerGetsPathValues(t *testing.T) {
	app := route.New(route.Any("/files/{name}", ring.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, " ", r.PathValue("name"))
	}))))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("PROPFIND", "/files/a%2Fb", nil))
	if got, want := w.Body.String(), "PROPFIND a/b"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
