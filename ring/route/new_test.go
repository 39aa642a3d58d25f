package route_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

func TestMistakesPanicWhenTheRouterIsMade(t *testing.T) {
	h := says("")
	same := func(h ring.Handler) ring.Handler { return h }
	for message, routes := range map[string][]route.Route{
		`route: GET "/a": there is "/a" already, which matches the same`: {route.Get("/a", h), route.Post("/a", h), route.Get("/a", h)},
		`route: GET "/users/{name}": there is "/users/{id}" already, which matches the same`: {
			route.Get("/users/{id}", h), route.Mount("/users", route.Group(same, route.Get("/{name}", h))),
		},
		`route: * "/a": there is "/a" already, which matches the same`: {route.Any("/a", h), route.Any("/a", h)},
		`route: GET "/{b:x+}/*": there is "/{a:x+}/*" already, which matches the same`: {
			route.Get("/{a:x+}/*", h), route.Get("/{a:x*}/*", h), route.Get("/{b:x+}/*", h),
		},
		`route: GET "": a pattern begins with a slash`:                                   {route.Get("", h)},
		`route: GET "a": a pattern begins with a slash`:                                  {route.Get("a", h)},
		`route: GET "a" in "/m": a pattern begins with a slash`:                          {route.Mount("/m", route.Get("a", h))},
		`route: GET "/{a": there is a { without a }`:                                     {route.Get("/{a", h)},
		`route: GET "/a}": there is a } without a {`:                                     {route.Get("/a}", h)},
		`route: GET "/{}": {} has no name`:                                               {route.Get("/{}", h)},
		`route: GET "/{:x}": {:x} has no name`:                                           {route.Get("/{:x}", h)},
		`route: GET "/{a:}": {a:} has a bad regexp`:                                      {route.Get("/{a:}", h)},
		`route: GET "/{a:[}": {a:[} has a bad regexp`:                                    {route.Get("/{a:[}", h)},
		`route: GET "/{a:x)(y}": {a:x)(y} has a bad regexp`:                              {route.Get("/{a:x)(y}", h)},
		`route: GET "/{a}/{a}": {a} stands there twice`:                                  {route.Get("/{a}/{a}", h)},
		`route: GET "/{a}/x/{a}": {a} stands there twice`:                                {route.Mount("/{a}", route.Get("/x/{a}", h))},
		`route: GET "/{a}{b}": there must be text between {a} and the next parameter`:    {route.Get("/{a}{b}", h)},
		`route: GET "/{a}*": there must be text between {a} and the next parameter`:      {route.Get("/{a}*", h)},
		`route: GET "/*/a": a * is the end of a pattern`:                                 {route.Get("/*/a", h)},
		`route: get "/": methods are in capitals`:                                        {route.Method("get", "/", h)},
		`route:  "/": methods are in capitals`:                                           {route.Method("", "/", h)},
		`route: BREW "/": chi: 'BREW' http method is not supported.`:                     {route.Method("BREW", "/", h)},
		`route: GET "/a": the handler is nil`:                                            {route.Get("/a", nil)},
		`route: GET "/a": a layer makes a nil handler of it`:                             {route.Group(func(ring.Handler) ring.Handler { return nil }, route.Get("/a", h))},
		`route: a Group without a layer`:                                                 {route.Mount("/m", route.Group(nil, route.Get("/a", h)))},
		`route: the zero Route`:                                                          {route.Group(same, route.Route{})},
		`route: mount "": a prefix begins with a slash and ends with something else`:     {route.Mount("", route.Get("/a", h))},
		`route: mount "/a/": a prefix begins with a slash and ends with something else`:  {route.Mount("/a/", route.Get("/a", h))},
		`route: mount "/ab": a prefix begins with a slash and ends with something else`:  {route.Mount("/a", route.Mount("b", route.Get("/a", h)))},
		`route: mount "/a/*": a prefix begins with a slash and ends with something else`: {route.Mount("/a/*", route.Get("/a", h))},
		`route: NotFound and MethodNotAllowed are of the whole router, not of "/m"`:      {route.Mount("/m", route.NotFound(h))},
		`route: there are two NotFound`:                                                  {route.NotFound(h), route.NotFound(h)},
		`route: there are two MethodNotAllowed`:                                          {route.MethodNotAllowed(h), route.MethodNotAllowed(h)},
		`route: NotFound: the handler is nil`:                                            {route.NotFound(nil)},
		`route: MethodNotAllowed: the handler is nil`:                                    {route.MethodNotAllowed(nil)},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != message {
					t.Errorf("panic %s; want %s", got, message)
				}
			}()
			route.New(routes...)
		}()
	}
}

func TestRoutesAreListedInOrder(t *testing.T) {
	same := func(h ring.Handler) ring.Handler { return h }
	routes := []route.Route{
		route.Get("/", nil),
		route.NotFound(nil),
		route.Mount("/admin",
			route.Get("", nil),
			route.Group(same, route.Delete("/users/{id:[0-9]+}", nil), route.Mount("/x", route.Any("/*", nil))),
		),
		route.Post("/", nil),
	}
	want := strings.Join([]string{
		"GET     /",
		"GET     /admin",
		"DELETE  /admin/users/{id:[0-9]+}",
		"*       /admin/x/*",
		"POST    /",
		"",
	}, "\n")
	if got := route.List(routes...); got != want {
		t.Errorf("listed:\n%swant:\n%s", got, want)
	}
	for method, pattern := range route.All(routes...) {
		if pattern == "/admin" {
			break
		}
		if method != "GET" {
			t.Errorf("%s %s before /admin", method, pattern)
		}
	}
}
