package ring

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Request is an incoming HTTP request. It is passed by value: assigning to a field changes your copy only, so a layer
// changes what those inside it see by calling them with a changed copy.
type Request struct {
	Method     string  // "GET", "POST", …
	Scheme     string  // "http" or "https": of the connection, unless [TrustForwarded] says otherwise
	Host       string  // the Host header, with a port if there is one
	RemoteAddr string  // "IP:port" of the peer, unless [TrustForwarded] says otherwise
	URL        url.URL // path and query; Scheme and Host are mostly empty, as in net/http
	Header     Header
	Values     Values // what layers attached

	body *input
	ctx  context.Context // nil: that of ex.raw
	ex   *exchange       // nil: not being served, as in a unit test
}

// NewRequest makes a request as it would arrive from 192.0.2.1 over plain http, for tests and for handlers called as
// functions. The target is a path, with a query if need be, or an absolute URL. A body of nil is an empty one.
// It panics if the target can't be parsed.
func NewRequest(method, target string, body io.Reader) Request {
	u, err := url.Parse(target)
	if err != nil {
		panic(fmt.Sprintf("ring: NewRequest: %v", err))
	}
	req := Request{Method: method, Scheme: "http", Host: "example.com", RemoteAddr: "192.0.2.1:1234", URL: *u}
	if u.Host != "" {
		req.Scheme, req.Host = u.Scheme, u.Host
		req.URL.Scheme, req.URL.Host = "", ""
	}
	if req.URL.Path == "" {
		req.URL.Path = "/"
	}
	if body != nil {
		req.body = &input{src: body}
	}
	return req
}

// Context returns the context of the request: cancelled when the client goes away. It is never nil.
func (r Request) Context() context.Context {
	if r.ctx != nil {
		return r.ctx
	}
	if r.ex != nil {
		return r.ex.raw.Context()
	}
	return context.Background()
}

// WithContext returns the request with another context, derived from the one it has.
func (r Request) WithContext(ctx context.Context) Request {
	r.ctx = ctx
	return r
}

// HTTP returns the request as an *http.Request, for functions that take only one: authentication, clients' addresses,
// forms. It shares the body with r, but not a form that a handler of net/http has parsed. [FromContext] finds r in its
// context; Amend doesn't work with it. Temporary files that its ParseMultipartForm makes are removed at the end of the
// request that is served; [Request.Form] makes none.
func (r Request) HTTP() *http.Request {
	x := r.ex
	if x == nil {
		x = r.unserved(nil)
	}
	h := x.httpRequest(context.WithValue(context.WithValue(r.Context(), requestKey{}, &r), handoverKey{}, copied{}), r)
	x.handOut(h)
	return h
}

// WithHeader returns the request with name set to value.
func (r Request) WithHeader(name, value string) Request {
	r.Header = r.Header.Set(name, value)
	return r
}

// Served reports whether a client waits for the response: false for a handler that is called as a plain function.
func (r Request) Served() bool { return r.ex != nil }

// params is what a router found in the path.
type params struct{ names, values []string }

var paramsKey = NewKey[params]("route parameters")

// WithParams returns the request with route parameters: the values of names, in the same order, instead of those it
// had. It is for routers; the slices must not be changed afterwards.
func (r Request) WithParams(names, values []string) Request {
	r.Values = paramsKey.Put(r.Values, params{names, values})
	return r
}

// Param returns what the path has in the place of {name} in the route's pattern, or "". It knows the parameters of
// ring/route, and those that a router of net/http keeps where http.Request.PathValue finds them, as http.ServeMux and chi
// do. For any other router, a middleware between it and the handler moves them there by http.Request.SetPathValue. That
// of httprouter, for one:
//
//	func pathValues(h http.Handler) http.Handler {
//		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			for _, p := range httprouter.ParamsFromContext(r.Context()) {
//				r.SetPathValue(p.Key, p.Value)
//			}
//			h.ServeHTTP(w, r)
//		})
//	}
func (r Request) Param(name string) string {
	if p := paramsKey.Ref(r.Values); p != nil {
		for i := len(p.names) - 1; i >= 0; i-- {
			if p.names[i] == name {
				return p.values[i]
			}
		}
	}
	if r.ex != nil {
		return r.ex.raw.PathValue(name)
	}
	return ""
}

// Query returns the first value of name in the query, or "". It reads as far as it must and keeps nothing; a part
// that is malformed has no name. See [Request.QueryValues] for all of it.
func (r Request) Query(name string) string {
	for rest := r.URL.RawQuery; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if pair == "" || strings.Contains(pair, ";") { // as url.ParseQuery has it
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		if k, err := url.QueryUnescape(k); err != nil || k != name {
			continue
		}
		if v, err := url.QueryUnescape(v); err == nil {
			return v
		}
	}
	return ""
}

// QueryValues returns the whole query, newly parsed. If a part of it is malformed, the error answers with 400, and the
// values are those of the other parts, which are the same that [Request.Query] finds.
func (r Request) QueryValues() (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, &Error{Status: http.StatusBadRequest, Message: "The query of the address is malformed.", Err: err}
	}
	return q, nil
}

// ClientIP returns the address in RemoteAddr, without port and zone; the zero Addr if there is none.
func (r Request) ClientIP() netip.Addr {
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(r.RemoteAddr)
	return addr.Unmap().WithZone("")
}

// Body returns the body to be read as a stream, by one reader once: reading from another one is an error if the first
// has got anything, as the rest would look like the whole. If a layer has read the body whole before (through Form,
// JSON or Bytes), each reader gets the same bytes from their beginning.
func (r Request) Body() io.Reader {
	if r.body == nil {
		return bytes.NewReader(nil)
	}
	return &inputReader{in: r.body}
}

// WithBody returns the request with another body, for layers that decode or check one; nil is none.
func (r Request) WithBody(body io.Reader) Request {
	r.body = nil
	if body != nil {
		r.body = &input{src: body}
	}
	return r
}
