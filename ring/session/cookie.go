package session

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// A session without an owner is in one cookie and one with an owner in another. So no anonymous response, however late
// and whoever provoked it, can replace a log-in (law S9).

// A cookiePair has a T for each of the two cookies.
type cookiePair[T any] struct{ anonymous, owner T }

// of returns the place of one of them.
func (p *cookiePair[T]) of(owned bool) *T {
	if owned {
		return &p.owner
	}
	return &p.anonymous
}

// A cookieAction is what a response does to a cookie.
type cookieAction int8

const (
	keepCookie cookieAction = iota
	setCookie
	expireCookie
)

// sessionCookies are the two cookies of a Wrap: how they are named and written.
type sessionCookies struct {
	names      cookiePair[string]
	attributes string // what follows the value, but Max-Age
	expired    string // what follows the name to delete one
}

func newSessionCookies(template http.Cookie) (sessionCookies, error) {
	c := sessionCookies{names: cookiePair[string]{template.Name, template.Name + ownerSuffix}}
	template.Value, template.MaxAge, template.Expires = "x", 0, time.Time{}
	for _, name := range []string{c.names.anonymous, c.names.owner} {
		template.Name = name
		if err := cookies.Check(template); err != nil {
			return sessionCookies{}, fmt.Errorf("session: Options.Cookie: %w", err)
		}
	}
	text := template.String()
	c.attributes = strings.TrimPrefix(text, template.Name+"=x")
	if text == "" || c.attributes == text {
		return sessionCookies{}, errors.New("session: Options.Cookie can't be written")
	}
	c.expired = "=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT" + c.attributes
	return c, nil
}

// shares reports whether both use a cookie of the same name.
func (c *sessionCookies) shares(other *sessionCookies) bool {
	a, b := &c.names, &other.names
	return a.anonymous == b.anonymous || a.anonymous == b.owner || a.owner == b.anonymous
}

func (c *sessionCookies) name(owned bool) string { return *c.names.of(owned) }

// token returns the token that the value of either cookie is. Tokens are made for the name of the anonymous one, as a
// log-in doesn't change what the session's secret is hashed with.
func (c *sessionCookies) token(value string) stores.Token {
	return stores.TokenOf(c.names.anonymous, value)
}

// named reports which of the cookies are named in a header. Most requests have one of them or neither, and this takes
// one look; whether what is named is a cookie remains to be seen.
func (c *sessionCookies) named(h ring.Header) (is cookiePair[bool]) {
	for line := range h.All("Cookie") {
		for {
			i := strings.Index(line, c.names.anonymous)
			if i < 0 {
				break
			}
			line = line[i+len(c.names.anonymous):]
			*is.of(strings.HasPrefix(line, ownerSuffix)) = true
		}
	}
	return is
}

// set returns the Set-Cookie field of a token. With an age of 0 the cookie lasts for the browser session.
func (c *sessionCookies) set(owned bool, t stores.Token, age time.Duration) string {
	if age <= 0 {
		return c.name(owned) + "=" + t.Reveal() + c.attributes
	}
	seconds := (min(age, maxCookieAge) + time.Second - 1) / time.Second // rounded up: Max-Age=0 would delete the cookie
	return fmt.Sprintf("%s=%s; Max-Age=%d%s", c.name(owned), t.Reveal(), seconds, c.attributes)
}

func (c *sessionCookies) expire(owned bool) string { return c.name(owned) + c.expired }

// hasCookie reports whether a header sets the cookie, by the part before "=".
func hasCookie(h ring.Header, name string) bool {
	for c := range h.All("Set-Cookie") {
		if has, _, _ := strings.Cut(c, "="); strings.TrimSpace(has) == name {
			return true
		}
	}
	return false
}
