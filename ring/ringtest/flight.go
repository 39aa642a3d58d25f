package ringtest

import (
	"net/http"
	"net/url"

	"github.com/signet-go/signet/ring"
)

// maxRedirects is how many a browser follows.
const maxRedirects = 20

// A flight is a request on its way, through all its redirects.
type flight struct {
	Request
	url     *url.URL   // now
	from    *url.URL   // the page that made it; nil: a person
	visited []*url.URL // before url
	tainted bool       // came through a foreign origin, so that its own can't be named any more
	hops    []*Page    // the redirects so far
}

// prepare finds out where a request goes from this tab.
func (b *Browser) prepare(r Request) flight {
	b.help()
	if r.mistake != "" {
		b.fatalf("%s", r.mistake)
	}
	f := flight{Request: r, from: r.page}
	if f.from == nil && !r.kind.typed {
		f.from = b.origin.JoinPath("/")
		if p := b.Page(); p != nil {
			f.from = &p.URL
		}
	}
	base := b.origin
	if f.from != nil && b.sites[originOf(f.from)] != nil {
		base = f.from
	}
	target, err := base.Parse(r.target)
	if err != nil {
		b.fatalf("%v", err)
	}
	if f.url = target; f.url.Path == "" {
		f.url.Path = "/"
	}
	return f
}

// redirected gives the flight after a response, and whether that leads on.
func (f flight) redirected(p *Page) (flight, bool, error) {
	location := p.Header.Get("Location")
	switch p.Status {
	case http.StatusMovedPermanently, http.StatusFound:
		if f.method == http.MethodPost {
			f.Request = f.asGet()
		}
	case http.StatusSeeOther:
		if f.method != http.MethodHead {
			f.Request = f.asGet()
		}
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return f, false, nil
	}
	if location == "" || p.Err != nil {
		return f, false, nil
	}
	next, err := f.url.Parse(location)
	if err != nil {
		return f, false, err
	}
	if next.Fragment == "" {
		next.Fragment = f.url.Fragment
	}
	if next.Path == "" {
		next.Path = "/"
	}
	f.tainted = f.tainted || f.from != nil && !sameOrigin(f.url, next) && !sameOrigin(f.from, f.url)
	f.visited = append(f.visited[:len(f.visited):len(f.visited)], f.url)
	f.hops = append(f.hops[:len(f.hops):len(f.hops)], p)
	f.url = next
	return f, true, nil
}

// asGet is what a redirect makes of a request that has been dealt with.
func (r Request) asGet() Request {
	r.method, r.mediaType, r.body = http.MethodGet, "", ""
	r.header = r.header.Del("Content-Type")
	return r
}

// again is the request that led to where the flight is now, for who wants the same page once more.
func (f flight) again() Request {
	r := f.Request
	r.target, r.page = f.url.String(), f.from
	r.header = r.header.Set("Cache-Control", "max-age=0")
	return r
}

// reach is what the flight may do with cookies where it is now.
func (f flight) reach() reach {
	r := reach{navigation: f.kind.tab, top: siteOf(f.url)}
	if !f.kind.tab {
		r.top = siteOf(f.from)
	}
	switch {
	case f.from == nil || sameSite(f.from, f.url):
		r.relation = strict
	case !f.kind.tab:
		r.relation = cross
	case isSafe(f.method):
		r.relation = lax
	default:
		r.relation = unsafe
	}
	return r
}

func isSafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// fields is the header of the request that the flight makes where it is now, without cookies.
func (b *Browser) fields(f flight) http.Header {
	h := ring.Header{}.Set("User-Agent", agent).Set("Accept", f.kind.accept).Set("Accept-Language", "en")
	if f.mediaType != "" {
		h = h.Set("Content-Type", f.mediaType)
	}
	for name, value := range f.metadata(b.old) {
		if value != "" {
			h = h.Set(name, value)
		}
	}
	for name, value := range b.header.Fields() {
		h = h.Set(name, value)
	}
	for name, value := range f.header.Fields() {
		h = h.Set(name, value)
	}
	return h.HTTP()
}

const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
