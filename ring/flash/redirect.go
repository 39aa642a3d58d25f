package flash

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
)

// next returns the request that the response makes the client send, and whether it makes it send one.
func (v *visit) next(resp ring.Response, now time.Time) (target, bool) {
	r, ok := v.redirect(resp)
	if !ok {
		return target{}, false
	}
	p, here := r.location, true
	if !isPlainPath(p) {
		p, here = v.resolve(r)
	}
	if !here {
		return target{}, true
	}
	return target{at(now.Add(bindTime)), p, r.kind}, true
}

// A redirect is the location that a response sends the client to, and the kind of request that follows.
type redirect struct {
	kind
	location string
	byScript bool // the location is relative to the page that the script runs on
}

// redirect returns the redirect that the response is, and whether it is one.
func (v *visit) redirect(resp ring.Response) (redirect, bool) {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		location, ok := resp.Header.Lookup("Location")
		return redirect{kindOf(v.req.Header), location, false}, ok
	}
	if !isTrue(v.req.Header, hxRequest) {
		return redirect{}, false
	}
	return v.htmxRedirect(resp.Header)
}

// htmxRedirect returns the redirect by a header that htmx obeys, in the order in which htmx looks at them.
func (v *visit) htmxRedirect(h ring.Header) (redirect, bool) {
	if value, ok := h.Lookup(hxLocation); ok {
		location, ok := htmxPath(value)
		return redirect{fetchMetadata(v.req.Header), location, true}, ok // not boosted, even if this request is
	}
	if location, ok := h.Lookup(hxRedirect); ok {
		return redirect{navigation, location, true}, true
	}
	return redirect{navigation, "", true}, isTrue(h, hxRefresh)
}

// htmxPath returns the path in the value of HX-Location: the value itself, or the member "path" of a JSON object.
func htmxPath(value string) (string, bool) {
	if !strings.HasPrefix(value, "{") {
		return value, true
	}
	var members map[string]json.RawMessage // a struct would also take "Path", which htmx does not
	if json.Unmarshal([]byte(value), &members) != nil {
		return "", false
	}
	var p *string
	err := json.Unmarshal(members["path"], &p)
	if err != nil || p == nil {
		return "", false
	}
	return *p, true
}

// isPlainPath reports whether a location is an absolute path and nothing in it needs resolving or decoding.
func isPlainPath(s string) bool {
	if s == "" || s[0] != '/' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '/' && s[i-1] == '/', c == '.' && s[i-1] == '/', c == '%', c == '?', c == '#', c == '\\', c >= 0x80:
			return false
		}
	}
	return true
}

// resolve returns the path of a redirect's location, and whether it is on this host.
func (v *visit) resolve(r redirect) (string, bool) {
	here := &url.URL{Scheme: v.req.Scheme, Host: v.req.Host, Path: path(v.req.URL.Path)}
	base := here
	if r.byScript {
		if page, err := here.Parse(v.req.Header.Get(hxCurrentURL)); err == nil {
			base = page
		}
	}
	to, err := base.Parse(r.location)
	if err != nil || !sameHost(here, to) || strings.Contains(r.location, `\`) { // browsers take a backslash for a slash
		return "", false
	}
	return path(to.Path), true
}

// sameHost reports whether both are this host. The scheme doesn't count, as a proxy may have taken it off, so neither
// do its default ports.
func sameHost(a, b *url.URL) bool {
	return (b.Scheme == "http" || b.Scheme == "https") &&
		strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "80" && p != "443" {
		return p
	}
	return ""
}
