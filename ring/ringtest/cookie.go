package ringtest

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A cookie is what the jar keeps of a Set-Cookie field.
type cookie struct {
	name, value string
	domain      string // never empty: a host, or a domain with all below it
	hostOnly    bool
	path        string
	named       attributes // what the field said of these itself
	secure      bool
	httpOnly    bool
	sameSite    http.SameSite // 0 where the field says nothing that is known
	partitioned bool
	partition   string    // site of the tab that it is bound to; "" is any
	expires     time.Time // zero: with the browser
	born        time.Time // when it got its value
}

// attributes tells which attributes a field had.
type attributes struct{ domain, path, maxAge bool }

func (c cookie) expired(now time.Time) bool { return !c.expires.IsZero() && !now.Before(c.expires) }

// replaces reports whether c and the other can't be in a jar together.
func (c cookie) replaces(other cookie) bool {
	return c.name == other.name && c.domain == other.domain && c.hostOnly == other.hostOnly && c.path == other.path &&
		c.partition == other.partition
}

// hides reports whether a server could take c for the other, which is Secure.
func (c cookie) hides(other cookie) bool {
	return other.secure && c.name == other.name && pathMatches(c.path, other.path) &&
		(domainMatches(c.domain, other.domain) || domainMatches(other.domain, c.domain))
}

// isOf reports whether a host gets the cookie.
func (c cookie) isOf(host string) bool {
	return host == c.domain || !c.hostOnly && domainMatches(host, c.domain)
}

// goesTo reports whether the cookie is for the address u.
func (c cookie) goesTo(u *url.URL) bool {
	return c.isOf(hostOf(u)) && pathMatches(pathOf(u), c.path) && (!c.secure || isTrustworthy(u))
}

// goesWith reports whether the cookie is sent with a request of such a reach.
func (c cookie) goesWith(r reach, now time.Time) bool {
	if c.partition != "" && c.partition != r.top {
		return false
	}
	switch c.sameSite {
	case http.SameSiteNoneMode:
		return true
	case http.SameSiteStrictMode:
		return r.relation == strict
	case http.SameSiteLaxMode:
		return r.relation <= lax
	}
	return r.relation <= lax || r.relation == unsafe && now.Sub(c.born) < youth
}

// pair is the cookie in a Cookie field. One without a name is sent as its value alone.
func (c cookie) pair() string {
	if c.name == "" {
		return c.value
	}
	return c.name + "=" + c.value
}

func (c cookie) http() *http.Cookie {
	h := &http.Cookie{
		Name: c.name, Value: c.value, Path: c.path, Expires: c.expires,
		Secure: c.secure, HttpOnly: c.httpOnly, SameSite: c.sameSite, Partitioned: c.partitioned,
	}
	if !c.hostOnly {
		h.Domain = c.domain
	}
	return h
}

func domainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !isIP(host)
}

func pathMatches(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix) && (strings.HasSuffix(prefix, "/") || path[len(prefix)] == '/')
}

func pathOf(u *url.URL) string {
	if p := u.EscapedPath(); strings.HasPrefix(p, "/") {
		return p
	}
	return "/"
}

// defaultPath is that of a cookie which names none: the folder of what set it.
func defaultPath(u *url.URL) string {
	p := pathOf(u)
	return p[:max(1, strings.LastIndexByte(p, '/'))]
}
