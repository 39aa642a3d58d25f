package ring

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
)

// ServeHTTP answers r: it makes a Request of it, calls h, and writes the Response. A failed response is logged to
// slog.Default unless [OnError] has logged it, and its Set-Cookie fields are dropped. What fails after the first byte
// aborts the connection.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up, _ := r.Context().Value(handoverKey{}).(*handover)
	x := &exchange{raw: r, w: w, up: up}
	defer x.settle()
	req := x.request()
	resp := x.checked(req, h(req))
	if up != nil {
		up.deliver(x, resp)
		return
	}
	x.send(resp)
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
	if x.up != nil {
		req.Scheme, req.Values = x.up.req.Scheme, x.up.req.Values
	}
	if shared, ok := r.Body.(*inputReader); ok {
		req.body = shared.in
	} else if r.Body != nil && r.Body != http.NoBody {
		req.body = &input{src: r.Body}
	}
	return req
}

// outgoing makes an http.Request of req, for handlers that are not of ring.
func (x *exchange) outgoing(ctx context.Context, req Request) *http.Request {
	r := x.raw.WithContext(ctx)
	u := req.URL
	r.Method, r.Host, r.RemoteAddr, r.URL, r.Header = req.Method, req.Host, req.RemoteAddr, &u, req.Header.HTTP()
	r.Body = http.NoBody
	if req.body != nil {
		r.Body = &inputReader{in: req.body}
		if req.body.src != x.raw.Body {
			r.ContentLength = -1
		}
	}
	if p := paramsKey.Ref(req.Values); p != nil {
		for i, name := range p.names {
			r.SetPathValue(name, p.values[i])
		}
	}
	return r
}

type requestKey struct{}

// FromContext returns the Request around a handler that [FromHTTP] mounts, from the context of its *http.Request.
func FromContext(ctx context.Context) (Request, bool) {
	req, ok := ctx.Value(requestKey{}).(*Request)
	if !ok {
		return Request{}, false
	}
	return *req, true
}

// checked gives what is sent for resp: the same, unless it fails.
func (x *exchange) checked(req Request, resp Response) Response {
	err := resp.Failure(req)
	if err == nil {
		return resp
	}
	values := resp.Values
	if resp.Err == nil || resp.Status == 0 {
		_ = resp.Body.close()
		resp = Fail(err)
	}
	resp.Header = resp.Header.Del("Set-Cookie")
	resp.Values = values
	if _, done := loggedKey.Get(values); !done {
		logFailure(req.Context(), nil, req, resp)
		resp.Values = loggedKey.Put(Values{}, true)
	}
	return resp
}

// send writes a response.
func (x *exchange) send(resp Response) {
	switch act := resp.Body.act.(type) {
	case nil:
		x.sendText(resp)
	case readerBody:
		x.sendReader(resp, act)
	case streamBody:
		x.sendStream(resp, act)
	case fileBody:
		x.sendFile(resp, act)
	case foreignBody:
		x.sendForeign(resp, act)
	case *handover:
		act.resume(resp)
	}
}

func (x *exchange) sendText(resp Response) {
	text := resp.Body.text
	if bodyless(resp.Status) {
		text = ""
	}
	h := x.w.Header()
	putFields(h, resp.Header)
	head := x.raw.Method == http.MethodHead
	if len(text) > 2048 || head && text != "" { // below, net/http counts for itself
		if h["Content-Length"] == nil {
			h["Content-Length"] = []string{strconv.Itoa(len(text))}
		}
	}
	x.w.WriteHeader(resp.Status)
	if !head && text != "" {
		_, _ = io.WriteString(x.w, text) // fails when the client has left
	}
}

func (x *exchange) sendHead(resp Response) {
	putFields(x.w.Header(), resp.Header)
	x.w.WriteHeader(resp.Status)
}

func (x *exchange) sendReader(resp Response, body readerBody) {
	defer func() {
		if err := resp.Body.close(); err != nil {
			x.log("closing a body failed", err)
		}
	}()
	if x.raw.Method == http.MethodHead || bodyless(resp.Status) {
		x.sendHead(resp)
		return
	}
	first := make([]byte, 4096)
	n, err := 0, error(nil)
	for n == 0 && err == nil {
		n, err = body.Read(first)
	}
	if n == 0 && err != io.EOF {
		x.send(x.checked(Request{ex: x}, Fail(err)))
		return
	}
	x.sendHead(resp)
	if _, werr := x.w.Write(first[:n]); werr != nil || err == io.EOF {
		return
	}
	if err == nil {
		_, err = io.Copy(x.w, body.Reader)
	}
	x.abortOn(err)
}

