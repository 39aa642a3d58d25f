package ring

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
)

// A guardedWriter sees to it that the fields which protect a session are still there when a foreign handler writes its
// head: net/http's own error answers remove Cache-Control, others replace Set-Cookie.
type guardedWriter struct {
	http.ResponseWriter
	head    Header
	started bool
}

func (w *guardedWriter) protect() {
	if !w.started {
		w.started = true
		protect(w.ResponseWriter.Header(), w.head)
	}
}

// protect restores in dst the Set-Cookie, Cache-Control and Vary fields of head.
func protect(dst http.Header, head Header) {
	cookies := false
	for c := range head.All("Set-Cookie") {
		cookies = true
		if !slices.Contains(dst["Set-Cookie"], c) {
			dst.Add("Set-Cookie", c)
		}
	}
	if cc, ok := head.Lookup("Cache-Control"); ok && (cookies || dst["Cache-Control"] == nil) {
		dst["Cache-Control"] = []string{cc}
	}
	for v := range head.All("Vary") {
		if !slices.Contains(dst["Vary"], v) {
			dst.Add("Vary", v)
		}
	}
}

func (w *guardedWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.protect()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *guardedWriter) Write(p []byte) (int, error) {
	w.protect()
	return w.ResponseWriter.Write(p)
}

func (w *guardedWriter) WriteString(s string) (int, error) {
	w.protect()
	return io.WriteString(w.ResponseWriter, s)
}

func (w *guardedWriter) ReadFrom(r io.Reader) (int64, error) {
	w.protect()
	if rf, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		return rf.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{w.ResponseWriter}, r)
}

func (w *guardedWriter) Flush() { _ = w.FlushError() }

func (w *guardedWriter) FlushError() error {
	w.protect()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *guardedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.protect() // for handlers that write the header map to the connection themselves
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
