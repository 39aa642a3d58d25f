package ring

import (
	"io"
	"io/fs"
	"net/http"
	"sync"
)

// Body is the body of a response: a text, or something that is read, run or served when the response is written.
// The zero Body is empty.
type Body struct {
	text   string
	source any // nil, or one of the types below; send.go knows what to do with each
}

// Text returns the body if it is a text or empty, and whether it is.
func (b Body) Text() (string, bool) {
	if d, ok := b.source.(*handedBody); ok {
		return d.body.Text()
	}
	return b.text, b.source == nil
}

// Close releases what the body holds. A layer that replaces a body must close it. Writing a body closes
// it. Closing twice does nothing.
func (b Body) Close() error {
	if c, ok := b.source.(closable); ok {
		return c.close()
	}
	return nil
}

// closable are the bodies that hold something. They are pointers, so that they can be compared.
type closable interface{ close() error }

// closeUnlessIn closes the body unless other is the same.
func (b Body) closeUnlessIn(other Body) error {
	mine, ok := b.source.(closable)
	if !ok {
		return nil
	}
	if theirs, ok := other.source.(closable); ok && mine == theirs {
		return nil
	}
	return mine.close()
}

type (
	readerBody struct {
		io.Reader
		once sync.Once
		err  error
	}
	streamBody  func(Writer) error
	foreignBody struct {
		handler http.Handler
		req     Request
	}
	fileBody struct {
		fsys fs.FS
		name string
	}
)

func (b *readerBody) close() error {
	b.once.Do(func() {
		if c, ok := b.Reader.(io.Closer); ok {
			b.err = c.Close()
		}
	})
	return b.err
}

// TextBody is a body of text.
func TextBody(s string) Body { return Body{text: s} }

// Read answers 200 with what r has, read when the response is written and closed afterwards if it is an io.Closer. If
// reading fails after the first byte, the connection is aborted, so that the client doesn't take a part for the whole.
func Read(mediaType string, r io.Reader) Response {
	return Response{Status: http.StatusOK, Header: contentType(mediaType), Body: Body{source: &readerBody{Reader: r}}}
}

// A Writer writes the body of a stream.
type Writer interface {
	io.Writer
	io.StringWriter
	// Flush sends what has been written to the client.
	Flush() error
}

// Stream answers 200 with what write writes, after the session has committed; write runs on the goroutine of the
// request and should end when the request's context does. Its error aborts the connection, or is an ordinary failure
// of 500 if nothing has been written. For server-sent events use "text/event-stream" and flush after each event.
// A request with HEAD gets the head alone: write isn't called.
func Stream(mediaType string, write func(Writer) error) Response {
	return Response{Status: http.StatusOK, Header: contentType(mediaType), Body: Body{source: streamBody(write)}}
}

// FromHTTP is an existing handler as a response. It runs when the response is written, after the session has
// committed, on the real http.ResponseWriter: flushing, hijacking and http.ResponseController work. It decides its own
// status; header fields of the response are set before it runs. A request's values are reached by [FromContext].
func FromHTTP(h http.Handler) Handler {
	return func(req Request) Response {
		return Response{Status: http.StatusOK, Body: Body{source: foreignBody{h, req}}}
	}
}
