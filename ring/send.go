package ring

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
)

// answer writes a response. If it takes the place of what a handler behind Use would write, the client gets all of it at
// once: that handler may take its time to return, and the request lasts until it has.
func (x *exchange) answer(resp Response) {
	if !x.dropOthers(resp.Body) {
		x.send(resp)
		return
	}
	if resp.Body.source == nil && !bodyless(resp.Status) {
		resp.Header = resp.Header.Set("Content-Length", strconv.Itoa(len(resp.Body.text)))
	}
	x.send(resp)
	_ = http.NewResponseController(x.w).Flush() // else it is sent later
}

// send writes a response.
func (x *exchange) send(resp Response) {
	switch source := resp.Body.source.(type) {
	case nil:
		x.sendText(resp)
	case *readerBody:
		x.sendReader(resp, source)
	case streamBody:
		x.sendStream(resp, source)
	case fileBody:
		x.sendFile(resp, source)
	case foreignBody:
		x.sendForeign(resp, source)
	case *handover:
		x.resume(resp, source)
	case *handedBody:
		resp.Body = source.body
		x.resume(resp, source.to)
	}
}

func (x *exchange) isHead() bool { return x.raw.Method == http.MethodHead }

func (x *exchange) sendText(resp Response) {
	text := resp.Body.text
	if bodyless(resp.Status) {
		text = ""
	}
	h := x.w.Header()
	putFields(h, resp.Header)
	// net/http counts a short text for itself, but not what a HEAD would have had.
	if (len(text) > 2048 || text != "" && x.isHead()) && h["Content-Length"] == nil {
		h["Content-Length"] = []string{strconv.Itoa(len(text))}
	}
	x.w.WriteHeader(resp.Status)
	if text != "" && !x.isHead() {
		_, _ = io.WriteString(x.w, text) // fails when the client has left
	}
}

func (x *exchange) sendHead(resp Response) {
	putFields(x.w.Header(), resp.Header)
	x.w.WriteHeader(resp.Status)
}

func (x *exchange) sendReader(resp Response, body *readerBody) {
	defer func() {
		if err := body.close(); err != nil {
			x.log("closing a body failed", err)
		}
	}()
	if x.isHead() || bodyless(resp.Status) {
		x.sendHead(resp)
		return
	}
	first := make([]byte, 4096)
	n, err := io.ReadAtLeast(body.Reader, first, 1)
	if err != nil && err != io.EOF {
		x.sendInstead(resp, err)
		return
	}
	x.sendHead(resp)
	if n == 0 {
		return
	}
	rest := &readErrorKeeper{Reader: body.Reader}
	_, err = x.w.Write(first[:n])
	if err == nil {
		_, err = io.Copy(x.w, rest)
	}
	x.abortOn(err, rest.err)
}

// A readErrorKeeper remembers why reading failed, to tell a broken source from a client that has left.
type readErrorKeeper struct {
	io.Reader
	err error
}

func (n *readErrorKeeper) Read(p []byte) (int, error) {
	c, err := n.Reader.Read(p)
	if err != io.EOF {
		n.err = err
	}
	return c, err
}

func (x *exchange) sendStream(resp Response, write streamBody) {
	if x.isHead() || bodyless(resp.Status) {
		x.sendHead(resp)
		return
	}
	sw := &streamWriter{x: x, resp: resp}
	err := write(sw)
	if err != nil && !sw.started {
		x.sendInstead(resp, err)
		return
	}
	sw.start()
	cause := err
	if sw.broken {
		cause = nil
	}
	x.abortOn(err, cause)
}

// abortOn aborts the connection if err is one, as there is no other way left to tell the client that the body isn't
// whole. The cause is logged, unless it is nil or the client has left.
func (x *exchange) abortOn(err, cause error) {
	if err == nil {
		return
	}
	if cause != nil && x.raw.Context().Err() == nil {
		x.log("a response broke off", cause)
	}
	panic(http.ErrAbortHandler)
}

