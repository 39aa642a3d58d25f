package ring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
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
			case *forwardedPanic:
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
// the page keeps unless it has one of its own from 300 up: a redirect to a log-in page, say. If it returns the zero
// Response, the failed one is sent. The Err stays in the response. Header fields that don't belong to the page stay too,
// see [Response.FailWith].
//
// A failure of 5xx is logged as an error, "request failed". One of 4xx is logged as information, "request refused",
// unless it has no more to tell than its status, such as a 404 of a router: [Log] has a line for every request.
//
// Both arguments may be nil: a nil logger is slog.Default, and with a nil render the client gets the text of [Fail]. So
// OnError(nil, nil) logs failures to slog.Default at its place in a chain, and a handler without OnError does the same
// at its outermost layer.
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
		logFailure(req.Context(), log, req.Method, req.URL.Path, idFor(req, resp), page)
	}
	if render != nil {
		page = page.replacedBy(render(req, page))
	}
	_ = resp.Body.closeUnlessIn(page.Body) // it has failed already
	page.Err = err
	page.Values = loggedKey.Put(page.Values, true)
	return page
}

// replacedBy returns another page for a failed response. What HTTP asks a status to come with stays, and so do the
// fields that didn't belong to the page.
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

// saysNothing reports whether an error has no more to tell than its status, as that of a path that leads nowhere. Such a
// line would stand beside that of Log and say the same.
func saysNothing(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Message == "" && (e.Err == nil || e.status() == http.StatusNotFound && errors.Is(e.Err, fs.ErrNotExist))
}

func logFailure(ctx context.Context, log *slog.Logger, method, path, id string, resp Response) {
	if log == nil {
		log = slog.Default()
	}
	level, message := slog.LevelError, "request failed"
	if resp.Status >= 400 && resp.Status < 500 {
		if saysNothing(resp.Err) {
			return
		}
		level, message = slog.LevelInfo, "request refused"
	}
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("path", path),
		slog.Int("status", resp.Status), slog.Any("error", resp.Err),
	}
	log.LogAttrs(ctx, level, message, append(appendID(attrs, id), stackOf(resp.Err)...)...)
}

// stackOf is where a panic in err came from.
func stackOf(err error) []slog.Attr {
	if p, ok := errors.AsType[*PanicError](err); ok {
		return []slog.Attr{slog.String("stack", string(p.Stack))}
	}
	return nil
}
