package ring

import (
	"net/http"
	"strings"
)

// FailWith returns the failed response of err in place of r, whose body it closes. It is what a layer answers with if
// it can't let r pass. The page is that of [Fail]. Values stay, and so do the header fields that don't belong to the
// page of r: what other layers have set to protect a site, such as a Content-Security-Policy, must be there on a
// failure too. Fields that describe the content (its type, length, encoding, age, and what caches may do) or act for
// the page (Set-Cookie, Location, Clear-Site-Data and the like) go.
func (r Response) FailWith(err error) Response {
	_ = r.Body.Close() // there is a failure to report already
	return r.failed(err)
}

// failed is FailWith without closing the body.
func (r Response) failed(err error) Response {
	resp := Fail(err)
	resp.Values = r.Values
	resp.Header = resp.Header.withThoseAround(r.Header)
	return resp
}

// withThoseAround adds the fields of the header of another page that don't belong to it, and that h doesn't have.
func (h Header) withThoseAround(other Header) Header {
	var more []Field
	for _, f := range other.owned().fields {
		if _, has := h.Lookup(f.Name); !has && !ofPage(f.Name) && f.sendable() {
			more = append(more, f)
		}
	}
	if more == nil {
		return h
	}
	return h.AddAll(more...)
}

// dropPage takes off h the fields that belong to a page.
func dropPage(h http.Header) {
	for name := range h {
		if ofPage(name) {
			delete(h, name)
		}
	}
}

// ofPage reports whether a field belongs to one page, so that another page must not have it. Any other field is taken
// to be a layer's, as nobody knows the names of all that protect a site.
func ofPage(name string) bool {
	if rest, ok := strings.CutPrefix(name, "Content-"); ok {
		return !strings.HasPrefix(rest, "Security-Policy")
	}
	switch name {
	case "Accept-Ranges", "Age", "Cache-Control", "Cdn-Cache-Control", "Etag", "Expires", "Last-Modified", "Pragma", "Surrogate-Control",
		"Allow", "Clear-Site-Data", "Link", "Location", "Proxy-Authenticate", "Refresh", "Retry-After", "Set-Cookie", "Www-Authenticate",
		"Connection", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}
