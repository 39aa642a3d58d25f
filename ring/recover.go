package ring

import (
	"context"
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
				resp = Fail(&Error{Err: &PanicError{v.value, v.stack}})
			default:
				if v == http.ErrAbortHandler {
					panic(v)
				}
				resp = Fail(&Error{Err: &PanicError{v, debug.Stack()}})
			}
		}()
		return h(req)
	}
}

// loggedKey marks a failed response whose Err is in a log already.
var loggedKey = NewKey[bool]("logged")

// OnError logs the Err of each failed response of the handlers inside and answers with what render makes of it: a page of the
// site instead of a line of text. The Err stays in the response. The render function gets the failed response, with
// the status to answer; a nil one leaves the response as it is. Failures of 5xx are logged as errors, others as information; a nil logger
// is slog.Default.
func OnError(log *slog.Logger, render func(Request, Response) Response) Middleware {
	return func(h Handler) Handler {
		return func(req Request) Response {
			resp := h(req)
			err := resp.Failure(req)
			if err == nil {
				return resp
			}
			if resp.Err == nil {
				resp = Fail(err)
			}
			if _, done := loggedKey.Get(resp.Values); !done {
				logFailure(req.Context(), log, req, resp)
			}
			if render != nil {
				if resp.Status < 400 {
					resp.Status, _ = statusOf(err)
				}
				status := resp.Status
				resp = render(req, resp)
				resp.Err = err
				if resp.Status == 0 {
					resp.Status = status
				}
			}
			resp.Values = loggedKey.Put(resp.Values, true)
			return resp
		}
	}
}

func logFailure(ctx context.Context, log *slog.Logger, req Request, resp Response) {
	if log == nil {
		log = slog.Default()
	}
	level := slog.LevelInfo
	if resp.Status >= 500 || resp.Status < 400 {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("method", req.Method), slog.String("path", req.URL.Path),
		slog.Int("status", resp.Status), slog.Any("error", resp.Err),
	}
	if p, ok := asPanic(resp.Err); ok {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	log.LogAttrs(ctx, level, "request failed", attrs...)
}

// Log writes a line for each request: method, path without the query (which may hold secrets), status, size where it
// is known, and the time until the response is ready to be written, which for a stream is before its first byte.
// A nil logger is slog.Default.
func Log(log *slog.Logger) Middleware {
	return func(h Handler) Handler {
		return func(req Request) Response {
			start := time.Now()
			resp := h(req)
			l := log
			if l == nil {
				l = slog.Default()
			}
			attrs := []slog.Attr{
				slog.String("method", req.Method), slog.String("path", req.URL.Path),
				slog.Int("status", resp.Status), slog.Duration("took", time.Since(start)),
				slog.String("client", req.RemoteAddr),
			}
			if text, ok := resp.Body.Text(); ok {
				attrs = append(attrs, slog.Int("bytes", len(text)))
			}
			l.LogAttrs(req.Context(), slog.LevelInfo, "request", attrs...)
			return resp
		}
	}
}
