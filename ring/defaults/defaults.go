// Package defaults has the layers of a whole site, put together as they belong.
//
//	site := defaults.SecureSite(memory.New())
//	site.Static = static.New(folder, static.Options{})
//	site.Session.Idle = time.Hour
//	log.Fatal(http.ListenAndServe("127.0.0.1:8080", site.Wrap(app)))
//
// [Site], [SecureSite], [API] and [SecureAPI] return a [Config], a plain value: change what should be otherwise, and call
// Wrap. Behind a proxy set Proxies, since without it every request seems to come from there, by http.
//
// # The order of the layers
//
// From the outside to the inside:
//
//	ring.RequestID        RequestID    an id, for the lines of the log
//	ring.TrustForwarded   Proxies      the client's address and scheme, for all layers inside
//	ring.Log              AccessLog    a line for each request, whatever becomes of it
//	secure.Wrap           Headers      security headers, on pages of errors too
//	secure.HTTPS          HTTPS        from http to https
//	ring.OnError          ErrorPage    failures are logged, and have a page
//	ring.Recover          Recover      a panic is a failure
//	static.Files          Static       files, before any session is loaded
//	ring.NotModified      NotModified  304, compared with what the layers inside have made
//	ring.Limit            Limits       of what a request may send
//	session.Wrap          Store, Session
//	flash.Wrap            Flash
//	csrf.Wrap             CSRF
package defaults

import (
	"log/slog"
	"net/netip"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/secure"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/static"
)

// A Config says which layers a site has. The zero Config has none but ring.OnError.
type Config struct {
	// Proxies are the addresses of the proxies in front of the site, whose X-Forwarded-For, X-Forwarded-Proto and
	// X-Request-Id are believed. Nil is for a site without a proxy.
	Proxies []netip.Prefix

	RequestID bool // an X-Request-Id for each request
	AccessLog bool // a line for each request

	// Log receives the access log and failures. Nil is slog.Default.
	Log *slog.Logger

	Headers secure.Headers // of each response
	HTTPS   int            // the port of https, to which requests by http are redirected; 0 redirects none

	// ErrorPage makes the page of a failed response, as ring.OnError says. Nil is a line of text.
	ErrorPage func(ring.Request, ring.Response) ring.Response

	Recover bool          // a panic is a failed response, and does not abort the connection
	Static  *static.Files // nil has no files

	NotModified bool        // an ETag for computed pages
	Limits      ring.Limits // of what a request may send; the zero Limits are ring's own

	Store   session.Store   // nil has no sessions
	Session session.Options // if there is a Store

	Flash bool          // flash messages; needs a Store
	CSRF  *csrf.Options // nil has no protection; needs a Store
}

// Site returns the Config of a site with sessions, messages and forms, as it is developed: over http as well, so its
// cookies are not Secure, and nothing is redirected. A site that others use is a [SecureSite].
func Site(store session.Store) Config {
	return Config{
		RequestID: true, AccessLog: true, Recover: true, NotModified: true,
		Headers: secure.Site(),
		Store:   store, Session: session.Options{Insecure: true},
		Flash: true, CSRF: &csrf.Options{},
	}
}

// SecureSite returns the Config of a [Site] over https alone: its cookies are Secure, http is redirected to https on
// port 443, and browsers are told by Strict-Transport-Security to come by https for two years, [secure.HSTS], to this
// host and all those below.
func SecureSite(store session.Store) Config {
	c := Site(store)
	c.Session.Insecure = false
	c.HTTPS = 443
	c.Headers.StrictTransport = secure.HSTS
	return c
}

// API returns the Config of an interface for programs, which show with each request who they are: it has no sessions.
func API() Config {
	return Config{RequestID: true, AccessLog: true, Recover: true, NotModified: true, Headers: secure.API()}
}

// SecureAPI returns the Config of an [API] over https alone, as [SecureSite] is.
func SecureAPI() Config {
	c := API()
	c.HTTPS = 443
	c.Headers.StrictTransport = secure.HSTS
	return c
}

// Wrap is the middleware of all the layers. It panics if a part can't be used: if messages or the protection of forms
// have no Store, and for whatever the layers themselves panic for.
func (c Config) Wrap(h ring.Handler) ring.Handler {
	if c.Store == nil && (c.Flash || c.CSRF != nil) {
		panic("defaults: Flash and CSRF need a Store")
	}
	var layers []ring.Middleware
	add := func(on bool, layer func() ring.Middleware) {
		if on {
			layers = append(layers, layer())
		}
	}
	add(c.RequestID, func() ring.Middleware { return ring.RequestID(c.Proxies...) })
	add(len(c.Proxies) > 0, func() ring.Middleware { return ring.TrustForwarded(c.Proxies...) })
	add(c.AccessLog, func() ring.Middleware { return ring.Log(c.Log) })
	add(c.Headers != secure.Headers{}, func() ring.Middleware { return secure.Wrap(c.Headers) })
	add(c.HTTPS != 0, func() ring.Middleware { return secure.HTTPS(c.HTTPS) })
	layers = append(layers, ring.OnError(c.Log, c.ErrorPage))
	add(c.Recover, func() ring.Middleware { return ring.Recover })
	add(c.Static != nil, func() ring.Middleware { return c.Static.Wrap })
	add(c.NotModified, func() ring.Middleware { return ring.NotModified })
	add(c.Limits != ring.Limits{}, func() ring.Middleware { return ring.Limit(c.Limits) })
	add(c.Store != nil, func() ring.Middleware { return session.Wrap(c.Store, c.Session) })
	add(c.Flash, func() ring.Middleware { return flash.Wrap })
	add(c.CSRF != nil, func() ring.Middleware { return csrf.Wrap(*c.CSRF) })
	return ring.Chain(layers...)(h)
}
