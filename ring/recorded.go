package ring

import (
	"cmp"
	"net/http"
	"strings"
)

// recorded runs a handler of net/http as a function: it returns what the handler writes, for a request that nobody
// serves.
func recorded(h http.Handler, req Request) Response {
	w := &recorder{header: http.Header{}}
	x := req.unserved(w)
	defer x.end()
	s, resp := suspend(h, req, x)
	final := resp
	switch source := resp.Body.source.(type) {
	case *handover:
	case *handedBody: // of a ring handler inside
		final.Body = source.body
	default:
		return resp // a failed change has replaced the page
	}
	if resp.IsPlaceholder() { // a layer around settles it
		return final
	}
	s.resume(final)
	resp.Status, resp.Header, resp.Body = cmp.Or(w.status, http.StatusOK), HeaderOf(w.header), TextBody(w.text.String())
	return resp
}

// A recorder keeps what is written. Only the goroutine of the handler uses it.
type recorder struct {
	header http.Header
	status int
	text   strings.Builder
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.text.Write(p)
}

func (w *recorder) Flush() {}
