package ringtest

import (
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/signet-go/signet/ring"
)

// A Request is what a browser is going to ask for, and how: [Browser.Do] or [Browser.Start] makes it. The functions
// that return one say what it is in a browser; its methods give another one. It can be made any number of times.
//
// A target is a path or an address. Relative to what follows from the kind: a typed address belongs to the origin of the
// browser, all others to the page that the tab shows, or the root of the site if there is none.
//
// With each request go Host, User-Agent, Accept, Accept-Language, the cookies, and what Chromium adds to tell the server
// what kind it is: Sec-Fetch-Site, -Mode, -Dest and -User (to https and localhost only), Sec-Purpose, Origin, Referer,
// Upgrade-Insecure-Requests. Accept-Encoding is missing, so that bodies can be read. The policy of a page on referrers
// is not looked at: it is the default.
type Request struct {
	kind            kind
	method, target  string
	mediaType, body string
	header          ring.Header
	page            *url.URL // that it is made from; nil: the one that the tab shows
	byPerson        bool     // somebody clicked or typed
	mistake         string   // why it can't be made
}

// A kind is what sets requests apart whatever they are for.
type kind struct {
	mode, dest string // Sec-Fetch-Mode, Sec-Fetch-Dest
	purpose    string // Sec-Purpose
	accept     string
	typed      bool // by a person, so no page is where it comes from
	tab        bool // navigates the whole tab, or what will be one
	shown      bool // what it leads to becomes the page of the tab
}

const acceptPage = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

var (
	typed     = kind{mode: "navigate", dest: "document", accept: acceptPage, typed: true, tab: true, shown: true}
	navigated = kind{mode: "navigate", dest: "document", accept: acceptPage, tab: true, shown: true}
	prefetch  = kind{mode: "navigate", dest: "document", accept: acceptPage, tab: true, purpose: "prefetch"}
	prerender = kind{mode: "navigate", dest: "document", accept: acceptPage, tab: true, purpose: "prefetch;prerender"}
	framed    = kind{mode: "navigate", dest: "iframe", accept: acceptPage}
	fetched   = kind{mode: "cors", dest: "empty", accept: "*/*"}
	image     = kind{mode: "no-cors", dest: "image", accept: "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"}
)

// Get is a navigation to an address that was typed in, or came from a bookmark: no page is where it comes from.
func Get(target string) Request {
	return Request{kind: typed, method: http.MethodGet, target: target, byPerson: true}
}

// Follow is a navigation by a link. See [Page.Link] for one that the page has.
func Follow(target string) Request {
	return Request{kind: navigated, method: http.MethodGet, target: target, byPerson: true}
}

// Post is a navigation by a form that sends fields, names and values in turn, as
// application/x-www-form-urlencoded. See [Page.Form] for one that the page has.
func Post(target string, fields ...string) Request {
	r := Request{kind: navigated, method: http.MethodPost, target: target, byPerson: true}
	return r.withFields(fields)
}

// Fetch is a request that a script makes in the background. The fields, names and values in turn, are its body as
// application/x-www-form-urlencoded; without any it has none. From another site it is one with credentials, and
// isn't preceded by the question of CORS whether it may be made.
func Fetch(method, target string, fields ...string) Request {
	r := Request{kind: fetched, method: method, target: target}
	if len(fields) == 0 {
		return r
	}
	return r.withFields(fields)
}

// Image is the request for an image in a page.
func Image(target string) Request {
	return Request{kind: image, method: http.MethodGet, target: target}
}

// Frame is the request for a page that is shown inside of another one.
func Frame(target string) Request {
	return Request{kind: framed, method: http.MethodGet, target: target}
}

// Prefetch is the request for a page that might be visited next; the page of the tab stays.
func Prefetch(target string) Request {
	return Request{kind: prefetch, method: http.MethodGet, target: target}
}

// Prerender is [Prefetch] for a page that is also drawn, out of sight.
func Prerender(target string) Request {
	return Request{kind: prerender, method: http.MethodGet, target: target}
}

// From gives the request as a page at another address makes it, such as "https://evil.example", without anybody's
// doing. A relative target is resolved against that page where its origin is served (see [Site]), else against the origin
// of the browser.
func (r Request) From(page string) Request {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		r.mistake = "From needs an address with a host, not " + page
		return r
	}
	if r.kind.typed {
		r.kind = navigated
	}
	r.page, r.byPerson = u, false
	return r
}

// WithHeader gives the request with one more header field, or another value of one that the browser sends.
func (r Request) WithHeader(name, value string) Request {
	r.header = r.header.Set(name, value)
	return r
}

// WithBody gives the request with another body.
func (r Request) WithBody(mediaType, body string) Request {
	r.mediaType, r.body = mediaType, body
	return r
}

func (r Request) withFields(fields []string) Request {
	if len(fields)%2 != 0 {
		r.mistake = "fields are names and values in turn, and " + fields[len(fields)-1] + " has no value"
	}
	var form []entry
	for name, value := range pairs(fields) {
		form = append(form, entry{name: name, value: value})
	}
	return r.WithBody(urlEncoded, encodeURL(form))
}

// pairs yields names and values that stand in turn; one without its value is left out.
func pairs(fields []string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(fields); i += 2 {
			if !yield(fields[i], fields[i+1]) {
				return
			}
		}
	}
}

// Value gives the request as a handler gets it from a browser without cookies that shows no page, to call the handler
// as a plain function:
//
//	resp := login(ringtest.Post("/login", "name", "Ann").Value())
func (r Request) Value() ring.Request {
	b := New(nil, nil)
	f := b.prepare(r)
	req := ring.NewRequest(f.method, f.url.String(), nil)
	if f.body != "" {
		req = req.WithBody(strings.NewReader(f.body))
	}
	req.Header = ring.HeaderOf(b.fields(f))
	return req
}
