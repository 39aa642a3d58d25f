package ring

import (
	"errors"
	"fmt"
	"net/http"
)

// An Error is an error that knows how to answer. Message is shown to the client, Err never is.
type Error struct {
	Status  int    // 4xx or 5xx; 0 means 500
	Message string // one sentence for a person, or "" for none
	Err     error  // the cause, for the log
}

// Error returns everything there is to say, for the log.
func (e *Error) Error() string {
	s := fmt.Sprintf("%d %s", e.status(), http.StatusText(e.status()))
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) status() int {
	if e.Status < 400 || e.Status > 599 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// ErrNoStatus is the Err of a response whose Status is 0, most often because a handler forgot to return one.
var ErrNoStatus = errors.New("ring: the response has no status: a handler returned the zero Response")

// Fail answers with a failed response: its Err is err, its status that of an [*Error] in err or else 500, its body
// the status and the Error's message as plain text. What else err says reaches the log and never the client.
// A nil err is a failure too.
func Fail(err error) Response {
	if err == nil {
		err = errors.New("ring: Fail without an error")
	}
	status, message := statusOf(err)
	text := fmt.Sprintf("%d %s\n", status, http.StatusText(status))
	if message != "" {
		text += message + "\n"
	}
	resp := Text(text)
	resp.Status, resp.Err = status, err
	resp.Header = failHeader
	return resp
}

var failHeader = Header{fields: []Field{
	{"Content-Type", "text/plain; charset=utf-8"},
	{"X-Content-Type-Options", "nosniff"},
	{"Cache-Control", "no-store"},
}}

func statusOf(err error) (int, string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.status(), e.Message
	}
	return http.StatusInternalServerError, ""
}

// Failure returns why the response fails, or nil: its Err; a layer that a handler expected and that is missing; a
// value that no layer around req will claim; no status, or one out of range; a header field that can't be sent. A
// middleware that acts on the world asks this first and does nothing for a failed response; req is the request as that
// middleware got it.
func (r Response) Failure(req Request) error {
	if r.Err != nil {
		return r.Err
	}
	if req.ex != nil {
		if err := req.ex.missing(); err != nil {
			return err
		}
	}
	if id := r.Values.unclaimed(req.Values); id != nil {
		return fmt.Errorf("ring: nobody claims the %s of a response: %s is missing around the handler", id.name, id.layer.provider)
	}
	if r.Status == 0 && r.pending != nil {
		return nil // not known yet
	}
	return r.unsendable()
}

// unsendable returns why the head can't be written, or nil.
func (r Response) unsendable() error {
	switch {
	case r.Status == 0:
		return ErrNoStatus
	case r.Status == http.StatusSwitchingProtocols && r.Body.source != nil: // a handler that is going to hijack
	case r.Status < 200 || r.Status > 999:
		return fmt.Errorf("ring: status %d is out of range", r.Status)
	}
	if name := r.Header.invalid(); name != "" {
		return fmt.Errorf("ring: the header field %s can't be sent: bad name, or a control character in its value", name)
	}
	return nil
}

// shown returns what a client sees of the response: the same, unless it fails.
func (r Response) shown(req Request) Response {
	err := r.Failure(req)
	if err == nil {
		return r
	}
	// A page that says 200 was made for a success that didn't happen.
	if r.Err == nil || r.Status < 300 || r.unsendable() != nil {
		r = r.failed(err)
	}
	r.Header = r.Header.Del("Set-Cookie")
	return r
}
