package ringtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/signet-go/signet/ring"
)

// A recorder is the http.ResponseWriter of a request, and behaves as that of net/http's server does for HTTP/1.1, which
// httptest's does not: it buffers a little, refuses a body where there is none, and knows connections that break off.
type recorder struct {
	method string
	header http.Header // the handler's

	mu      sync.Mutex
	status  int         // 0: not written yet
	head    ring.Header // as it was when the status was written
	body    bytes.Buffer
	written int  // bytes of the body that the handler has written, of which a HEAD gets none
	sent    int  // bytes of body that have left the buffer
	left    bool // the head has left the buffer
	gone    bool // the browser has
	err     error
}

// buffered is how many bytes the server holds back until the handler flushes or returns.
const buffered = 2048

var errGone = errors.New("ringtest: the browser has left")

func newRecorder(method string) *recorder { return &recorder{method: method, header: http.Header{}} }

func encrypted(scheme string) *tls.ConnectionState {
	if scheme != "https" {
		return nil
	}
	return &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true}
}

// Header is what the handler sets before it writes.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader fixes the head.
func (w *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status)) // as the server does
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(status)
}

func (w *recorder) begin(status int) {
	if w.status == 0 {
		w.status, w.head = status, clean(w.header)
	}
}

// clean is a header as the server writes it: a line break in a value becomes a blank.
func clean(h http.Header) ring.Header {
	c := http.Header{}
	for name, values := range h {
		for _, v := range values {
			c.Add(name, strings.TrimSpace(strings.NewReplacer("\n", " ", "\r", " ").Replace(v)))
		}
	}
	return ring.HeaderOf(c)
}

// Write takes a part of the body.
func (w *recorder) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(http.StatusOK)
	length, has := w.length()
	switch {
	case w.gone:
		return 0, errGone
	case w.status < 200 || w.status == http.StatusNoContent || w.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	case has && w.written+len(p) > length:
		return 0, http.ErrContentLength
	}
	w.written += len(p)
	if w.method == http.MethodHead {
		return len(p), nil
	}
	w.sniff(p)
	w.body.Write(p)
	if w.body.Len()-w.sent > buffered {
		w.push()
	}
	return len(p), nil
}

// sniff adds the type that a body without one seems to have.
func (w *recorder) sniff(p []byte) {
	_, typed := w.head.Lookup("Content-Type")
	_, encoded := w.head.Lookup("Content-Encoding")
	if _, unwanted := w.header["Content-Type"]; w.body.Len() == 0 && len(p) > 0 && !typed && !encoded && !unwanted {
		w.head = w.head.Set("Content-Type", http.DetectContentType(p))
	}
}

// length is what the head says that the body will have.
func (w *recorder) length() (int, bool) {
	n, err := strconv.Atoi(w.head.Get("Content-Length"))
	return n, err == nil
}

// push sends what is in the buffer.
func (w *recorder) push() { w.left, w.sent = true, w.body.Len() }

// FlushError sends what has been written so far.
func (w *recorder) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(http.StatusOK)
	if w.gone {
		return errGone
	}
	w.push()
	return nil
}

// Flush is FlushError for handlers that want no error.
func (w *recorder) Flush() { _ = w.FlushError() }

// finish is called when the handler has returned.
func (w *recorder) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(http.StatusOK)
	bodyless := w.method == http.MethodHead || w.status < 200 || w.status == http.StatusNoContent || w.status == http.StatusNotModified
	if n, has := w.length(); has && w.written < n && !bodyless {
		w.err = fmt.Errorf("%w: %d of %d bytes", ErrBrokeOff, w.written, n)
	}
	if !w.gone {
		w.push()
	}
}

// breakOff is called instead of finish where the handler has panicked: what is in the buffer is lost.
func (w *recorder) breakOff(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

// leave ends the connection from the other side.
func (w *recorder) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	if w.err == nil {
		w.err = errGone
	}
}

func (w *recorder) received() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.body.Bytes()[:w.sent])
}

// into puts what has arrived into a page.
func (w *recorder) into(p *Page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.Err = w.err
	if w.left {
		p.Status, p.Header, p.Body = w.status, w.head, string(w.body.Bytes()[:w.sent])
	}
}
