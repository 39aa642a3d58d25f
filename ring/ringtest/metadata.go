package ringtest

import (
	"net/http"
	"net/url"
)

// metadata is what a browser adds to a request to tell what kind it is. An empty field isn't sent.
func (f flight) metadata(old bool) map[string]string {
	m := map[string]string{"Origin": f.originField(), "Referer": f.referer()}
	if f.kind.mode == "navigate" {
		m["Upgrade-Insecure-Requests"] = "1"
	}
	if old {
		if f.kind.purpose != "" {
			m["Purpose"] = "prefetch" // the older name of Sec-Purpose
		}
		return m
	}
	m["Sec-Purpose"] = f.kind.purpose
	if isTrustworthy(f.url) {
		m["Sec-Fetch-Site"], m["Sec-Fetch-Mode"], m["Sec-Fetch-Dest"] = f.siteField(), f.kind.mode, f.kind.dest
		if f.byPerson {
			m["Sec-Fetch-User"] = "?1"
		}
	}
	return m
}

// siteField is the farthest that the flight has been from the page that made it.
func (f flight) siteField() string {
	if f.from == nil || f.kind.purpose != "" { // Chromium itself asks for what might be visited
		return "none"
	}
	site := "same-origin"
	for _, u := range append(f.visited[:len(f.visited):len(f.visited)], f.url) {
		switch {
		case !sameSite(f.from, u):
			return "cross-site"
		case !sameOrigin(f.from, u):
			site = "same-site"
		}
	}
	return site
}

// originField is the Origin of the page that made the request: with all methods that change something, and with any
// that CORS is about.
func (f flight) originField() string {
	quiet := f.method == http.MethodGet || f.method == http.MethodHead
	asksCORS := f.kind.mode == "cors" && f.siteField() != "same-origin"
	switch {
	case f.from == nil || quiet && !asksCORS:
		return ""
	case f.tainted || f.downgraded() && f.kind.mode != "cors":
		return "null"
	}
	return originOf(f.from)
}

// referer keeps the policy strict-origin-when-cross-origin, the default of all browsers.
func (f flight) referer() string {
	switch {
	case f.from == nil || f.downgraded():
		return ""
	case sameOrigin(f.from, f.url):
		return withoutFragment(f.from).String()
	}
	return originOf(f.from) + "/"
}

// downgraded reports whether the request goes from a page that nobody can have changed to where it can be overheard.
func (f flight) downgraded() bool { return f.from.Scheme == "https" && !isTrustworthy(f.url) }

func withoutFragment(u *url.URL) *url.URL {
	c := *u
	c.Fragment, c.RawFragment, c.User = "", "", nil
	return &c
}
