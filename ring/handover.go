package ring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
)

type handoverKey struct{}

// copied hides a handover in the context of Request.HTTP, where Amend doesn't work.
type copied struct{}

// A handover is the meeting point of a handler of net/http and the ring layers around it. The handler's side gives an
// answer and waits; the layers' side decides: resume with the final response, or drop. Its states, each entered once:
//
//	running   the handler hasn't written anything
//	answered  the first byte, or its end, has produced a Response for the layers; the handler waits for decided
//	resumed   settled, not dropped: the handler writes to the client, with the final head
//	dropped   settled and dropped: its context is cancelled, and its writes return errReplaced
//	done      the handler has returned, from any of these
//
// As the body of a response it stands for what the handler is going to write.
type handover struct {
	ex     *exchange
	req    Request // as the layers around passed it
	raw    *http.Request
	w      http.ResponseWriter
	head   http.Header // what the handler sets before its first byte
	cancel context.CancelFunc

	mu       sync.Mutex
	changes  []Change // what Amend was given
	answered bool     // no change comes any more
	settled  bool
	answers  chan Response // one; closed instead if the handler panicked first
	decided  chan struct{} // closed once final and dropped are set
	final    Response
	dropped  bool
	done     chan struct{} // closed when the handler has returned
	silent   bool          // the handler has returned without writing; set before done is closed
	panicked *forwardedPanic
}

// A handedBody is the body of a response that a ring handler has handed to the layers around it. They can replace it.
// If they don't, the handler writes it, through the writers of the middleware between.
type handedBody struct {
	to   *handover
	body Body
}

// settledTo returns found, the body that the placeholder's body b stood for. If b has been handed over, so is the
// result.
func (b Body) settledTo(found Body) Body {
	if d, ok := b.source.(*handedBody); ok {
		return Body{source: &handedBody{d.to, found}}
	}
	return found
}

var (
	errReplaced = errors.New("ring: the response was replaced by a layer around the handler")
	errStale    = errors.New("ring: a layer returned the response of an earlier call, whose handler has ended")
)

func (s *handover) run(next http.Handler, r *http.Request) {
	returned := false
	defer close(s.done)
	defer s.ex.removeFiles(r)
	defer func() {
		if v := recover(); v != nil {
			s.panicked = forwardPanic(v)
		} else if !returned { // runtime.Goexit
			s.panicked = &forwardedPanic{PanicError{http.ErrAbortHandler, nil}}
		}
		switch {
		case s.panicked == nil:
		case s.claim():
			close(s.answers)
		case s.isDropped():
			s.logPanic()
		}
	}()
	w := &suspendedWriter{s: s, ctx: r.Context()}
	next.ServeHTTP(w, r)
	w.finish()
	returned = true
}

// claim reports whether the caller is the first to answer.
func (s *handover) claim() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.answered
	s.answered = true
	return first
}

// answer sends resp, as amend changes it, to the layers around, unless there has been an answer, and waits for what
// becomes of the response.
func (s *handover) answer(resp Response, amend func(Response, []Change) Response) (first bool) {
	first = s.claim()
	if first {
		s.send(resp, amend)
	}
	<-s.decided
	return first
}

// send sends the answer. If a change panics, the channel is closed without one, as by a handler that panics.
func (s *handover) send(resp Response, amend func(Response, []Change) Response) {
	defer close(s.answers)
	s.answers <- amend(resp, s.amendments())
}

// decide lets the handler's side go on; only the first call counts.
func (s *handover) decide(final Response, dropped bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled {
		return false
	}
	s.settled, s.final, s.dropped = true, final, dropped
	if dropped {
		s.cancel() // before the handler goes on, so that it finds out why its writes are refused
	}
	close(s.decided)
	return true
}

// resume writes the final response: the handler does, on its own goroutine. It reports false if that has ended.
func (s *handover) resume(final Response) bool {
	if !s.decide(final, false) {
		return false
	}
	<-s.done
	if !s.silent { // else somebody further out is going to write, perhaps with what the handler got ready
		s.cancel()
	}
	if s.panicked != nil {
		s.repanic()
	}
	return true
}

// drop ends the handler without writing what it answered. It does not wait for the handler to return: from here on the
// handler's side reaches neither the client nor the real writer, so the request may be answered meanwhile. The exchange
// waits at its end, since frameworks reuse what they have passed to a handler once their own handler has returned.
func (s *handover) drop() { s.decide(Response{}, true) }

func (s *handover) isDropped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settled && s.dropped
}

// reach calls f with the real writer unless the response was dropped. Dropping waits for f to return, so that nobody
// uses the writer beside the answer. It is for what the handler's side does to the writer before the layers have
// decided.
func (s *handover) reach(f func(http.ResponseWriter) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settled && s.dropped {
		return errReplaced
	}
	return f(s.w)
}

func (s *handover) logPanic() {
	p := s.panicked
	if p.Value == http.ErrAbortHandler {
		return
	}
	slog.Default().LogAttrs(s.raw.Context(), slog.LevelError, "a handler panicked whose response had been replaced",
		slog.String("method", s.raw.Method), slog.String("path", s.raw.URL.Path),
		slog.Any("error", &p.PanicError), slog.String("stack", string(p.Stack)))
}

func (s *handover) close() error {
	s.drop()
	return nil
}

func (d *handedBody) close() error { return d.to.close() }

// deliver hands the response of a ring handler below to the layers around, and writes what they make of it through
// the writers between.
func (s *handover) deliver(x *exchange, resp Response) {
	offered := resp
	offered.Header = merged(resp.Header, x.w.Header())
	offered.Body = Body{source: &handedBody{s, resp.Body}}
	if s.answer(offered, Response.beneath) && !s.dropped {
		x.giveBack(resp.Body, s.final.Body)
		clear(x.w.Header())
		x.tell(s.final)
		x.answer(s.final)
		return
	}
	x.tell(resp)
	if id := resp.Values.unclaimed(Values{}); !s.dropped && id != nil {
		x.log("a response was lost", errors.New("ring: it carries a "+id.name+", but the response around it was answered before"))
	} else if !s.dropped { // a part of a page, perhaps
		x.logOnce(resp)
		x.answer(resp)
		return
	}
	x.giveBack(resp.Body, Body{})
}

// giveBack closes a body unless it is the one that is sent.
func (x *exchange) giveBack(body, sent Body) {
	if err := body.closeUnlessIn(sent); err != nil {
		x.log("closing a body failed", err)
	}
}

// merged adds to h what is in set and not in h.
func merged(h Header, set http.Header) Header {
	var more []Field
	for _, name := range namesOf(set) {
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

// A forwardedPanic is a panic that is raised again on another goroutine than the one on which it happened.
type forwardedPanic struct{ PanicError }

func forwardPanic(v any) *forwardedPanic {
	if c, ok := v.(*forwardedPanic); ok {
		return c
	}
	return &forwardedPanic{PanicError{v, debug.Stack()}}
}

// Error has the stack too, for what recovers it: the stack there says nothing of where it came from.
func (c *forwardedPanic) Error() string {
	return fmt.Sprintf("%v\n\nin a handler that ran on a goroutine of its own:\n%s", c.Value, c.Stack)
}

func (c *forwardedPanic) Unwrap() error { return &c.PanicError }

func (s *handover) repanic() {
	<-s.done
	if s.panicked.Value == http.ErrAbortHandler {
		panic(http.ErrAbortHandler)
	}
	panic(s.panicked)
}
