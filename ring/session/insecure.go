package session

import (
	"log/slog"
	"net/netip"
	"strings"

	"github.com/signet-go/signet/ring"
)

// hintAtPlainHTTP logs, once for each Wrap, that the cookie which is about to be set will not come back. A browser
// keeps no Secure cookie of a page that came over plain http, except from the machine that it runs on, and tells
// nobody. Then every request begins without a session.
func (m *middleware) hintAtPlainHTTP(req ring.Request) {
	if req.Scheme != "http" || !m.opts.Cookie.Secure || !req.Served() || m.hinted.Load() ||
		isLoopback(req.Host) || saysHTTPS(req.Header) || !m.hinted.CompareAndSwap(false, true) {
		return
	}
	slog.Default().LogAttrs(req.Context(), slog.LevelWarn, "session: this cookie is Secure, and the request came over plain http: "+
		"a browser drops it, so that each request begins without a session. Serve TLS; or set Options.Insecure, for development; "+
		"or, behind a proxy that speaks TLS, let it send X-Forwarded-Proto and add ring.TrustForwarded. This is logged once",
		slog.String("cookie", m.opts.Cookie.Name), slog.String("host", req.Host))
}

// isLoopback reports whether a Host names the machine of the browser, which most browsers trust without TLS. It is
// asked for each new session, so it does without functions that allocate an error for a host that has no port or is no
// address.
func isLoopback(host string) bool {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && host[len(host)-1] != ']' {
		host = host[:i]
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "[::1]" {
		return true
	}
	if !strings.HasPrefix(host, "127.") {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// saysHTTPS reports whether a proxy says that the client speaks TLS with it. Anybody can say so, and all that it does
// here is to keep a line out of the log.
func saysHTTPS(h ring.Header) bool {
	for _, name := range [...]string{"X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Url-Scheme", "Forwarded"} {
		for value := range h.All(name) {
			if strings.Contains(strings.ToLower(value), "https") {
				return true
			}
		}
	}
	return strings.EqualFold(h.Get("X-Forwarded-Ssl"), "on") || strings.EqualFold(h.Get("Front-End-Https"), "on")
}
