package ring

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
)

// ServeHTTP answers r: it makes a Request of it, calls h, and writes the Response. A failed response is logged to
// slog.Default unless [OnError] has logged it, and its Set-Cookie fields are dropped. What fails after the first byte
// aborts the connection.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	outer, _ := r.Context().Value(handoverKey{}).(*handover)
	x := &exchange{raw: r, w: w, outer: outer}
	defer x.end()
	req := x.request()
	resp := h(req)
	shown := resp.shown(req)
	if outer == nil && shown.IsPlaceholder() && shown.Err == nil { // nobody is left to settle it
		shown = resp.failed(ErrNoStatus)
	}
	if err := resp.Body.closeUnlessIn(shown.Body); err != nil {
		x.log("closing a body failed", err)
	}
	if outer != nil {
		outer.deliver(x, shown)
		return
	}
	x.logOnce(shown)
	x.tell(shown)
	x.answer(shown)
}

// An exchange is what all copies of a served request share.
type exchange struct {
	raw   *http.Request
	w     http.ResponseWriter
	outer *handover // the ring layers of Use around this handler, if any
	body  *input    // as it came

	absent atomic.Pointer[identity] // first value that a handler expected from an absent layer

	mu      sync.Mutex
	waiting []*handover // handlers of Use that wait for their response to be written
	ended   bool        // there will be no response to write any more
	told    bool        // the lines have been written
	lines   *logLine    // what Log is going to write, the innermost first
	out     *handedOut  // what HTTP has returned
}

// A handedOut is a request that [Request.HTTP] has returned, and those before it.
type handedOut struct {
	r    *http.Request
	next *handedOut
}

// handOut records a request whose files are removed at the end.
func (x *exchange) handOut(r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.out = &handedOut{r, x.out}
}

// end is the end of a request, however it comes.
func (x *exchange) end() {
	x.dropWaiting(true)
	x.mu.Lock()
	out := x.out
	x.mu.Unlock()
	for ; out != nil; out = out.next {
		x.removeFiles(out.r)
	}
	x.tell(Response{}) // if a layer outside of Log has panicked
}

func (x *exchange) miss(id *identity) { x.absent.CompareAndSwap(nil, id) }

// missing returns the failure of a response whose handler expected a value from an absent layer, or nil.
func (x *exchange) missing() error {
	id := x.absent.Load()
	if id == nil {
		return nil
	}
	return fmt.Errorf("ring: a handler asked for the %s of a request that has none: %s is missing around it", id.name, id.layer.provider)
}

func (x *exchange) request() Request {
	r := x.raw
	req := Request{
		Method: r.Method, Scheme: "http", Host: r.Host, RemoteAddr: r.RemoteAddr,
		URL: *r.URL, Header: Header{borrowed: r.Header}, ex: x,
	}
	if r.TLS != nil {
		req.Scheme = "https"
	}
	if x.outer != nil {
		req.Scheme = x.outer.req.Scheme
		// The parameters of a router around are path values of r, where a router between may have replaced them.
		req.Values = paramsKey.Drop(x.outer.request().Values)
	}
	if shared, ok := r.Body.(*inputReader); ok {
		req.body = shared.in
	} else if r.Body != nil && r.Body != http.NoBody {
		req.body = &input{src: r.Body}
	}
	x.body = req.body
	return req
}

// unserved returns an exchange for a request that nobody serves, whose response is written to w.
func (r Request) unserved(w http.ResponseWriter) *exchange {
	raw := &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RequestURI: r.URL.RequestURI()}
	if r.Scheme == "https" {
		raw.TLS = &tls.ConnectionState{}
	}
	if r.body != nil {
		raw.ContentLength = -1
	}
	return &exchange{raw: raw, w: w, body: r.body}
}

// httpRequest returns req as an *http.Request, for handlers of net/http.
func (x *exchange) httpRequest(ctx context.Context, req Request) *http.Request {
	p := paramsKey.Ref(req.Values)
	r := x.raw
	if p != nil {
		r = r.Clone(ctx) // a shallow copy would share the map that SetPathValue writes to
	} else {
		r = r.WithContext(ctx)
	}
	u := req.URL
	r.Method, r.Host, r.RemoteAddr, r.URL, r.Header = req.Method, req.Host, req.RemoteAddr, &u, req.Header.HTTP()
	if req.body != x.body {
		r.Form, r.PostForm, r.MultipartForm = nil, nil, nil // parsed from another body
		r.ContentLength = -1
	}
	r.Body = http.NoBody
	if req.body != nil {
		r.Body = &inputReader{in: req.body}
	} else {
		r.ContentLength = 0
	}
	if p != nil {
		for i, name := range p.names {
			r.SetPathValue(name, p.values[i])
		}
	}
	return r
}

// removeFiles removes the files that a handler's reading of a form has made. A server does so for the request of its
// own only, of which a request from httpRequest is a copy.
func (x *exchange) removeFiles(r *http.Request) {
	if form := r.MultipartForm; form != nil && form != x.raw.MultipartForm {
		_ = form.RemoveAll()
	}
}

type requestKey struct{}

// FromContext returns the Request around a handler of net/http that stands inside of [Use] or that [Adapt] or
// [FromHTTP] mounts, from the context of its *http.Request. It is brought up to date with what the handler has told
// [Amend], so that session.Info(ring.FromContext(ctx)) reports a log-in that this request asks for. Of any other
// context it returns the zero Request.
func FromContext(ctx context.Context) Request {
	outer, mounted := ctx.Value(requestKey{}).(*Request)
	if s, ok := ctx.Value(handoverKey{}).(*handover); ok { // further in than FromHTTP, which hides those outside of it
		req := s.request()
		if mounted {
			req.Values = req.Values.over(outer.Values)
		}
		return req
	}
	if !mounted {
		return Request{}
	}
	return *outer
}

// logOnce logs a failed response that no layer has logged.
func (x *exchange) logOnce(resp Response) {
	if _, done := loggedKey.Get(resp.Values); resp.Err != nil && !done {
		logFailure(x.raw.Context(), nil, x.raw.Method, x.raw.URL.Path, idFor(Request{}, resp), resp)
	}
}

func (x *exchange) log(message string, err error) {
	attrs := []slog.Attr{
		slog.String("method", x.raw.Method), slog.String("path", x.raw.URL.Path), slog.Any("error", err),
	}
	slog.Default().LogAttrs(x.raw.Context(), slog.LevelError, message, append(attrs, stackOf(err)...)...)
}
