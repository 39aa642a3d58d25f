package routers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v4"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/route"
)

// Chi mounts pages under chi.
func Chi(pages []Page, layers ...ring.Middleware) http.Handler {
	r := chi.NewRouter()
	r.Use(ring.Use(layers...))
	for _, p := range pages {
		r.Method(p.Method, p.Path, p.Handler)
	}
	return r
}

// ServeMux mounts pages under http.ServeMux.
func ServeMux(pages []Page, layers ...ring.Middleware) http.Handler {
	mux := http.NewServeMux()
	for _, p := range pages {
		path := p.Path
		if path == "/" {
			path = "/{$}"
		}
		mux.Handle(p.Method+" "+path, p.Handler)
	}
	return ring.Use(layers...)(mux)
}

// Echo mounts pages under echo.
func Echo(pages []Page, layers ...ring.Middleware) http.Handler {
	e := echo.New()
	e.Use(echo.WrapMiddleware(ring.Use(layers...)))
	for _, p := range pages {
		e.Add(p.Method, withColons(p.Path), func(c echo.Context) error {
			r := c.Request()
			for _, name := range c.ParamNames() {
				r.SetPathValue(name, c.Param(name))
			}
			p.Handler(c.Response(), r)
			return nil
		})
	}
	return e
}

// Gin mounts pages under gin.
func Gin(pages []Page, layers ...ring.Middleware) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	for _, p := range pages {
		e.Handle(p.Method, withColons(p.Path), func(c *gin.Context) {
			for _, param := range c.Params {
				c.Request.SetPathValue(param.Key, param.Value)
			}
			p.Handler(c.Writer, c.Request)
		})
	}
	return ring.Use(layers...)(e)
}

// HTTPRouter mounts pages under httprouter.
func HTTPRouter(pages []Page, layers ...ring.Middleware) http.Handler {
	r := httprouter.New()
	for _, p := range pages {
		r.Handle(p.Method, withColons(p.Path), func(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
			for _, param := range params {
				r.SetPathValue(param.Key, param.Value)
			}
			p.Handler(w, r)
		})
	}
	return ring.Use(layers...)(r)
}

// Routes mounts pages among the routes of ring/route.
func Routes(pages []Page, layers ...ring.Middleware) http.Handler {
	var routes []route.Route
	for _, p := range pages {
		routes = append(routes, route.Method(p.Method, p.Path, ring.Adapt(p.Handler)))
	}
	return ring.Chain(layers...)(route.New(routes...))
}

// withColons turns /item/{id} into /item/:id.
func withColons(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
