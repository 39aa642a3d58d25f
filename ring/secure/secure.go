// Package secure sets the header fields by which a site tells browsers what its pages may do, and sends visitors from
// http to https.
//
//	headers := secure.Site()
//	headers.FrameOptions = "DENY"
//	site := ring.Chain(secure.HTTPS(443), secure.Wrap(headers), session.Wrap(store, session.Options{}))
//
// Both stand around everything else, so that pages of errors have the fields too. Behind a proxy that speaks TLS,
// [ring.TrustForwarded] stands outside of them.
package secure

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/signet-go/signet/ring"
)

// Headers are the fields of a response, each with its value. A field that is "" is not sent. The zero Headers sends none.
type Headers struct {
	ContentSecurityPolicy string // Content-Security-Policy; {nonce} in it stands for that of the response, see [Nonce]
	ContentTypeOptions    string // X-Content-Type-Options
	FrameOptions          string // X-Frame-Options, for browsers that don't know frame-ancestors
	ReferrerPolicy        string // Referrer-Policy
	PermissionsPolicy     string // Permissions-Policy
	OpenerPolicy          string // Cross-Origin-Opener-Policy
	ResourcePolicy        string // Cross-Origin-Resource-Policy
	StrictTransport       string // Strict-Transport-Security; it is sent over https only, as RFC 6797 demands
}

// Site returns the fields for pages. Scripts and styles come from the site's own files, or have the [Nonce]. Forms are
// sent to the site, and only its own pages may have a page of it in a frame. A page that it opens, or that opens it,
// can't reach into it if it is another site's. There is no Strict-Transport-Security: see [HSTS].
//
// The sources are the OWASP HTTP Headers Cheat Sheet and ASVS 5.0.0, section 3.4.
func Site() Headers {
	return Headers{
		ContentSecurityPolicy: "default-src 'self'; script-src 'self' {nonce}; style-src 'self' {nonce}; object-src 'none'; " +
			"base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
		ContentTypeOptions: "nosniff",
		FrameOptions:       "SAMEORIGIN",
		ReferrerPolicy:     "strict-origin-when-cross-origin",
		PermissionsPolicy:  "camera=(), geolocation=(), microphone=()",
		OpenerPolicy:       "same-origin",
		ResourcePolicy:     "same-origin",
	}
}

// API returns the fields for responses that no browser shows: nothing in them is run, framed or followed.
func API() Headers {
	return Headers{
		ContentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
		ContentTypeOptions:    "nosniff",
		FrameOptions:          "DENY",
		ReferrerPolicy:        "no-referrer",
		ResourcePolicy:        "same-origin",
	}
}

// HSTS is a value for StrictTransport: two years, and all hosts below this one. A browser that has seen it makes no
// request by http for that long, and there is no way to take it back from those that have. Begin with an hour, as
// "max-age=3600", and leave includeSubDomains out if a host below has no TLS.
const HSTS = "max-age=63072000; includeSubDomains"

// Wrap returns the middleware that adds the fields to every response that doesn't have them itself. It panics if a value
// can't be that of a field. It is safe for concurrent use.
func Wrap(h Headers) ring.Middleware {
	policy := parse(h.ContentSecurityPolicy)
	var fields []ring.Field
	for _, f := range []ring.Field{
		{Name: "X-Content-Type-Options", Value: h.ContentTypeOptions},
		{Name: "X-Frame-Options", Value: h.FrameOptions},
		{Name: "Referrer-Policy", Value: h.ReferrerPolicy},
		{Name: "Permissions-Policy", Value: h.PermissionsPolicy},
		{Name: "Cross-Origin-Opener-Policy", Value: h.OpenerPolicy},
		{Name: "Cross-Origin-Resource-Policy", Value: h.ResourcePolicy},
	} {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	for _, value := range []string{h.ContentSecurityPolicy, h.ContentTypeOptions, h.FrameOptions, h.ReferrerPolicy,
		h.PermissionsPolicy, h.OpenerPolicy, h.ResourcePolicy, h.StrictTransport} {
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			panic("secure: a field can't have the value " + strconv.Quote(value))
		}
	}
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			n := &nonce{}
			inner := req
			inner.Values = nonceKey.Put(inner.Values, n)
			return next(inner).Then(func(resp ring.Response) ring.Response {
				var missing [8]ring.Field
				add := missing[:0]
				for _, f := range fields {
					add = appendMissing(add, resp.Header, f)
				}
				if !policy.isEmpty() {
					add = appendMissing(add, resp.Header, ring.Field{Name: "Content-Security-Policy", Value: policy.with(n.taken())})
				}
				if h.StrictTransport != "" && req.Scheme == "https" {
					add = appendMissing(add, resp.Header, ring.Field{Name: "Strict-Transport-Security", Value: h.StrictTransport})
				}
				resp.Header = resp.Header.AddAll(add...)
				return resp
			})
		}
	}
}

func appendMissing(add []ring.Field, h ring.Header, f ring.Field) []ring.Field {
	if _, own := h.Lookup(f.Name); own {
		return add
	}
	return append(add, f)
}

// HTTPS returns a middleware that redirects a request that came by http to the same address by https, with 308, which
// keeps method and body. The port is that of https, mostly 443. It panics if there is no such port.
func HTTPS(port int) ring.Middleware {
	if port < 1 || port > 65535 {
		panic("secure: HTTPS: there is no port " + strconv.Itoa(port))
	}
	return func(next ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			if req.Scheme == "https" {
				return next(req)
			}
			host := hostname(req.Host)
			if host == "" {
				return ring.Fail(&ring.Error{Status: http.StatusBadRequest, Message: "The request has no Host."})
			}
			if port != 443 {
				host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
			}
			u := req.URL
			u.Scheme, u.Host, u.User = "https", host, nil
			return ring.PermanentRedirect(u.String())
		}
	}
}

// hostname returns the host of a Host field without its port, "" if it is malformed.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
		if strings.Contains(name, ":") {
			host = "[" + name + "]"
		}
	}
	if strings.ContainsAny(host, "/\\@?#% ") {
		return ""
	}
	return host
}
