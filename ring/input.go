package ring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// An input is the body of a request, shared by all copies of it: streamed once, or read whole and remembered.
type input struct {
	src io.Reader

	mu       sync.Mutex
	streamer *inputReader // has got something from src directly; nobody else can any more
	whole    bool         // data and err are what reading everything gave
	data     []byte
	err      error

	form    Form // what parsing data gave
	formErr error
	parsed  bool
}

var errStreamed = errors.New("ring: the body has been read as a stream before: read it with Form, JSON or Bytes where it is needed twice")

// readWhole reads and remembers everything, up to limit bytes.
func (in *input) readWhole(limit int64) ([]byte, error) {
	if in.whole {
		return in.data, in.err
	}
	if in.streamer != nil {
		return nil, errStreamed
	}
	in.whole = true
	in.err = malformed("The body of the request broke off.", nil) // what later readers get should src panic
	var b bytes.Buffer
	_, err := b.ReadFrom(io.LimitReader(in.src, max(limit, limit+1))) // the sum of the largest limit overflows
	if known, ok := errors.AsType[*Error](err); ok {                  // of a body that another layer has read
		in.err = known
	} else if m, ok := errors.AsType[*http.MaxBytesError](err); ok {
		in.err = tooLarge(fmt.Sprintf("The request has a body of more than %d bytes.", m.Limit), err)
	} else if int64(b.Len()) > limit {
		in.err = tooLarge(fmt.Sprintf("The request has a body of more than %d bytes.", limit), nil)
	} else if err != nil {
		in.err = malformed("The body of the request broke off.", err)
	} else {
		in.data, in.err = b.Bytes(), nil
	}
	return in.data, in.err
}

// An inputReader reads an input as a stream; it starts over if the input has been read whole.
type inputReader struct {
	in  *input
	off int
}

func (r *inputReader) Read(p []byte) (int, error) {
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	if !r.in.whole {
		return r.stream(p)
	}
	if r.in.err != nil {
		return 0, r.in.err
	}
	if r.off >= len(r.in.data) {
		return 0, io.EOF
	}
	n := copy(p, r.in.data[r.off:])
	r.off += n
	return n, nil
}

func (r *inputReader) stream(p []byte) (int, error) {
	if r.in.streamer != nil && r.in.streamer != r {
		return 0, errStreamed
	}
	n, err := r.in.src.Read(p)
	if n > 0 {
		r.in.streamer = r
	}
	return n, err
}

// Close does nothing: net/http closes what it has opened.
func (r *inputReader) Close() error { return nil }

// Bytes reads the whole body and remembers it, for every layer the same. More than the limit answers with 413, a body
// that breaks off with 400. Each call returns a copy.
func (r Request) Bytes() ([]byte, error) {
	data, err := r.bytes()
	return bytes.Clone(data), err
}

// bytes is the body itself, which must not be changed.
func (r Request) bytes() ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	r.body.mu.Lock()
	defer r.body.mu.Unlock()
	return r.body.readWhole(r.limits().Body)
}

// JSON decodes the body into v, as encoding/json does. Its errors answer with 415 for another content type, 413 for
// more than [Limits] allow (1 MiB by default), 400 for what isn't one JSON value that fits v. The body is remembered,
// so several layers may decode it.
func (r Request) JSON(v any) error {
	if t := r.mediaType(); t != "application/json" && !strings.HasSuffix(t, "+json") {
		return &Error{Status: http.StatusUnsupportedMediaType, Message: "The request must have the content type application/json."}
	}
	data, err := r.bytes()
	if err != nil {
		return err
	}
	if limit := r.limits().JSON; int64(len(data)) > limit {
		return tooLarge(fmt.Sprintf("The request has JSON of more than %d bytes.", limit), nil)
	}
	if err := json.Unmarshal(data, v); err != nil {
		if _, ok := errors.AsType[*json.InvalidUnmarshalError](err); ok {
			return fmt.Errorf("ring: json: %w", err)
		}
		return malformed("The body of the request is not the JSON that is expected here.", err)
	}
	return nil
}

func (r Request) mediaType() string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t, _, _ = strings.Cut(r.Header.Get("Content-Type"), ";")
		t = strings.ToLower(strings.TrimSpace(t))
	}
	return t
}
