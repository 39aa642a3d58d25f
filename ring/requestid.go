package ring

import (
	"crypto/rand"
	"log/slog"
	"net/netip"
	"strings"
)

// RequestID returns a middleware that gives each request an id: [Request.ID] returns it, the response has it in
// X-Request-Id, and the lines of [Log], and those about failures, as the attribute "id". It stands outside of these layers,
// and of [TrustForwarded].
//
// If a request comes from one of the given proxies, the X-Request-Id that it has is kept, provided that it has up to 64
// letters, digits and characters of "-_.". Without proxies each id is made here. RequestID panics if a Prefix is the zero one.
func RequestID(proxies ...netip.Prefix) Middleware {
	trusted := oneOf("RequestID", proxies)
	return func(h Handler) Handler {
		return func(req Request) Response {
			id := ""
			if peer := req.ClientIP(); peer.IsValid() && trusted(peer) {
				id = wellFormedID(req.Header.Get("X-Request-Id"))
			}
			if id == "" {
				id = rand.Text()
			}
			inner := req
			inner.Values = idKey.Put(inner.Values, id)
			return h(inner).Then(func(resp Response) Response {
				resp.Header = resp.Header.Set("X-Request-Id", id)
				if resp.Err != nil { // the line about it may be written further out
					resp.Values = idKey.Put(resp.Values, id)
				}
				return resp
			})
		}
	}
}

var idKey = NewKey[string]("request id")

// ID returns the id that [RequestID] has given the request, "" without that layer.
func (r Request) ID() string {
	id, _ := idKey.Get(r.Values)
	return id
}

func wellFormedID(s string) string {
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	}
	if len(s) > 64 || strings.ContainsFunc(s, strange) {
		return ""
	}
	return s
}

// appendID appends an id to the attributes of a line.
func appendID(attrs []slog.Attr, id string) []slog.Attr {
	if id == "" {
		return attrs
	}
	return append(attrs, slog.String("id", id))
}

// idFor returns the id of a request. A layer outside of RequestID finds it in the failed response.
func idFor(req Request, resp Response) string {
	if id := req.ID(); id != "" {
		return id
	}
	id, _ := idKey.Get(resp.Values)
	return id
}
