package ringtest

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// originOf is scheme, host and port, as in an Origin field.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != defaultPorts[u.Scheme] {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

func sameOrigin(a, b *url.URL) bool { return originOf(a) == originOf(b) }

// siteOf is what SameSite and Sec-Fetch-Site compare: the scheme and the domain that somebody has registered.
func siteOf(u *url.URL) string { return u.Scheme + "://" + registrable(hostOf(u)) }

func sameSite(a, b *url.URL) bool { return siteOf(a) == siteOf(b) }

// hostOf is the host that cookies belong to: they know no ports.
func hostOf(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") }

// registrable is the part of a host that was registered under a public suffix, or the host if it isn't below one.
func registrable(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if isPublicSuffix(strings.Join(labels[max(0, len(labels)-2):], ".")) {
		n = 3
	}
	if isIP(host) || len(labels) <= n {
		return host
	}
	return strings.Join(labels[len(labels)-n:], ".")
}

// isPublicSuffix knows top-level domains and the likes of co.uk; the list that browsers have is longer than this package.
func isPublicSuffix(domain string) bool {
	second, top, deep := strings.Cut(domain, ".")
	return !deep || len(top) == 2 && slices.Contains([]string{"co", "com", "org", "net", "gov", "ac", "edu"}, second)
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isTrustworthy reports whether what is sent to u can't be overheard: only there go Secure cookies and Sec-Fetch fields.
func isTrustworthy(u *url.URL) bool {
	host := hostOf(u)
	addr, err := netip.ParseAddr(host)
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}
