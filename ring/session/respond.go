package session

import (
	"fmt"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// cookieActions returns what happens to the anonymous and to the owner's cookie.
func (c *commit) cookieActions(d Decision) (actions cookiePair[cookieAction]) {
	if d.expire || d.delete {
		// Both of them if both came: otherwise a log-out would leave an anonymous session that somebody else has
		// provoked.
		for _, owned := range ownerFirst {
			for range cookies.Raw(c.req.Header, c.m.cookies.name(owned)) {
				*actions.of(owned) = expireCookie
			}
		}
	}
	if d.write != writeValue || d.mint == sameToken {
		return actions
	}
	if c.plan.intent.login {
		// What was anonymous is the owner's now, in the owner's cookie (law S9).
		return cookiePair[cookieAction]{anonymous: expireCookie, owner: setCookie}
	}
	*actions.of(d.mint == newToken && c.current.Owner != "") = setCookie
	return actions
}

// clash returns the failure of a response that sets one of our cookies itself: a browser would keep either of the two.
func (c *commit) clash(actions cookiePair[cookieAction]) error {
	for _, owned := range ownerFirst {
		if name := c.m.cookies.name(owned); *actions.of(owned) != keepCookie && hasCookie(c.plan.resp.Header, name) {
			return fmt.Errorf("session: the response sets the cookie %s itself", name)
		}
	}
	return nil
}

// answer returns the response of a commit that went well, with the cookies that d asks for.
func (c *commit) answer(d Decision, t stores.Token) ring.Response {
	resp, actions := c.plan.resp, c.cookieActions(d)
	if d.write == writeValue && d.mint == sameToken && t.Reveal() != c.arrival.value { // the store seals the value into the token
		*actions.of(c.written.Owner != "") = setCookie
		if err := c.clash(actions); err != nil {
			return resp.FailWith(err)
		}
	}
	if actions == (cookiePair[cookieAction]{}) { // most responses
		if !c.plan.intent.discard {
			resp = c.m.settleMoved(c.req, c.arrival, resp, !d.delete && !d.expire)
		}
		return c.m.keepPrivate(c.arrival, resp)
	}
	var fields [4]ring.Field // two cookies at most, and two fields about caches
	n := 0
	for _, owned := range ownerFirst {
		switch *actions.of(owned) {
		case setCookie:
			fields[n] = ring.Field{Name: "Set-Cookie", Value: c.m.cookies.set(owned, t, c.m.cookieAge(&c.written, c.written.Seen))}
			n++
			c.m.hintAtPlainHTTP(c.req)
		case expireCookie:
			fields[n] = ring.Field{Name: "Set-Cookie", Value: c.m.cookies.expire(owned)}
			n++
		}
	}
	if c.arrival.hasOld {
		resp.Header = resp.Header.AddAll(c.m.movedFields(c.req, c.arrival, resp.Header, false)...)
	}
	// RFC 6265, section 3: caches may store responses with Set-Cookie, and would hand the token to others.
	fields[n] = ring.Field{Name: "Cache-Control", Value: "no-store"}
	n++
	if c.clearsSiteData(resp.Header) {
		fields[n] = ring.Field{Name: "Clear-Site-Data", Value: `"prefetchCache", "prerenderCache"`}
		n++
	}
	resp.Header = resp.Header.Del("Cache-Control").AddAll(fields[:n]...)
	return resp
}

// clearsSiteData reports whether the browser has to be told to forget the pages that it has loaded ahead, which are
// those of the session before: Chromium follows a redirect into one of them without a request. It obeys on the origins
// where it sends fetch metadata.
func (c *commit) clearsSiteData(h ring.Header) bool {
	if _, has := h.Lookup("Clear-Site-Data"); has {
		return false
	}
	// https://www.w3.org/TR/clear-site-data/ is for secure contexts, as fetch metadata is.
	_, sends := c.req.Header.Lookup("Sec-Fetch-Mode")
	return sends
}

// failing answers with a response that fails, so that nothing of it was saved. If it doesn't say so itself, as with a
// flash message and no flash.Wrap around, it says so from here on: layers outside see it, and so does a test that calls
// the handler as a function. A response without a status may be no answer at all, and stays as it is.
func (m *middleware) failing(a *arrival, resp ring.Response, failure error) ring.Response {
	if resp.Err == nil && resp.Status != 0 {
		resp = resp.FailWith(failure)
	}
	return m.keepPrivate(a, resp)
}

// keepPrivate keeps what was made for one visitor out of shared caches, unless the handler has said otherwise (law S10).
func (m *middleware) keepPrivate(a *arrival, resp ring.Response) ring.Response {
	if resp.Status == 0 && resp.Err == nil {
		return resp // the zero Response stays one
	}
	if _, cookie := resp.Header.Lookup("Set-Cookie"); cookie {
		if _, own := resp.Header.Lookup("Cache-Control"); !own {
			resp.Header = resp.Header.Add("Cache-Control", "no-store")
		}
	}
	if a.state == Live {
		resp.Header = m.privateHeaders.of(resp.Header)
	}
	return resp
}
