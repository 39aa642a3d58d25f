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
// [FromContext] returns the request as the layers passed it on, and [Amend] changes the response.
func Use(layers ...Middleware) func(http.Handler) http.Handler {
	wrap := Chain(layers...)
	return func(next http.Handler) http.Handler {
		if h, ok := next.(Handler); ok {
			return wrap(h)
		}
		return wrap(Adapt(next))
	}
}

var errNotServed = errors.New("ring: a handler of net/http was called for a request that has been answered")

// Adapt returns a handler of net/http as a ring handler, to stand among the routes of ring/route, say. It runs as one
// inside of [Use] does: up to its first byte before the layers return and the session commits, and from there on to the
// client.
//
// Called as a function, by a test, it returns what the handler has written as a text, and what it has told [Amend]:
//
//	req := session.WithSession(ring.NewRequest("POST", "/save", nil), s)
//	resp := ring.Adapt(http.HandlerFunc(save))(req)
//	stored, decision := session.Outcome(req, resp)
func Adapt(h http.Handler) Handler {
	return func(req Request) Response {
		if req.ex == nil {
			return recorded(h, req)
		}
		// A layer that calls again has no use for the earlier answer, and its handler may hold what the next one needs.
		req.ex.dropWaiting(false)
		s, resp := suspend(h, req, req.ex)
		if s == nil {
			return Fail(errNotServed)
		}
		return resp
	}
}

// FromMiddleware returns a middleware of net/http as one of ring, to stand among layers or around a group of routes:
//
//	route.Group(ring.FromMiddleware(http.NewCrossOriginProtection().Handler), …)
//
// What it does to the response comes before the layers around it, as with a handler that [Adapt] mounts. The handlers
// inside keep their sessions and all else that layers around have attached to the request.
func FromMiddleware(mw func(http.Handler) http.Handler) Middleware {
	return func(h Handler) Handler { return Adapt(mw(h)) }
}

// HTTP returns a ring handler as an http.HandlerFunc, for routers that take those: r.Get("/", ring.HTTP(home)).
func HTTP(h Handler) http.HandlerFunc { return h.ServeHTTP }

// suspend runs h up to its first byte, and returns what it answers. The handover is nil if x has been answered. The
// handler runs on a goroutine of its own, as middleware in between, such as http.TimeoutHandler, may run the handler on
// yet another goroutine, and a coroutine can't be resumed from there.
func suspend(h http.Handler, req Request, x *exchange) (*handover, Response) {
	ctx, cancel := context.WithCancel(req.Context())
	s := &handover{
		ex: x, req: req, raw: x.raw, w: x.w, head: http.Header{}, cancel: cancel,
		answers: make(chan Response, 1), decided: make(chan struct{}), done: make(chan struct{}),
	}
	if !x.await(s) {
		cancel()
		return nil, Response{}
	}
	go s.run(h, x.httpRequest(context.WithValue(ctx, handoverKey{}, s), req))
	resp, ok := <-s.answers
	if !ok {
		s.decide(Response{}, true)
		s.repanic()
	}
	return s, resp
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

// dropOthers drops the handlers behind Use whose response isn't the one that is sent. It reports whether there are any
// and what is sent comes from none of the handlers behind Use.
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