// sendInstead answers with a failure instead of resp, whose body turned out to be none before its first byte. The layers
// have committed resp by now, so what tells the browser of its session is kept: the token it has may be dead.
func (x *exchange) sendInstead(resp Response, err error) {
	failed := resp.failed(err)
	for value := range resp.Header.All("Set-Cookie") {
		failed.Header = failed.Header.Add("Set-Cookie", value)
	}
	x.logOnce(failed)
	x.sendText(failed)
}

type streamWriter struct {
	x       *exchange
	resp    Response
	started bool
	broken  bool // the client has left
}

func (w *streamWriter) start() {
	if !w.started {
		w.started = true
		w.x.sendHead(w.resp)
	}
}

func (w *streamWriter) Write(p []byte) (int, error) {
	w.start()
	n, err := w.x.w.Write(p)
	w.broken = w.broken || err != nil
	return n, err
}

func (w *streamWriter) WriteString(s string) (int, error) {
	w.start()
	n, err := io.WriteString(w.x.w, s)
	w.broken = w.broken || err != nil
	return n, err
}

func (w *streamWriter) Flush() error {
	w.start()
	return http.NewResponseController(w.x.w).Flush()
}

func (x *exchange) sendFile(resp Response, body fileBody) {
	f, err := body.fsys.Open(body.name)
	if err != nil {
		x.sendInstead(resp, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		x.sendInstead(resp, err)
		return
	}
	if resp.Status != http.StatusOK { // a page of its own for an error, say: neither ranges nor conditions apply
		if _, has := resp.Header.Lookup("Content-Type"); !has {
			if t := mime.TypeByExtension(path.Ext(body.name)); t != "" {
				resp.Header = resp.Header.Set("Content-Type", t)
			}
		}
		resp.Body = Body{source: &readerBody{Reader: f}}
		x.send(resp)
		return
	}
	content, ok := f.(io.ReadSeeker)
	if !ok {
		data, err := io.ReadAll(f)
		if err != nil {
			x.sendInstead(resp, err)
			return
		}
		content = bytes.NewReader(data)
	}
	putFields(x.w.Header(), resp.Header)
	http.ServeContent(&guardedWriter{ResponseWriter: x.w, x: x, resp: resp}, x.raw, info.Name(), info.ModTime(), content)
}

func (x *exchange) sendForeign(resp Response, body foreignBody) {
	putFields(x.w.Header(), resp.Header)
	req := body.req
	ctx := req.Context()
	if req.ex == nil {
		ctx = x.raw.Context()
	}
	ctx = context.WithValue(ctx, requestKey{}, &req)
	ctx = context.WithValue(ctx, handoverKey{}, nil) // the layers around have answered already
	w := &guardedWriter{ResponseWriter: x.w, x: x, resp: resp}
	r := x.httpRequest(ctx, req)
	defer x.removeFiles(r)
	body.handler.ServeHTTP(w, r)
	w.protect() // if it has written nothing, net/http sends what is in the header now
}

func (x *exchange) resume(resp Response, s *handover) {
	if !s.resume(resp) {
		x.sendInstead(resp, errStale)
	}
}

func bodyless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// putFields writes h into dst: instead of what dst has of a name, except for Set-Cookie and Vary, which add up.
func putFields(dst http.Header, h Header) {
	h = h.owned()
	values := make([]string, 0, len(h.fields)) // one allocation for the values of all
	for i, f := range h.fields {
		again := f.Name == "Set-Cookie" || f.Name == "Vary" ||
			slices.ContainsFunc(h.fields[:i], func(e Field) bool { return e.Name == f.Name })
		if old := dst[f.Name]; again && old != nil {
			dst[f.Name] = append(old, f.Value)
			continue
		}
		values = append(values, f.Value)
		dst[f.Name] = values[len(values)-1 : len(values) : len(values)]
	}
}
