package ring

import (
	"context"
	"errors"
	"net/http"
)

// Use turns layers into a middleware of net/http, for chi's r.Use and the like:
//
//	r := chi.NewRouter()
//	r.Use(ring.Use(session.Wrap(store, session.Options{})))
//	r.Get("/", ring.Handler(home).ServeHTTP)
//
// Nothing is buffered. The handler inside runs until its first byte; the layers get its head as a Response, whose body
// they can't read but can replace; then they return, the session commits, and the handler goes on to write. A ring
// handler inside hands over its whole response first, with its session, through whatever middleware stands between.
//
// If the layers replace the body, or call the handler again, the handler's context is cancelled and its writes return an
// error. A text that takes the place of the body is sent to the client at once, even if the handler ignores its context
// and goes on; the call of ServeHTTP ends when the handler has returned.
//
// If the handler returns without writing anything, the layers see an empty response of 200 and commit, and the head
// stays unwritten, as in net/http: a framework may still render an error page, with the header fields that the layers
// have set. If nobody writes, net/http sends 200.
//
// [FromContext] gives the handler the request as the layers passed it on.
func Use(layers ...Middleware) func(http.Handler) http.Handler {
	wrap := Chain(layers...)
	return func(next http.Handler) http.Handler {
		if h, ok := next.(Handler); ok {
			return wrap(h)
		}
		return wrap(suspending(next))
	}
}

var errNotServed = errors.New("ring: a handler behind Use was called without a client that waits: it writes to one")

// suspending is next as a ring handler. It runs on a goroutine of its own, as a handler between may start another
// one that hands its response over (http.TimeoutHandler does), which a coroutine could not survive.
func suspending(next http.Handler) Handler {
	return func(req Request) Response {
		if req.ex == nil {
			return Fail(errNotServed)
		}
		// A layer that calls again has no use for the earlier answer, and its handler may hold what the next one needs.
		req.ex.dropWaiting(false)
		ctx, cancel := context.WithCancel(req.Context())
		s := &handover{
			req: req, raw: req.ex.raw, w: req.ex.w, head: http.Header{}, cancel: cancel,
			answers: make(chan Response, 1), decided: make(chan struct{}), done: make(chan struct{}),
		}
		if !req.ex.await(s) {
			cancel()
			return Fail(errNotServed)
		}
		go s.run(next, req.ex.httpRequest(context.WithValue(ctx, handoverKey{}, s), req))
		resp, ok := <-s.answers
		if !ok {
			s.decide(Response{}, true)
			s.repanic()
		}
		return resp
	}
}

// await records that s waits for its response to be written. It reports false if the request has been answered.
func (x *exchange) await(s *handover) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return false
	}
	x.waiting = append(x.waiting, s)
	return true
}

// dropWaiting ends the handlers behind Use whose response nobody wants, and waits for them to return.
func (x *exchange) dropWaiting(ended bool) {
	x.mu.Lock()
	waiting := x.waiting
	x.waiting, x.ended = nil, x.ended || ended
	x.mu.Unlock()
	for _, s := range waiting {
		s.drop()
		<-s.done
	}
}

// dropOthers drops the handlers behind Use whose response isn't the one that is sent. It reports whether there are any and
// what is sent comes from none of the handlers behind Use.
func (x *exchange) dropOthers(sent Body) bool {
	var kept *handover
	switch source := sent.source.(type) {
	case *handover:
		kept = source
	case *handedBody:
		kept = source.to
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	others := false
	for _, s := range x.waiting {
		if s != kept {
			s.drop()
			others = true
		}
	}
	return others && kept == nil
}
