// Package ring lets a web application be written as functions from a request value to a response value.
//
// A [Handler] takes a [Request] and returns a [Response]; a [Middleware] takes a handler and returns a handler.
// Both values are immutable in effect: assigning to a field changes the copy at hand and nothing else, so no
// layer can change what another one sees. Nothing is written while handlers run; http.go and send.go write the
// response that the outermost layer returns.
//
//	func hello(req ring.Request) ring.Response {
//		return ring.Text("Hello, " + req.Param("name"))
//	}
//
//	http.Handle("/hello/{name}", ring.Handler(hello))
//
// A response that carries an Err is a failed one: it may be rendered as a page, but no session is saved and no
// cookie is set by it. The zero Response is a failed one too.
package ring

import "fmt"

// A Handler answers a request. It must be safe for concurrent use, as any http.Handler.
//
// A Handler is an http.Handler, so it can be mounted wherever one is expected.
type Handler func(Request) Response

// A Middleware makes a handler out of a handler.
type Middleware func(Handler) Handler

// Chain joins layers to one middleware. The first is the outermost: it sees the request first and the response last.
// Without layers the result changes nothing. A nil layer panics.
func Chain(layers ...Middleware) Middleware {
	for i, layer := range layers {
		if layer == nil {
			panic(fmt.Sprintf("ring: Chain: layer %d is nil", i))
		}
	}
	return func(h Handler) Handler {
		for i := len(layers) - 1; i >= 0; i-- {
			h = layers[i](h)
		}
		return h
	}
}
