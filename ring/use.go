package ring

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
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
// Where the layers replace the body, the handler's context is cancelled and what it writes is refused.
func Use(layers ...Middleware) func(http.Handler) http.Handler {
	wrap := Chain(layers...)
	return func(next http.Handler) http.Handler {
		if h, ok := next.(Handler); ok {
			return wrap(h)
		}
		return wrap(suspending(next))
	}
}

var errNotServed = errors.New("ring: a handler behind Use can't be called as a function: it writes to a client")

// suspending is next as a ring handler. It runs on a goroutine of its own, as a handler between may start another
// one that hands its response over (http.TimeoutHandler does), which a coroutine could not survive.
func suspending(next http.Handler) Handler {
	return func(req Request) Response {
		if req.ex == nil {
			return Fail(errNotServed)
		}
		ctx, cancel := context.WithCancel(req.Context())
		s := &handover{
			req: req, w: req.ex.w, head: http.Header{}, cancel: cancel,
			answers: make(chan Response, 1), decided: make(chan struct{}), done: make(chan struct{}),
		}
		req.ex.rest(s)
		go s.run(next, req.ex.outgoing(context.WithValue(ctx, handoverKey{}, s), req))
		resp, ok := <-s.answers
		if !ok {
			s.repanic()
		}
		return resp
	}
}

type handoverKey struct{}

// A handover is the meeting point of a handler of net/http and the ring layers around it. The handler's side gives an
// answer and waits; the layers' side decides: resume with the final response, or drop.
type handover struct {
	req    Request // as the layers around passed it
	w      http.ResponseWriter
	head   http.Header // what the handler sets before its first byte
	cancel context.CancelFunc

	mu       sync.Mutex
	answered bool
	answers  chan Response // one; closed instead if the handler panicked first
	decided  chan struct{} // closed once final or dropped is set
	settled  bool
	final    Response
	dropped  bool
	done     chan struct{} // closed when the handler has returned
	panicked *carried
}

// carried is a panic on its way from one goroutine to another.
type carried struct {
	value any
	stack []byte
}

func (s *handover) run(next http.Handler, r *http.Request) {
	returned := false
	defer close(s.done)
	defer func() {
		if v := recover(); v != nil {
			s.panicked = &carried{v, debug.Stack()}
		} else if !returned { // runtime.Goexit
			s.panicked = &carried{http.ErrAbortHandler, nil}
		}
		if s.panicked != nil && s.claim() {
			close(s.answers)
		}
	}()
	w := &suspendedWriter{s: s}
	next.ServeHTTP(w, r)
	w.start(http.StatusOK) // where nothing was written, as net/http does
	returned = true
}

func (s *handover) repanic() {
	<-s.done
	if s.panicked.value == http.ErrAbortHandler {
		panic(http.ErrAbortHandler)
	}
	panic(s.panicked)
}

// claim reports whether the caller is the first to answer.
func (s *handover) claim() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.answered
	s.answered = true
	return first
}

// answer gives resp to the layers around, unless there has been an answer, and waits for what becomes of the response.
func (s *handover) answer(resp Response) (first bool) {
	first = s.claim()
	if first {
		s.answers <- resp
	}
	<-s.decided
	return first
}

// decide lets the handler's side go on; only the first call counts.
func (s *handover) decide(final Response, dropped bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled {
		return false
	}
	s.settled, s.final, s.dropped = true, final, dropped
	close(s.decided)
	return true
}

// resume writes the final response: the handler does, on its own goroutine.
func (s *handover) resume(final Response) {
	s.decide(final, false)
	<-s.done
	s.cancel()
	if s.panicked != nil {
		s.repanic()
	}
}

// deliver hands the response of a ring handler below to the layers around, and writes what they make of it through
// the writers between.
func (s *handover) deliver(x *exchange, resp Response) {
	offered := resp
	offered.Header = merged(resp.Header, x.w.Header())
	offered.Body = Body{act: s}
	if !s.answer(offered) {
		if id := resp.Values.unclaimed(Values{}); id != nil {
			x.log("a response was lost", errors.New("ring: it carries a "+id.name+", but the response around it was answered before"))
			s.forget(resp)
			return
		}
		x.send(resp) // a part of a page, perhaps
		return
	}
	if s.dropped {
		s.forget(resp)
		return
	}
	final := s.final
	final.Body = resp.Body
	clear(x.w.Header())
	x.send(final)
}

