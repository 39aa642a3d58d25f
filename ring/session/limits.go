package session

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
)

// maxValue bounds one encoded value, in bytes.
const maxValue = 256 << 10

var errTooBig = limitError(fmt.Sprintf("a value of more than %d bytes", maxValue))

// A value nests this deep at most in its encoding, so a value that contains itself is refused too.
var errTooDeep = limitError(fmt.Sprintf("a value nested deeper than %d levels, or one that contains itself", wire.MaxDepth))

// A limitError says that a value or the name of a key is larger than a session takes. A visitor may have sent it, so the
// response is a 413; see tooLarge.
type limitError string

func (e limitError) Error() string { return string(e) }

// tooLarge makes err the failure of a request that asked to store too much.
func tooLarge(err error) error {
	return &ring.Error{
		Status:  http.StatusRequestEntityTooLarge,
		Message: "This is more than can be kept for you here.",
		Err:     err,
	}
}

// capped collects what the encoder writes, up to maxValue.
type capped struct{ b []byte }

func (c *capped) Write(p []byte) (int, error) {
	if len(c.b)+len(p) > maxValue {
		return 0, errTooBig
	}
	c.b = append(c.b, p...)
	return len(p), nil
}

func (c *capped) WriteByte(p byte) error {
	if len(c.b) >= maxValue {
		return errTooBig
	}
	c.b = append(c.b, p)
	return nil
}
