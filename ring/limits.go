package ring

import "net/http"

// Limits bound what a request may send. A zero field means its default.
type Limits struct {
	Body  int64 // bytes of a body that Form, JSON or Bytes read; default 10 MiB
	JSON  int64 // bytes of a body that JSON decodes; default 1 MiB, or Body if that is less
	Parts int   // parts of a multipart form, or values of an urlencoded one; default 1000
	File  int64 // bytes of one file in a multipart form; default: as Body
}

const (
	defaultBody  = 10 << 20
	defaultJSON  = 1 << 20 // decoded into any, a body of brackets takes forty times as much memory
	defaultParts = 1000
)

var limitsKey = NewKey[Limits]("limits")

// Limit sets the limits for the handlers inside. The innermost Limit holds, except that a body which an outer layer
// has read already was read under the limits there.
func Limit(l Limits) Middleware {
	return func(h Handler) Handler {
		return func(req Request) Response {
			req.Values = limitsKey.Put(req.Values, l)
			return h(req)
		}
	}
}

func (r Request) limits() Limits {
	l, _ := limitsKey.Get(r.Values)
	if l.Body <= 0 {
		l.Body = defaultBody
	}
	if l.JSON <= 0 {
		l.JSON = min(defaultJSON, l.Body)
	}
	if l.Parts <= 0 {
		l.Parts = defaultParts
	}
	if l.File <= 0 {
		l.File = l.Body
	}
	return l
}

func tooLarge(message string, err error) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Message: message, Err: err}
}

func malformed(message string, err error) error {
	return &Error{Status: http.StatusBadRequest, Message: message, Err: err}
}
