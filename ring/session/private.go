package session

import (
	"strings"

	"github.com/signet-go/signet/ring"
)

// private keeps what was made for one visitor out of shared caches, unless the handler has said otherwise.
func (in *incoming) private(resp ring.Response) ring.Response {
	if resp.Status == 0 && resp.Err == nil && !resp.IsPlaceholder() {
		return resp // the zero Response stays one
	}
	if _, cookie := resp.Header.Lookup("Set-Cookie"); cookie {
		if _, own := resp.Header.Lookup("Cache-Control"); !own {
			resp.Header = resp.Header.Add("Cache-Control", "no-store")
		}
	}
	if in.state != Live {
		return resp
	}
	var more [2]ring.Field
	n := 0
	if _, own := resp.Header.Lookup("Cache-Control"); !own {
		more[n] = ring.Field{Name: "Cache-Control", Value: "private"}
		n++
	}
	if !variesByCookie(resp.Header) {
		more[n] = ring.Field{Name: "Vary", Value: "Cookie"}
		n++
	}
	if n > 0 {
		resp.Header = resp.Header.AddAll(more[:n]...)
	}
	return resp
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
