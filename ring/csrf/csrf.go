// Package csrf refuses requests that another site makes with a visitor's cookies.
//
//	site := ring.Chain(session.Wrap(store, session.Options{}), flash.Wrap, csrf.Wrap(csrf.Options{}))
//
//	func edit(req ring.Request) ring.Response { return ring.HTML(page, csrf.Field(req)) }
//
// where the template has {{.}} within its form.
//
// # What is refused
//
// GET, HEAD and OPTIONS are let through, so handlers must not change anything for them. Any other request goes through
// these checks, in this order:
//
//   - Browsers say by Sec-Fetch-Site or Origin where a request comes from. One from another origin is refused, by the rule
//     of [http.CrossOriginProtection], unless its origin is trusted. So is one from http to https. One from this origin is
//     let through, and needs no token.
//   - A request with neither field comes from a browser of before 2020 or from another program. If it has a session
//     cookie, it needs a token of that session.
//   - Without a session cookie it is let through, as nothing is done in a visitor's name. But it can't log anybody in: a
//     response that does is refused, since it could put a visitor into an attacker's account. Its handler has run by then;
//     nothing is stored in the session. Programs that log in without being browsers send Origin or a token, or are exempt.
//
// [Options] loosen and tighten this.
//
// # Tokens
//
// [Token] returns the token for a page, and [Field] a form's hidden field with it. Scripts send the token in the header
// X-CSRF-Token. For htmx the header is set once, at the top of the page:
//
//	<body hx-headers='{"X-CSRF-Token": "{{.Token}}"}'>
//
// The secret behind a token is stored in the session when a page first asks for one, so a page without a form gives
// nobody a session. It ends with the session, and at each log-in and renewal; replacing or clearing the session's values
// leaves it alone. Pages that are made at once in several tabs may each store one, and all of them work. A token is
// masked by random bytes, so it is another text on each page, and compression of a page doesn't reveal it. Tokens are
// compared in constant time.
//
// To look for a token in a form, the whole body is read, within the limits of [ring.Limit]. That happens only if the request
// needs a token and has none in its header.
//
// In a plain handler behind [ring.Use], the request is ring.FromContext(r.Context()). It asks for the token before its
// first byte.
//
// [Wrap] stands inside of [session.Wrap], outside of the handlers that it protects: around all of them, or around one
// group of routes.
package csrf

import (
	"errors"
	"net/http"
	"strings"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// Options change what [Wrap] does. The zero Options is what most sites need.
type Options struct {
	// Slot is the session whose visitors are protected, the ordinary one if it is zero. Where a site has several, each group
	// of routes has a Wrap for its own.
	Slot session.Slot

	// TrustedOrigins may make requests as this origin may: "https://example.com", with a port if it is not the scheme's.
	TrustedOrigins []string

	// Exempt are patterns of [http.ServeMux], such as "POST /hooks/", for requests that are not checked at all: those of
	// programs that show by other means than cookies who they are.
	Exempt []string

	// Field is the name of the form's field, "__anti-forgery-token" if it is "".
	Field string

	// Headers are the header fields in which a token may come. If it is nil they are X-CSRF-Token and X-XSRF-Token.
	Headers []string

	// SafeHeader, if it isn't "", names a header field that takes the place of a token, whatever its value. It must be one
	// that a page can't send to another origin without that origin's consent, such as X-Requested-With.
	SafeHeader string

	// Always demands the token also of requests whose origin the browser tells, and of those without a session cookie.
	Always bool

	// OneTime makes a token for each page that is good for one request, and no longer once a response to that hasn't
	// failed. A session has room for 16 pages; the oldest are dropped. Two requests that come at once may both pass. It
	// implies Always.
	OneTime bool

	// Refuse answers a request that is refused. The error is [ErrCrossOrigin] or [ErrToken]. Nil answers with a failed
	// response of status 403, which ring.OnError renders.
	Refuse func(req ring.Request, err error) ring.Response
}

// ErrCrossOrigin says that a request comes from another origin.
var ErrCrossOrigin = errors.New("csrf: the request comes from another origin")

// ErrToken says that a request needs a token and has none, or one that isn't its session's.
var ErrToken = errors.New("csrf: the request has no token of its session")

// Wrap returns the middleware. It panics if the options can't be used: an origin or a pattern that is malformed, or a
// SafeHeader that any page can send. The middleware is safe for concurrent use.
func Wrap(o Options) ring.Middleware {
	g := newGuard(o)
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return g.serve(h, req) }
	}
}

// A guard is what requests of a Wrap share.
type guard struct {
	Options
	origins *http.CrossOriginProtection
	exempt  *http.ServeMux // matches what is exempt; nil for nothing
}

func newGuard(o Options) *guard {
	g := &guard{Options: o, origins: http.NewCrossOriginProtection()}
	for _, origin := range o.TrustedOrigins {
		if err := g.origins.AddTrustedOrigin(origin); err != nil {
			panic("csrf: TrustedOrigins: " + err.Error())
		}
	}
	if len(o.Exempt) > 0 {
		g.exempt = http.NewServeMux()
		for _, pattern := range o.Exempt {
			g.exempt.Handle(pattern, exempt{}) // panics if it is malformed, and names it
		}
	}
	if g.Field == "" {
		g.Field = "__anti-forgery-token"
	}
	if g.Headers == nil {
		g.Headers = []string{"X-CSRF-Token", "X-XSRF-Token"}
	}
	if anyPageSends(o.SafeHeader) {
		panic("csrf: SafeHeader: any page can send " + o.SafeHeader + " to another origin")
	}
	g.Always = o.Always || o.OneTime
	return g
}

// anyPageSends reports whether a request that a page makes may have a header field though its origin has not consented to
// that: the CORS-safelisted fields of https://fetch.spec.whatwg.org/#cors-safelisted-request-header, those that browsers
// set themselves, and those of proxies.
func anyPageSends(name string) bool {
	name = http.CanonicalHeaderKey(name)
	for _, prefix := range []string{"Sec-", "Proxy-", "Access-Control-", "X-Forwarded-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Content-Language", "Content-Type", "Range",
		"Cache-Control", "Connection", "Content-Length", "Cookie", "Date", "Dnt", "Expect", "Forwarded", "Host", "Keep-Alive", "Origin",
		"Pragma", "Priority", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent",
		"Via", "X-Real-Ip", "X-Request-Id":
		return true
	}
	return false
}
