package ringtest

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/ring"
)

// Body returns the body that a client would get of resp, of any kind: it reads a reader and closes it, runs a stream
// and what [ring.FromHTTP] stands for, opens a file. Status and header play no part. A body that fails before its first
// byte is the text of a failure; one that breaks off later panics. What can be read once is empty the second time.
func Body(resp ring.Response) string {
	if text, ok := resp.Body.Text(); ok {
		return text
	}
	page := New(nil, ring.Handler(func(ring.Request) ring.Response {
		return ring.Response{Status: http.StatusOK, Body: resp.Body}
	})).Get("/")
	if page.Err != nil {
		panic(fmt.Sprintf("ringtest: body: %v", page.Err))
	}
	return page.Body
}
