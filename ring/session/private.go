package session

import (
	"strings"
	"sync/atomic"

	"github.com/signet-go/signet/ring"
)

// private keeps what was made for one visitor out of shared caches, unless the handler has said otherwise.
func (in *incoming) private(resp ring.Response) ring.Response {
	if resp.Status == 0 && resp.Err == nil {
		return resp // the zero Response stays one
	}
	if _, cookie := resp.Header.Lookup("Set-Cookie"); cookie {
		if _, own := resp.Header.Lookup("Cache-Control"); !own {
			resp.Header = resp.Header.Add("Cache-Control", "no-store")
		}
	}
	if in.state == Live {
		resp.Header = in.w.privates.of(resp.Header)
	}
	return resp
}

// privates remembers what became of headers that many responses have: those with nothing but a type of content, which
// ring.Text, ring.HTML and ring.JSON give. The first few are kept for ever, whatever comes later.
type privates [4]atomic.Pointer[private]

type private struct{ from, to ring.Header }

func (ps *privates) of(h ring.Header) ring.Header {
	if _, typed := h.Lookup("Content-Type"); h.Len() != 1 || !typed {
		return madePrivate(h)
	}
	for i := range ps {
		p := ps[i].Load()
		if p == nil {
			p = &private{h, madePrivate(h)}
			ps[i].CompareAndSwap(nil, p) // else another request has taken the place, with this header or not
			return p.to
		}
		if p.from.Equal(h) {
			return p.to
		}
	}
	return madePrivate(h)
}

func madePrivate(h ring.Header) ring.Header {
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

func hasCookie(h ring.Header, name string) bool {
	for c := range h.All("Set-Cookie") {
		if has, _, _ := strings.Cut(c, "="); strings.TrimSpace(has) == name {
			return true
		}
	}
	return false
}
