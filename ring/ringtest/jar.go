package ringtest

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Not net/http/cookiejar: it knows neither SameSite nor the prefixes of names nor another clock than time.Now.

// A jar holds the cookies of a browser, in the order of creation. It is safe for concurrent use.
type jar struct {
	mu      sync.Mutex
	cookies []cookie
}

// A relation is where a request comes from, as SameSite sees it.
type relation int

const (
	strict relation = iota // of the site itself, or of nobody
	lax                    // a navigation with a safe method, from another site
	unsafe                 // a navigation with another method, from another site
	cross                  // anything else from another site
)

// A reach is what a request may do with cookies.
type reach struct {
	relation
	navigation bool   // in the tab as a whole: its response may set what the request could not send
	top        string // the site of the tab, to which Partitioned cookies are bound
}

// youth is how long a cookie without SameSite is sent with any navigation from another site.
const youth = 2 * time.Minute

// take keeps what a Set-Cookie field of a response from u says, or tells why a browser refuses it.
func (j *jar) take(now time.Time, field string, u *url.URL, r reach) error {
	c, err := parseCookie(field, now, u)
	if err != nil {
		return err
	}
	if c.partitioned {
		c.partition = r.top
	}
	if c.sameSite != http.SameSiteNoneMode && r.relation != strict && !r.navigation {
		return errors.New("it is set by a part of another site's page, for which it must be SameSite=None")
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	if !isTrustworthy(u) && slices.ContainsFunc(j.cookies, c.hides) {
		return errors.New("it would hide a Secure cookie of the same name")
	}
	j.put(c, now)
	return nil
}

// put replaces the cookie that has the same name and scope, which keeps its place.
func (j *jar) put(c cookie, now time.Time) {
	i := slices.IndexFunc(j.cookies, c.replaces)
	if c.expired(now) {
		if i >= 0 {
			j.cookies = slices.Delete(j.cookies, i, i+1)
		}
		return
	}
	if i < 0 {
		j.cookies = append(j.cookies, c)
		return
	}
	if j.cookies[i].value == c.value {
		c.born = j.cookies[i].born
	}
	j.cookies[i] = c
}

func (j *jar) expire(now time.Time) {
	j.cookies = slices.DeleteFunc(j.cookies, func(c cookie) bool { return c.expired(now) })
}

// header is the Cookie field of a request to u.
func (j *jar) header(now time.Time, u *url.URL, r reach) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	var pairs []string
	for _, c := range j.inOrder() {
		if c.goesTo(u) && c.goesWith(r, now) {
			pairs = append(pairs, c.pair())
		}
	}
	return strings.Join(pairs, "; ")
}

// inOrder is the order in which cookies are sent: longer paths first, then older ones.
func (j *jar) inOrder() []cookie {
	sorted := slices.Clone(j.cookies)
	slices.SortStableFunc(sorted, func(a, b cookie) int { return cmp.Compare(len(b.path), len(a.path)) })
	return sorted
}

func (j *jar) all(now time.Time) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	var list []*http.Cookie
	for _, c := range j.cookies {
		list = append(list, c.http())
	}
	return list
}

func (j *jar) named(now time.Time, name string, origin *url.URL) (http.Cookie, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	for _, c := range j.inOrder() {
		if c.name == name && c.isOf(hostOf(origin)) {
			return *c.http(), true
		}
	}
	return http.Cookie{}, false
}

func (j *jar) clone() *jar {
	j.mu.Lock()
	defer j.mu.Unlock()
	return &jar{cookies: slices.Clone(j.cookies)}
}

func (j *jar) endSession() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cookies = slices.DeleteFunc(j.cookies, func(c cookie) bool { return c.expires.IsZero() })
}
