package ring

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
)

// A guardedWriter sees to it that the fields which protect a session are still there when a foreign handler writes its
// head: net/http's own error answers remove Cache-Control, others replace Set-Cookie. A handler that has asked for a
// value of a layer that is missing has decided by nothing, so a failure is sent in its place.
type guardedWriter struct {
	http.ResponseWriter
	x       *exchange
	resp    Response // what the layers around have answered
	started bool
	failed  error // what the handler writes is refused
}

// protect makes the head ready, once. It returns an error if the handler must not write.
func (w *guardedWriter) protect() error {
	if w.started {
		return w.failed
	}
	w.started = true
	if err := w.x.missing(); err != nil {
		dropPage(w.ResponseWriter.Header())
		w.failed = err
		w.x.sendInstead(w.resp, err)
		return err
	}
	protect(w.x.raw, w.ResponseWriter.Header(), w.resp.Header)
	return nil
}

// protect restores in dst the Set-Cookie, Cache-Control and Vary fields of head. A cookie of dst that head sets
// otherwise is dropped: browsers keep either of two cookies of one name, and that of head says what has been stored.
func protect(raw *http.Request, dst http.Header, head Header) {
	cookies := false
	for c := range head.All("Set-Cookie") {
		cookies = true
		if !slices.Contains(dst["Set-Cookie"], c) {
			dst.Add("Set-Cookie", c)
		}
	}
	if cookies {
		dropOtherCookies(raw, dst, head)
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

// dropOtherCookies takes off dst the cookies that head sets with another value.
func dropOtherCookies(raw *http.Request, dst http.Header, head Header) {
	dst["Set-Cookie"] = slices.DeleteFunc(dst["Set-Cookie"], func(field string) bool {
		ours := false
		for c := range head.All("Set-Cookie") {
			if c == field {
				return false
			}
			ours = ours || cookieName(c) == cookieName(field)
		}
		if ours {
			slog.Default().LogAttrs(raw.Context(), slog.LevelError, "a cookie was dropped: a layer around the handler sets one of this name",
				slog.String("method", raw.Method), slog.String("path", raw.URL.Path), slog.String("cookie", cookieName(field)))
		}
		return ours
	})
}

// cookieName returns the name of the cookie that a Set-Cookie field sets.
func cookieName(field string) string {
	name, _, _ := strings.Cut(field, "=")
	return strings.Trim(name, " \t")
}

func (w *guardedWriter) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		if !w.started { // else it is late
			hint(w.ResponseWriter, nil, status)
		}
		return
	}
	if w.protect() == nil {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *guardedWriter) Write(p []byte) (int, error) {
	if err := w.protect(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

func (w *guardedWriter) WriteString(s string) (int, error) {
	if err := w.protect(); err != nil {
		return 0, err
	}
	return io.WriteString(w.ResponseWriter, s)
}

func (w *guardedWriter) ReadFrom(r io.Reader) (int64, error) {
	if err := w.protect(); err != nil {
		return 0, err
	}
	if rf, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		return rf.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{w.ResponseWriter}, r)
}

func (w *guardedWriter) Flush() { _ = w.FlushError() }

func (w *guardedWriter) FlushError() error {
	if err := w.protect(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *guardedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	written := w.started
	if err := w.protect(); err != nil { // for handlers that write the header map to the connection themselves
		return nil, nil, err
	}
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.started = written || err == nil // else the head is still to be written, and protected again
	return conn, rw, err
}

// CloseNotify is that of suspendedWriter.
func (w *guardedWriter) CloseNotify() <-chan bool { return closeNotify(w.x.raw.Context()) }

func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
