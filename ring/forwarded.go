package ring

import (
	"net/netip"
	"slices"
	"strings"
)

// TrustForwarded takes the client's address from X-Forwarded-For and the scheme from X-Forwarded-Proto, where the
// request comes from one of the given proxies. It reads X-Forwarded-For from the right and takes the first address
// that is none of them: what stands left of it was written by the client. Without this layer both headers are
// ignored. It panics if no proxy is given, or the zero Prefix.
func TrustForwarded(proxies ...netip.Prefix) Middleware {
	if len(proxies) == 0 {
		panic("ring: TrustForwarded without a proxy to trust")
	}
	trusted := oneOf("TrustForwarded", proxies)
	return func(h Handler) Handler {
		return func(req Request) Response {
			if peer := req.ClientIP(); peer.IsValid() && trusted(peer) {
				if client := forwardedFor(req.Header, trusted); client.IsValid() {
					req.RemoteAddr = netip.AddrPortFrom(client, 0).String()
				}
				if s := forwardedProto(req.Header); s != "" {
					req.Scheme = s
				}
			}
			return h(req)
		}
	}
}

// oneOf returns a function that reports whether an address is one of the proxies. It panics if a prefix is the zero one.
func oneOf(caller string, proxies []netip.Prefix) func(netip.Addr) bool {
	if slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return !p.IsValid() }) {
		panic("ring: " + caller + " with an invalid prefix")
	}
	return func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
}

// forwardedFor returns the first address from the right that isn't trusted, or the zero Addr. It reads no further: what
// stands left of it may be as long as the client likes.
func forwardedFor(h Header, trusted func(netip.Addr) bool) netip.Addr {
	lines := slices.Collect(h.All("X-Forwarded-For"))
	for _, line := range slices.Backward(lines) {
		for more := true; more; {
			comma := strings.LastIndexByte(line, ',')
			a := parseAddr(strings.TrimSpace(line[comma+1:]))
			if !a.IsValid() || !trusted(a) {
				return a
			}
			if more = comma >= 0; more {
				line = line[:comma]
			}
		}
	}
	return netip.Addr{}
}

func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, _ := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone("")
}

// forwardedProto returns what the last proxy wrote, if it is a scheme of HTTP.
func forwardedProto(h Header) string {
	last := ""
	for line := range h.All("X-Forwarded-Proto") {
		last = line
	}
	switch s := strings.ToLower(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])); s {
	case "http", "https":
		return s
	}
	return ""
}