func (s *handover) forget(resp Response) {
	if err := resp.Body.close(); err != nil {
		slog.Default().Error("closing a body failed", "error", err)
	}
}

// merged adds to h what is in set and not in h.
func merged(h Header, set http.Header) Header {
	var more []Field
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, has := h.Lookup(name); has && name != "Vary" && name != "Set-Cookie" {
			continue
		}
		for _, v := range set[name] {
			more = append(more, Field{name, v})
		}
	}
	if more == nil {
		return h
	}
	return h.AddAll(more...)
}

func (x *exchange) rest(s *handover) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.resting = append(x.resting, s)
}

// settle ends the handlers whose response was replaced.
func (x *exchange) settle() {
	if x.resting == nil {
		return
	}
	for _, s := range x.resting {
		if !s.decide(Response{}, true) {
			continue
		}
		s.cancel()
		<-s.done
		if p := s.panicked; p != nil && p.value != http.ErrAbortHandler && p.stack != nil {
			slog.Default().Error("a handler panicked whose response had been replaced", "panic", p.value, "stack", string(p.stack))
		}
	}
}

// A suspendedWriter is what a handler inside of Use writes to.
type suspendedWriter struct {
	s       *handover
	started bool // the decision is there, and the head written unless dropped
}

var errReplaced = errors.New("ring: the response was replaced by a layer around the handler")

func (w *suspendedWriter) Header() http.Header {
	if w.started && !w.s.dropped {
		return w.s.w.Header()
	}
	return w.s.head
}

func (w *suspendedWriter) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.hint(status)
		return
	}
	w.start(status)
}

// hint passes an informational answer on, with the fields set so far and none of them left behind.
func (w *suspendedWriter) hint(status int) {
	if w.started {
		if !w.s.dropped {
			w.s.w.WriteHeader(status)
		}
		return
	}
	real := w.s.w.Header()
	before := maps.Clone(real)
	maps.Copy(real, w.s.head)
	w.s.w.WriteHeader(status)
	clear(real)
	maps.Copy(real, before)
}

// start waits for the layers around and writes the head, once. It reports whether a body may follow.
func (w *suspendedWriter) start(status int) bool {
	if !w.started {
		if status = w.decide(status); status != 0 {
			w.s.w.WriteHeader(status)
		}
	}
	return !w.s.dropped
}

// decide waits for the layers around, puts the final header in place and returns the final status; 0 if the response
// was dropped.
func (w *suspendedWriter) decide(status int) int {
	s := w.s
	mine := s.answer(Response{Status: status, Header: HeaderOf(s.head), Body: Body{act: s}})
	w.started = true
	if s.dropped {
		return 0
	}
	dst := s.w.Header()
	if mine {
		putFields(dst, s.final.Header)
		return s.final.Status
	}
	// A ring handler has answered and writes the final response through the writers between, which may have changed it.
	for name, vs := range s.head {
		dst[name] = vs
	}
	protect(dst, s.final.Header)
	return status
}

func (w *suspendedWriter) Write(p []byte) (int, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if w.s.req.Method == http.MethodHead {
		return len(p), nil
	}
	return w.s.w.Write(p)
}

func (w *suspendedWriter) WriteString(s string) (int, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if w.s.req.Method == http.MethodHead {
		return len(s), nil
	}
	return io.WriteString(w.s.w, s)
}

func (w *suspendedWriter) ReadFrom(r io.Reader) (int64, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if rf, ok := w.s.w.(io.ReaderFrom); ok && w.s.req.Method != http.MethodHead {
		return rf.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{w}, r)
}

func (w *suspendedWriter) Flush() { _ = w.FlushError() }

func (w *suspendedWriter) FlushError() error {
	if !w.start(http.StatusOK) {
		return errReplaced
	}
	return http.NewResponseController(w.s.w).Flush()
}

func (w *suspendedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !w.started {
		w.decide(http.StatusSwitchingProtocols)
	}
	if w.s.dropped {
		return nil, nil, errReplaced
	}
	return http.NewResponseController(w.s.w).Hijack()
}

func (w *suspendedWriter) Unwrap() http.ResponseWriter { return w.s.w }
