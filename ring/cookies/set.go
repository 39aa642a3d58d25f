// Package cookies reads the cookies of a request and sets those of a response, as values:
//
//	theme := cookies.From(req).Get("theme")
//	return ring.Redirect("/").With(cookies.Set(http.Cookie{Name: "theme", Value: "dark", Path: "/", Secure: true}))
//
// Any text is a value and comes back as it was. A cookie that a browser would refuse or change makes the response a
// failed one, instead of being lost on the way. What a cookie says is up to whoever has the browser, and often their
// neighbours: a session belongs into ring/session.
package cookies

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
)

// Set sets a cookie with the response. The value is encoded by [Escape] if it has to be. Nothing is added to what c
// says: without Secure it travels in the clear, without HttpOnly scripts can read it, without SameSite browsers take
// Lax, without Path they take the folder of the request. A MaxAge of 0 means none, a negative one deletes. Raw,
// RawExpires and Unparsed are not sent. A life of more than 400 days is cut to that, as browsers do.
//
// If a browser would refuse the cookie or keep something else than c says, or the response sets one of this name
// already, the response becomes a failed one.
func Set(c http.Cookie) ring.Change { return Codec{}.Set(c) }

// Set is the function [Set] with the encoding of k.
func (k Codec) Set(c http.Cookie) ring.Change {
	field, err := k.String(c)
	return func(r ring.Response) ring.Response {
		switch {
		case r.Err != nil:
			return r // it sets no cookie
		case err != nil:
			return failed(r, err)
		case sets(r.Header, c.Name):
			return failed(r, fmt.Errorf("cookies: set %q: the response sets a cookie of this name already", c.Name))
		}
		r.Header = r.Header.Add("Set-Cookie", field)
		return r
	}
}

// Delete makes the browser forget a cookie. Browsers find it by Name, Path, Domain, Secure and Partitioned, so c should
// say the same as when it was set; its value and age don't matter. It fails as [Set] does.
func Delete(c http.Cookie) ring.Change {
	c.Value, c.Quoted = "", false
	c.MaxAge, c.Expires = -1, time.Unix(0, 0)
	return Set(c)
}

// String returns the Set-Cookie field of c, or the error that [Set] would fail with.
func String(c http.Cookie) (string, error) { return Codec{}.String(c) }

func sets(h ring.Header, name string) bool {
	for field := range h.All("Set-Cookie") {
		if other, _, _ := strings.Cut(field, "="); strings.Trim(other, blanks) == name {
			return true
		}
	}
	return false
}

// failed is a failure instead of r. It goes on carrying what layers have attached: they must claim it.
func failed(r ring.Response, err error) ring.Response {
	f := r.FailWith(err)
	r.Status, r.Header, r.Body, r.Err = f.Status, f.Header, f.Body, f.Err
	return r
}
