package ring

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// A suspendedWriter is what a handler inside of Use writes to: its first byte waits until the layers around have
// returned.
type suspendedWriter struct {
	s       *handover
	started bool // the decision is there, and the head written unless dropped
}

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
		status = s.final.Status
	} else {
		// A ring handler has answered and written the final response through the writers between, which may have changed it.
		putFields(dst, Header{borrowed: s.head})
		protect(dst, s.final.Header)
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
