package session

import (
	"strings"
	"sync/atomic"

	"github.com/signet-go/signet/ring"
)

// privateHeaders caches the result of makePrivate for headers that many responses have: those with nothing but a content
// type, as ring.Text, ring.HTML and ring.JSON return them. The first four are kept as long as the Wrap.
type privateHeaders [4]atomic.Pointer[privateHeader]

// A privateHeader keeps the content type and not the header that it was in, which may be borrowed from a handler of
// net/http.
type privateHeader struct {
	contentType string
	to          ring.Header
}

func (ps *privateHeaders) of(h ring.Header) ring.Header {
	contentType, typed := h.Lookup("Content-Type")
	if h.Len() != 1 || !typed {
		return makePrivate(h)
	}
	for i := range ps {
		p := ps[i].Load()
		if p == nil {
			p = &privateHeader{contentType, makePrivate(h)}
			ps[i].CompareAndSwap(nil, p) // else another request has taken the place, with this header or not
			return p.to
		}
		if p.contentType == contentType {
			return p.to
		}
	}
	return makePrivate(h)
}

// makePrivate returns h with fields that keep the response out of shared caches, unless h says something else.
func makePrivate(h ring.Header) ring.Header {
	var more [2]ring.Field
	n := 0
	if _, own := h.Lookup("Cache-Control"); !own {
		more[n] = ring.Field{Name: "Cache-Control", Value: "private"}
		n++
	}
	if !variesByCookie(h) {
		more[n] = ring.Field{Name: "Vary", Value: "Cookie"}
		n++
	}
	if n > 0 {
		h = h.AddAll(more[:n]...)
	}
	return h
}

func variesByCookie(h ring.Header) bool {
	for line := range h.All("Vary") {
		for rest, more := line, true; more; {
			var name string
			name, rest, more = strings.Cut(rest, ",")
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Cookie") {
				return true
			}
		}
	}
	return false
}
