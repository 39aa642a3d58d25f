package ring

import (
	"log/slog"
	"time"
)

// Log writes a line for each request: method, path without the query (which may hold secrets), the status that is sent,
// size if it is known, and the time until the response is ready to be written, which for a stream is before its first
// byte. The line is written then, once, whatever layers around have made of the response and however often they have
// called the handlers inside. A handler of net/http that writes nothing inside of [Use] has the status 200 here.
//
// A handler that panics has the status 0. A handler called as a plain function has its line when it returns, or when its
// response is settled. A nil logger is slog.Default.
func Log(log *slog.Logger) Middleware {
	layer := new(logLayer)
	return func(h Handler) Handler {
		return func(req Request) Response {
			l := &logLine{layer: layer, log: log, req: req, start: time.Now()}
			returned := false
			defer func() {
				if !returned {
					req.ex.dropLine(l)
					l.write(Response{})
				}
			}()
			waits := req.ex.addLine(l)
			resp := h(req)
			returned = true
			if waits {
				return resp
			}
			return resp.Then(func(resp Response) Response {
				l.write(resp.shown(req))
				return resp
			})
		}
	}
}

// A logLayer stands for one call of Log. It has a size, so that no two are at the same place.
type logLayer struct{ _ byte }

// A logLine is what a Log layer is going to write about a request.
type logLine struct {
	layer *logLayer
	log   *slog.Logger
	req   Request
	start time.Time
	next  *logLine // of a layer further out
}

// addLine has a line written when the response is sent. It reports false if none will be. A layer has one line for a
// request: another one, of a handler that is called again, counts from the start of the first.
func (x *exchange) addLine(l *logLine) bool {
	if x == nil {
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.told {
		return false
	}
	for other := x.lines; other != nil; other = other.next {
		if other.layer == l.layer {
			other.req = l.req
			return true
		}
	}
	l.next, x.lines = x.lines, l
	return true
}

// dropLine takes a line off, if it is there.
func (x *exchange) dropLine(l *logLine) {
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for at := &x.lines; *at != nil; at = &(*at).next {
		if (*at).layer == l.layer {
			*at = (*at).next
			return
		}
	}
}

// tell writes the lines of a request, now that its response is known.
func (x *exchange) tell(resp Response) {
	x.mu.Lock()
	lines := x.lines
	x.lines, x.told = nil, true
	x.mu.Unlock()
	for ; lines != nil; lines = lines.next {
		lines.write(resp)
	}
}

func (l *logLine) write(resp Response) {
	log := l.log
	if log == nil {
		log = slog.Default()
	}
	attrs := []slog.Attr{
		slog.String("method", l.req.Method), slog.String("path", l.req.URL.Path),
		slog.Int("status", resp.Status), slog.Duration("took", time.Since(l.start)),
		slog.String("client", l.req.RemoteAddr),
	}
	if text, ok := resp.Body.Text(); ok && resp.Status != 0 {
		attrs = append(attrs, slog.Int("bytes", len(text)))
	}
	attrs = appendID(attrs, idFor(l.req, resp))
	log.LogAttrs(l.req.Context(), slog.LevelInfo, "request", attrs...)
}
