package ringtest

import (
	"io"
	"net/http"

	"github.com/signet-go/signet/ring"
)

// Call calls a handler of net/http as a function, as a test calls a ring handler. It returns what the handler writes, as
// a text, and the changes that it tells [ring.Amend], so that they are compared like those of any response:
//
//	resp := ringtest.Call(save, ringtest.Post("/save", "theme", "dark").Value())
//	if diff := ringtest.Diff(ring.Redirect("/").With(theme.Put("dark")), resp); diff != "" {
//		t.Error(diff)
//	}
//
// With session.WithSession the request has a session, and session.Outcome returns what would be stored. No layer, no
// store and no server is needed. A function that takes a context alone is called within h.
func Call(h http.HandlerFunc, req ring.Request) ring.Response { return ring.Adapt(h)(req) }

// FromHTTP returns a request of net/http/httptest as a ring handler gets it when a test calls it as a function, and as
// [Call] takes it. It has the context and shares the body. Parameters of a route are given by [ring.Request.WithParams].
func FromHTTP(r *http.Request) ring.Request {
	var body io.Reader
	if r.Body != nil && r.Body != http.NoBody {
		body = r.Body
	}
	req := ring.NewRequest(r.Method, "/", body).WithContext(r.Context())
	req.URL, req.Host, req.RemoteAddr, req.Header = *r.URL, r.Host, r.RemoteAddr, ring.HeaderOf(r.Header)
	if r.TLS != nil {
		req.Scheme = "https"
	}
	return req
}
