package ring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// A PanicError is the Err of a response whose handler panicked.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns the value of the panic, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("ring: a handler panicked: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Recover turns a panic of the handlers inside into a failed response, except http.ErrAbortHandler, which goes on to
// abort the connection. It may stand inside or outside of a session: a failed response changes nothing.
func Recover(h Handler) Handler {
	return func(req Request) (resp Response) {
		defer func() {
			switch v := recover().(type) {
			case nil:
			case *carried:
				resp = Fail(&v.PanicError)
			default:
				if v == http.ErrAbortHandler {
					panic(v)
				}
				resp = Fail(&PanicError{v, debug.Stack()})
			}
		}()
		return h(req)
	}
}

// loggedKey marks a failed response whose Err is in a log already.
var loggedKey = NewKey[bool]("logged")

// OnError logs the Err of each failed response of the handlers inside and answers with what render makes of it: a page
// of the site instead of a line of text. The render function gets the failed response, with the status to answer, which
// the page keeps unless it has one of its own from 300 up: a redirect to a log-in page, say. A nil render leaves the
// response as it is, and so does one that returns the zero Response. The Err stays in the response. Failures of 5xx are
// logged as errors, others as information; a nil logger is slog.Default.
func OnError(log *slog.Logger, render func(Request, Response) Response) Middleware {
	return func(h Handler) Handler {
		return func(req Request) Response {
			return h(req).Then(func(resp Response) Response { return rendered(log, render, req, resp) })
		}
	}
}

// rendered is what OnError makes of a response.
func rendered(log *slog.Logger, render func(Request, Response) Response, req Request, resp Response) Response {
	err := resp.Failure(req)
	if err == nil {
		return resp
	}
	page := resp.shown(req)
	if _, done := loggedKey.Get(resp.Values); !done {
		logFailure(req.Context(), log, req.Method, req.URL.Path, page)
	}
	if render != nil {
		page = page.replacedBy(render(req, page))
	}
	_ = resp.Body.closeUnlessIn(page.Body) // it has failed already
	page.Err = err
	page.Values = loggedKey.Put(page.Values, true)
	return page
}

// replacedBy gives another page for a failed response. What HTTP asks a status to come with stays, and so do the fields that
// didn't belong to the page.
func (r Response) replacedBy(page Response) Response {
	if text, isText := page.Body.Text(); page.Status == 0 && page.Header.Len() == 0 && isText && text == "" {
		return r
	}
	if page.Status < 300 {
		page.Status = r.Status
	}
	for _, name := range []string{"Allow", "Retry-After", "WWW-Authenticate"} {
		if v, had := r.Header.Lookup(name); had {
			if _, has := page.Header.Lookup(name); !has {
				page.Header = page.Header.Add(name, v)
			}
		}
	}
	page.Header = page.Header.withThoseAround(r.Header)
	return page
}

func logFailure(ctx context.Context, log *slog.Logger, method, path string, resp Response) {
	if log == nil {
		log = slog.Default()
	}
	level := slog.LevelInfo
	if resp.Status >= 500 || resp.Status < 400 {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("path", path),
		slog.Int("status", resp.Status), slog.Any("error", resp.Err),
	}
	log.LogAttrs(ctx, level, "request failed", append(attrs, stackOf(resp.Err)...)...)
}

// stackOf is where a panic in err came from.
func stackOf(err error) []slog.Attr {
	if p, ok := errors.AsType[*PanicError](err); ok {
		return []slog.Attr{slog.String("stack", string(p.Stack))}
	}
	return nil
}

// Log writes a line for each request: method, path without the query (which may hold secrets), the status that is
// sent, size where it is known, and the time until the response is ready to be written, which for a stream is before
// its first byte. A handler that panics has the status 0. A nil logger is slog.Default.
func Log(log *slog.Logger) Middleware {
	return func(h Handler) Handler {
		return func(req Request) Response {
			start := time.Now()
			returned := false
			defer func() {
				if !returned {
					logRequest(log, req, Response{}, time.Since(start))
				}
			}()
			resp := h(req)
			returned = true
			return resp.Then(func(resp Response) Response {
				logRequest(log, req, resp.shown(req), time.Since(start))
				return resp
			})
		}
	}
}

func logRequest(l *slog.Logger, req Request, resp Response, took time.Duration) {
	if l == nil {
		l = slog.Default()
	}
	attrs := []slog.Attr{
		slog.String("method", req.Method), slog.String("path", req.URL.Path),
		slog.Int("status", resp.Status), slog.Duration("took", took),
		slog.String("client", req.RemoteAddr),
	}
	if text, ok := resp.Body.Text(); ok && resp.Status != 0 {
		attrs = append(attrs, slog.Int("bytes", len(text)))
	}
	l.LogAttrs(req.Context(), slog.LevelInfo, "request", attrs...)
}
