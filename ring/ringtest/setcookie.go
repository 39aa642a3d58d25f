package ringtest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxPair      = 4096                 // bytes of name and value together
	maxAttribute = 1024                 // bytes of an attribute's value; a longer one is ignored
	maxLife      = 400 * 24 * time.Hour // however long the server asks for
)

// parseCookie reads a Set-Cookie field of a response from u as a browser does, or tells why one refuses it.
func parseCookie(field string, now time.Time, u *url.URL) (cookie, error) {
	if strings.ContainsFunc(field, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return cookie{}, errors.New("it has a control character")
	}
	pair, rest, _ := strings.Cut(field, ";")
	name, value, named := strings.Cut(pair, "=")
	if !named {
		name, value = "", pair
	}
	c := cookie{name: trim(name), value: trim(value), domain: hostOf(u), hostOnly: true, path: defaultPath(u), born: now}
	switch {
	case c.name == "" && c.value == "":
		return cookie{}, errors.New("it has neither name nor value")
	case len(c.name)+len(c.value) > maxPair:
		return cookie{}, fmt.Errorf("its name and value have more than %d bytes", maxPair)
	}
	for attribute := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(attribute, "=")
		if value = trim(value); len(value) <= maxAttribute {
			c.read(strings.ToLower(trim(key)), value, now, u)
		}
	}
	return c, c.check(u)
}

func trim(s string) string { return strings.Trim(s, " \t") }

// read takes an attribute in; the last of a kind holds.
func (c *cookie) read(key, value string, now time.Time, u *url.URL) {
	switch key {
	case "expires":
		if t, ok := parseDate(value); ok && !c.named.maxAge {
			c.expires = later(earlier(t, now.Add(maxLife)), time.Unix(0, 0)) // the zero Time would be no date at all
		}
	case "max-age":
		if d, ok := parseMaxAge(value); ok {
			c.named.maxAge, c.expires = true, now.Add(d)
		}
	case "domain":
		if value = strings.ToLower(strings.TrimPrefix(value, ".")); value != "" {
			c.named.domain, c.domain, c.hostOnly = true, value, false
		}
	case "path":
		c.named.path, c.path = strings.HasPrefix(value, "/"), value
		if !c.named.path {
			c.path = defaultPath(u)
		}
	case "secure":
		c.secure = true
	case "httponly":
		c.httpOnly = true
	case "partitioned":
		c.partitioned = true
	case "samesite":
		c.sameSite = sameSites[strings.ToLower(value)]
	}
}

var sameSites = map[string]http.SameSite{
	"none": http.SameSiteNoneMode, "lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode,
}

func parseMaxAge(s string) (time.Duration, bool) {
	if digits := strings.TrimPrefix(s, "-"); digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64) // gives the nearest number where it is too large
	switch {
	case n <= 0:
		return -1, true
	case err != nil || n > int64(maxLife/time.Second):
		return maxLife, true
	}
	return time.Duration(n) * time.Second, true
}

func parseDate(s string) (time.Time, bool) {
	if t, err := http.ParseTime(s); err == nil {
		return t, true
	}
	for _, layout := range []string{"Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// check tells why a browser refuses the cookie from u, or nil. A domain that is the host itself, where it could not
// have anything below, makes the cookie one of the host.
func (c *cookie) check(u *url.URL) error {
	host := hostOf(u)
	if c.named.domain && host == c.domain && (isIP(host) || isPublicSuffix(host)) {
		c.hostOnly = true
	}
	switch {
	case !c.hostOnly && (isIP(host) || isPublicSuffix(c.domain) || !domainMatches(host, c.domain)):
		return fmt.Errorf("%s may not set it for the domain %s", host, c.domain)
	case c.secure && !isTrustworthy(u):
		return errors.New("it is Secure, and set over plain http")
	case c.sameSite == http.SameSiteNoneMode && !c.secure:
		return errors.New("it is SameSite=None and not Secure")
	case c.partitioned && !c.secure:
		return errors.New("it is Partitioned and not Secure")
	}
	return c.checkPrefix()
}

func (c *cookie) checkPrefix() error {
	name := c.name
	if name == "" {
		name = c.value // where it is sent, a server would take the start of the value for a name
	}
	has := func(prefix string) bool {
		return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
	}
	host, script := has("__Host-"), has("__Http-") || has("__Host-Http-")
	switch {
	case c.name == "" && (host || script || has("__Secure-")):
		return errors.New("it has no name, and a value like a name with a prefix")
	case (host || script || has("__Secure-")) && !c.secure:
		return errors.New("its name asks for Secure")
	case host && (c.named.domain || !c.named.path || c.path != "/"):
		return errors.New("its name asks for Path=/ and no Domain")
	case script && !c.httpOnly:
		return errors.New("its name asks for HttpOnly")
	}
	return nil
}
