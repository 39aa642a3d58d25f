package ring

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// A suspendedWriter is what a handler inside of Use writes to: its first byte waits until the layers around have
// returned.
type suspendedWriter struct {
	s       *handover
	ctx     context.Context // the handler's
	started bool            // the decision is there, and the head written unless dropped or open
	open    bool            // nobody has written the head: the handler has returned, or failed to take over the connection
}

func (w *suspendedWriter) Header() http.Header {
	if w.started && !w.s.dropped {
		return w.s.w.Header()
	}
	return w.s.head
}

func (w *suspendedWriter) WriteHeader(status int) {
	switch {
	case status >= 200 || status == http.StatusSwitchingProtocols:
		w.start(status)
	case !w.started:
		_ = w.s.reach(func(real http.ResponseWriter) error { hint(real, w.s.head, status); return nil })
	case !w.s.dropped:
		hint(w.s.w, nil, status)
	}
}

// hint sends an informational answer with the fields of more besides those of w, and leaves none of them behind. It
// never has cookies: those are of the response that follows, which may not have committed yet.
func hint(w http.ResponseWriter, more http.Header, status int) {
	head := w.Header()
	before := maps.Clone(head)
	maps.Copy(head, more)
	delete(head, "Set-Cookie")
	w.WriteHeader(status)
	clear(head)
	maps.Copy(head, before)
}

// start waits for the layers around and writes the head, once. It reports whether a body may follow.
func (w *suspendedWriter) start(status int) bool {
	switch {
	case !w.started:
		if status = w.decide(status); status != 0 {
			w.s.w.WriteHeader(status)
		}
	case w.open:
		w.open = false
		protect(w.s.raw, w.s.w.Header(), w.s.final.Header)
		w.s.w.WriteHeader(status)
	}
	return !w.s.dropped
}

// finish is the end of a handler that may have written nothing. The layers decide then as if it had written an empty
// page, but the head is left to whoever called the handler, unless a layer has chosen another status.
func (w *suspendedWriter) finish() {
	if w.started {
		w.s.silent = w.open
		return
	}
	status := w.decide(http.StatusOK)
	w.s.silent = true
	switch status {
	case 0: // dropped
	case http.StatusOK:
		w.open = true
	default:
		w.s.w.WriteHeader(status)
	}
}

// decide waits for the layers around, puts the final header in place and returns the final status; 0 if the response
// was dropped.
func (w *suspendedWriter) decide(status int) int {
	s := w.s
	mine := s.answer(Response{Status: status, Header: HeaderOf(s.head), Body: Body{source: s}}, func(r Response, cs []Change) Response { return r.With(cs...) })
	w.started = true
	if s.dropped {
		return 0
	}
	dst := s.w.Header()
	if mine {
		putFields(dst, s.final.Header)
		status = s.final.Status
	} else {
		// A ring handler has answered and written the final response through the writers between, which may have
		// changed it.
		putFields(dst, Header{borrowed: s.head})
		protect(s.raw, dst, s.final.Header)
	}
	for name, vs := range s.head {
		if _, set := dst[name]; len(vs) == 0 && !set {
			dst[name] = nil // tells net/http to send none of its own
		}
	}
	return status
}

// silent reports whether the client gets no body whatever is written.
func (w *suspendedWriter) silent() bool { return w.s.raw.Method == http.MethodHead }

func (w *suspendedWriter) Write(p []byte) (int, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if w.silent() {
		return len(p), nil
	}
	return w.s.w.Write(p)
}

func (w *suspendedWriter) WriteString(s string) (int, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if w.silent() {
		return len(s), nil
	}
	return io.WriteString(w.s.w, s)
}

func (w *suspendedWriter) ReadFrom(r io.Reader) (int64, error) {
	if !w.start(http.StatusOK) {
		return 0, errReplaced
	}
	if rf, ok := w.s.w.(io.ReaderFrom); ok && !w.silent() {
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

// Hijack takes the connection over once the layers around have committed. If that fails, as over HTTP/2, the head is
// still the handler's to write.
func (w *suspendedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	unwritten := !w.started || w.open
	if !w.started {
		w.decide(http.StatusSwitchingProtocols)
	}
	if w.s.dropped {
		return nil, nil, errReplaced
	}
	conn, rw, err := http.NewResponseController(w.s.w).Hijack()
	w.open = unwritten && err != nil
	return conn, rw, err
}

// CloseNotify returns a channel that gets a value when the client is gone, or the response has been replaced. It is
// deprecated, but frameworks expect it: gin's Stream panics without it.
func (w *suspendedWriter) CloseNotify() <-chan bool { return closeNotify(w.ctx) }

// closeNotify returns a channel that gets a value when ctx ends.
func closeNotify(ctx context.Context) <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(ctx, func() { gone <- true })
	return gone
}

// SetReadDeadline, SetWriteDeadline and EnableFullDuplex are here because an http.ResponseController would call those of
// the real writer otherwise, which may be in use by the answer that has
// replaced this handler's.

func (w *suspendedWriter) SetReadDeadline(t time.Time) error {
	return w.control(func(c *http.ResponseController) error { return c.SetReadDeadline(t) })
}

func (w *suspendedWriter) SetWriteDeadline(t time.Time) error {
	return w.control(func(c *http.ResponseController) error { return c.SetWriteDeadline(t) })
}

func (w *suspendedWriter) EnableFullDuplex() error {
	return w.control((*http.ResponseController).EnableFullDuplex)
}

func (w *suspendedWriter) control(f func(*http.ResponseController) error) error {
	return w.s.reach(func(real http.ResponseWriter) error { return f(http.NewResponseController(real)) })
}

// Unwrap returns the real writer, or one that takes nothing if the response was dropped.
func (w *suspendedWriter) Unwrap() http.ResponseWriter {
	var under http.ResponseWriter = refusingWriter{}
	_ = w.s.reach(func(real http.ResponseWriter) error { under = real; return nil })
	return under
}

// A refusingWriter stands for the writer of a request that has been answered.
type refusingWriter struct{}

func (refusingWriter) Header() http.Header       { return http.Header{} }
func (refusingWriter) WriteHeader(int)           {}
func (refusingWriter) Write([]byte) (int, error) { return 0, errReplaced }
