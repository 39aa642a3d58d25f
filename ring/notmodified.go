package ring

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// NotModified answers 304, without the body, if the browser has the page already. It gives each page that is a text an
// ETag of its content, unless the response has one, or its Cache-Control says no-store. A response with a Last-Modified
// of its own is compared by that as well. Only a GET or HEAD that is answered with 200 is looked at, and what is streamed,
// read or served from a file is left alone.
//
// It spares the transfer and not the work, as the handler has run by then. It stands outside of the layers that set
// caching fields, such as session.Wrap.
func NotModified(h Handler) Handler {
	return func(req Request) Response {
		resp := h(req)
		if req.Method != http.MethodGet && req.Method != http.MethodHead {
			return resp
		}
		return resp.Then(func(resp Response) Response {
			text, ok := resp.Body.Text()
			if !ok || resp.Status != http.StatusOK || resp.Err != nil || saysNoStore(resp.Header) {
				return resp
			}
			tag, own := resp.Header.Lookup("ETag")
			if !own {
				tag = tagOf(text)
				resp.Header = resp.Header.Add("ETag", tag)
			}
			if !isFresh(req.Header, resp.Header, tag) {
				return resp
			}
			resp.Status, resp.Body = http.StatusNotModified, Body{}
			for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Range"} {
				resp.Header = resp.Header.Del(name)
			}
			return resp
		})
	}
}

// tagOf returns a weak ETag: a layer further out may compress the page.
func tagOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

func saysNoStore(h Header) bool {
	for field := range h.All("Cache-Control") {
		for directive := range strings.SplitSeq(field, ",") {
			if strings.EqualFold(strings.TrimSpace(directive), "no-store") {
				return true
			}
		}
	}
	return false
}

// isFresh reports whether what the browser has is the response: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
func isFresh(asked, answer Header, tag string) bool {
	known := false
	for field := range asked.All("If-None-Match") {
		known = true
		for t := range strings.SplitSeq(field, ",") {
			if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	if known {
		return false // If-Modified-Since counts for clients alone that know no ETag
	}
	since, err := http.ParseTime(asked.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(answer.Get("Last-Modified"))
	return err == nil && !modified.Truncate(time.Second).After(since)
}
