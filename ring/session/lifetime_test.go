package session_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

const day = 24 * time.Hour

const csrf session.Bound[string] = "csrf"

// limited are handlers that ask for limits.
func limited(changes ...ring.Change) routes {
	return routes{
		"/login": func(ring.Request) ring.Response { return ring.Text("").With(session.Login("ann")).With(changes...) },
		"/plain": common["/ann"], "/show": common["/show"], "/count": common["/count"],
		"/limit":  func(ring.Request) ring.Response { return ring.Text("").With(visits.By(1)).With(changes...) },
		"/csrf":   func(ring.Request) ring.Response { return ring.Text("").With(csrf.Put("secret")) },
		"/secret": func(req ring.Request) ring.Response { return ring.Text(csrf.Get(session.From(req))) },
	}
}

func TestS6_ALogInBeginsFromTheLimitsOfOptions(t *testing.T) {
	for name, first := range map[string]string{"after a longer log-in of the same": "/login", "of a visitor with longer limits": "/limit"} {
		s := newSite(t, limited(session.Lifetime(14*day, 90*day, true)).serve)
		v := s.visitor()
		v.get(first)
		a := v.get("/plain")
		for _, c := range a.set {
			if c.Name == "__Host-session-owner" && c.MaxAge != 0 {
				t.Errorf("%s: Max-Age=%d; want a cookie of the browser session", name, c.MaxAge)
			}
		}
		s.wait(31 * time.Minute)
		if got := v.get("/show").body; !strings.HasPrefix(got, "expired") {
			t.Errorf("%s: %s after 31 minutes", name, got)
		}
	}
}

func TestS7_APersistentSessionIdlesOnlyIfAsked(t *testing.T) {
	for name, c := range map[string]struct {
		says    []ring.Change
		option  func(*session.Options)
		idles   time.Duration // and is there after it,
		expires time.Duration // but not after that
	}{
		"Lifetime without an idle limit":        {[]ring.Change{session.Lifetime(0, 30*day, true)}, nil, 29 * day, 30 * day},
		"Lifetime with one":                     {[]ring.Change{session.Lifetime(day, 30*day, true)}, nil, 23 * time.Hour, day},
		"Lifetime of a browser session":         {[]ring.Change{session.Lifetime(0, 30*day, false)}, nil, 29 * time.Minute, 30 * time.Minute},
		"Lifetime beside an idle limit":         {[]ring.Change{session.Lifetime(0, 30*day, true)}, func(o *session.Options) { o.Idle = time.Hour }, 29 * day, 30 * day},
		"Options":                               {nil, func(o *session.Options) { o.Persistent, o.Absolute = true, 30*day }, 29 * day, 30 * day},
		"Options with an idle limit":            {nil, func(o *session.Options) { o.Persistent, o.Idle, o.Absolute = true, day, 30*day }, 23 * time.Hour, day},
		"no limits, so that the cookie decides": {[]ring.Change{session.Lifetime(-1, -7, true)}, nil, 399 * day, 400 * day},
		"limits beyond all bounds":              {[]ring.Change{session.Lifetime(1<<63-1, 1<<63-1, true)}, nil, 399 * day, 400 * day},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*session.Options)
			if c.option != nil {
				change = append(change, c.option)
			}
			s := newSite(t, limited(c.says...).serve, change...)
			for _, wait := range []time.Duration{c.idles, c.expires} {
				v := s.visitor()
				v.get("/login")
				s.wait(wait)
				if got := v.get("/show").body; strings.HasPrefix(got, "live") != (wait == c.idles) {
					t.Errorf("%s after %v", got, wait)
				}
			}
		})
	}
}

func TestS9_TheAgeOfACookieIsRoundedUp(t *testing.T) {
	for absolute, want := range map[time.Duration]int{800 * time.Millisecond: 1, 1500 * time.Millisecond: 2, 2 * time.Second: 2, time.Nanosecond: 1} {
		s := newSite(t, limited(session.Lifetime(0, absolute, true)).serve)
		a := s.visitor().get("/limit")
		if len(a.set) != 1 || a.set[0].MaxAge != want {
			t.Errorf("%v: %v; want Max-Age=%d", absolute, a.set, want)
		}
	}
}

func TestS6_WhatIsBoundGoesWithATokenThatLifetimeChanges(t *testing.T) {
	s := newSite(t, limited(session.Lifetime(time.Hour, time.Hour, true)).serve)
	v := s.visitor()
	v.get("/csrf")
	v.get("/count")
	if got := v.get("/secret").body; got != "secret" {
		t.Fatalf("%q before", got)
	}
	before := v.token()
	v.get("/limit")
	if got := v.get("/secret").body; got != "" || v.token() == before {
		t.Errorf("%q after the change of the token; the token has changed: %v", got, v.token() != before)
	}
	v.get("/csrf")
	before = v.token()
	v.get("/limit")
	if got := v.get("/secret").body; got != "secret" || v.token() != before {
		t.Errorf("%q after the same limits again, which change no token (%v)", got, v.token() == before)
	}
}

func TestS3_AQuotedTokenIsReadAsOtherCookiesAre(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	if got := s.ask("GET", "/read", `__Host-session="`+v.token()+`"`); got.body != "dark" || got.status != http.StatusOK {
		t.Errorf("%d %q", got.status, got.body)
	}
}

func TestS3_ManyMalformedCookiesMakeOneEventAndHideNothing(t *testing.T) {
	s := newSite(t, common.serve)
	v := s.visitor()
	v.get("/dark")
	s.happened()
	got := s.ask("GET", "/read", strings.Repeat("__Host-session=x; ", 1000)+"__Host-session="+v.token())
	if events := s.happened(); got.body != "dark" || events != "refused malformed" {
		t.Errorf("%q, events %q", got.body, events)
	}
}
