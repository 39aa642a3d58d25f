package route

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/signet-go/signet/ring"
)

type router struct {
	mux        *chi.Mux
	endpoints  map[key]*endpoint // by method and pattern as chi knows them
	methods    []string          // that any route has, sorted
	notFound   ring.Handler
	notAllowed ring.Handler
}

type key struct{ method, pattern string }

type endpoint struct {
	pattern string
	names   []string
	handler ring.Handler
	forAll  bool // methods
}

// contexts saves an allocation for each request; nothing outlives the search in one.
var contexts = sync.Pool{New: func() any { return chi.NewRouteContext() }}

func (t *router) serve(req ring.Request) ring.Response {
	e, allowed, req := t.route(req)
	if e == nil {
		return t.refuse(req, allowed)
	}
	return e.handler(req)
}

// route returns the endpoint of a request, which then has its parameters, or what other methods are allowed.
func (t *router) route(req ring.Request) (e *endpoint, allowed []string, found ring.Request) {
	rctx := contexts.Get().(*chi.Context)
	defer contexts.Put(rctx)
	path := pathOf(&req.URL)
	if e = t.find(rctx, req.Method, path); e == nil {
		e, allowed = t.others(rctx, path)
	}
	if e != nil {
		req = e.matched(req, rctx.URLParams.Values, path != req.URL.Path)
	}
	return e, allowed, req
}

// find returns the endpoint of a method and path, or nil, and leaves what its parameters stand for in rctx.
func (t *router) find(rctx *chi.Context, method, path string) *endpoint {
	rctx.Reset()
	pattern := t.mux.Find(rctx, method, path)
	if pattern == "" {
		return nil
	}
	e := t.endpoints[key{method, pattern}]
	if e == nil || len(e.names) != len(rctx.URLParams.Values) {
		return nil
	}
	for i, value := range rctx.URLParams.Values {
		// chi lets a parameter stand for nothing, whatever its regexp says.
		if value == "" && e.names[i] != "*" {
			return nil
		}
	}
	return e
}

// others looks for what a path has for other methods: an endpoint for any, or the methods that are allowed.
func (t *router) others(rctx *chi.Context, path string) (forAll *endpoint, allowed []string) {
	for _, method := range t.methods {
		e := t.find(rctx, method, path)
		if e != nil && e.forAll {
			return e, nil
		}
		if e != nil {
			allowed = append(allowed, method)
		}
	}
	return nil, allowed
}

func (t *router) refuse(req ring.Request, allowed []string) ring.Response {
	if allowed == nil {
		return t.notFound(req)
	}
	if !slices.Contains(allowed, http.MethodOptions) {
		allowed = append(allowed, http.MethodOptions)
		slices.Sort(allowed)
	}
	allow := ring.SetHeader("Allow", strings.Join(allowed, ", "))
	if req.Method == http.MethodOptions {
		return ring.NoContent().With(allow)
	}
	return t.notAllowed(req).Then(func(resp ring.Response) ring.Response {
		if resp.Status == http.StatusMethodNotAllowed {
			return resp.With(allow)
		}
		return resp
	})
}

var (
	responseNotFound   = ring.Fail(&ring.Error{Status: http.StatusNotFound})
	responseNotAllowed = ring.Fail(&ring.Error{Status: http.StatusMethodNotAllowed})
)

func answerNotFound(ring.Request) ring.Response { return responseNotFound }

func answerNotAllowed(ring.Request) ring.Response { return responseNotAllowed }

// hidden stands for a slash that belongs to a segment, as long as a path is matched.
const hidden = "\x00"

var hide = strings.NewReplacer("%2F", "%00", "%2f", "%00")

// pathOf is the path to match: unescaped, with its escaped slashes hidden.
func pathOf(u *url.URL) string {
	if u.Path == "" { // of CONNECT
		return "/"
	}
	if !strings.Contains(u.RawPath, "%2F") && !strings.Contains(u.RawPath, "%2f") {
		return u.Path
	}
	// A layer may have set another Path and left RawPath as it was. A path with a zero byte would be ambiguous.
	if u.EscapedPath() != u.RawPath || strings.Contains(u.Path, hidden) {
		return u.Path
	}
	path, err := url.PathUnescape(hide.Replace(u.RawPath))
	if err != nil {
		return u.Path
	}
	return path
}