func (x *exchange) sendStream(resp Response, write streamBody) {
	if x.raw.Method == http.MethodHead || bodyless(resp.Status) {
		x.sendHead(resp)
		return
	}
	sw := &streamWriter{x: x, resp: resp}
	err := write(sw)
	if err != nil && !sw.started {
		x.send(x.checked(Request{ex: x}, Fail(err)))
		return
	}
	sw.start()
	x.abortOn(err)
}

// abortOn aborts the connection, as there is no other way left to tell the client that the body isn't whole.
func (x *exchange) abortOn(err error) {
	if err == nil {
		return
	}
	if x.raw.Context().Err() == nil {
		x.log("a response broke off", err)
	}
	panic(http.ErrAbortHandler)
}

func (x *exchange) log(message string, err error) {
	slog.Default().LogAttrs(x.raw.Context(), slog.LevelError, message,
		slog.String("method", x.raw.Method), slog.String("path", x.raw.URL.Path), slog.Any("error", err))
}

type streamWriter struct {
	x       *exchange
	resp    Response
	started bool
}

func (w *streamWriter) start() {
	if !w.started {
		w.started = true
		w.x.sendHead(w.resp)
	}
}

func (w *streamWriter) Write(p []byte) (int, error) {
	w.start()
	return w.x.w.Write(p)
}

func (w *streamWriter) WriteString(s string) (int, error) {
	w.start()
	return io.WriteString(w.x.w, s)
}

func (w *streamWriter) Flush() error {
	w.start()
	return http.NewResponseController(w.x.w).Flush()
}

func (x *exchange) sendFile(resp Response, body fileBody) {
	f, err := body.fsys.Open(body.name)
	if err != nil {
		x.send(x.checked(Request{ex: x}, Fail(&Error{Err: err})))
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		x.send(x.checked(Request{ex: x}, Fail(&Error{Err: err})))
		return
	}
	if resp.Status != http.StatusOK { // a page of its own for an error, say: neither ranges nor conditions apply
		resp.Body = Body{act: readerBody{struct{ io.Reader }{f}}}
		x.send(resp)
		return
	}
	content, ok := f.(io.ReadSeeker)
	if !ok {
		data, err := io.ReadAll(f)
		if err != nil {
			x.send(x.checked(Request{ex: x}, Fail(&Error{Err: err})))
			return
		}
		content = bytes.NewReader(data)
	}
	putFields(x.w.Header(), resp.Header)
	http.ServeContent(&guardedWriter{ResponseWriter: x.w, head: resp.Header}, x.raw, info.Name(), info.ModTime(), content)
}

func (x *exchange) sendForeign(resp Response, body foreignBody) {
	putFields(x.w.Header(), resp.Header)
	req := body.req
	ctx := context.WithValue(req.Context(), requestKey{}, &req)
	if req.ex == nil {
		ctx = context.WithValue(x.raw.Context(), requestKey{}, &req)
	}
	ctx = context.WithValue(ctx, handoverKey{}, nil) // the layers around have answered already
	body.handler.ServeHTTP(&guardedWriter{ResponseWriter: x.w, head: resp.Header}, x.outgoing(ctx, req))
}

func bodyless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// putFields writes h into dst: instead of what dst has of a name, except for Set-Cookie and Vary, which add up.
func putFields(dst http.Header, h Header) {
	h = h.owned()
	values := make([]string, 0, len(h.fields))
	for i, f := range h.fields {
		values = append(values, f.Value)
		mine := values[len(values)-1 : len(values) : len(values)]
		again := f.Name == "Set-Cookie" || f.Name == "Vary" ||
			slices.ContainsFunc(h.fields[:i], func(e Field) bool { return e.Name == f.Name })
		if old := dst[f.Name]; again && old != nil {
			dst[f.Name] = append(old, f.Value)
			continue
		}
		dst[f.Name] = mine
	}
}

// A guardedWriter sees to it that the fields which protect a session are still there when a foreign handler writes its
// head: net/http's own error answers remove Cache-Control, others replace Set-Cookie.
type guardedWriter struct {
	http.ResponseWriter
	head    Header
	started bool
}

func (w *guardedWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.protect()
	}
	w.ResponseWriter.WriteHeader(status)
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

func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *guardedWriter) Flush() { _ = w.FlushError() }

func (w *guardedWriter) FlushError() error {
	w.protect()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *guardedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
