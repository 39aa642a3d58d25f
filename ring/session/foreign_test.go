package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// fields are the header fields of a request, one "Name: value" a line.
func fields(r *http.Request, lines string) {
	for line := range strings.SplitSeq(lines, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
}

func TestS9_AnotherSiteBeginsNoAnonymousSession(t *testing.T) {
	none := func(o *session.Options) {
		o.Cookie = http.Cookie{Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode}
	}
	for name, c := range map[string]struct {
		method, path, header string
		option               func(*session.Options)
		creates              bool
	}{
		"a form of another site":              {"POST", "/dark", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate", nil, false},
		"a script of another site":            {"GET", "/dark", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors", nil, false},
		"a link of another site":              {"GET", "/dark", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate", nil, true},
		"a form of this site":                 {"POST", "/dark", "Sec-Fetch-Site: same-origin\nSec-Fetch-Mode: navigate\nOrigin: null", nil, true},
		"a sibling":                           {"POST", "/dark", "Sec-Fetch-Site: same-site\nOrigin: https://sibling.example.com", nil, true},
		"an old browser, from another site":   {"POST", "/dark", "Origin: https://evil.example", nil, false},
		"an old browser, from nowhere":        {"POST", "/dark", "Origin: null", nil, false},
		"an old browser, from here":           {"POST", "/dark", "Origin: https://EXAMPLE.com:443", nil, true},
		"an old browser, a link":              {"GET", "/dark", "Origin: https://evil.example", nil, true},
		"no browser":                          {"POST", "/dark", "", nil, true},
		"a log-in":                            {"POST", "/ann", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate", nil, true},
		"a cookie that comes from everywhere": {"POST", "/dark", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors", none, true},
		"one that opens nothing came along":   {"POST", "/dark", "Sec-Fetch-Site: cross-site\nCookie: __Host-session=old", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*session.Options)
			if c.option != nil {
				change = append(change, c.option)
			}
			s := newSite(t, common.serve, change...)
			r := httptest.NewRequest(c.method, "https://example.com"+c.path, nil)
			fields(r, c.header)
			w := httptest.NewRecorder()
			s.app.ServeHTTP(w, r)
			if w.Code != 200 {
				t.Errorf("%d %s; want what the handler said", w.Code, w.Body)
			}
			if created := s.table.Len() == 1; created != c.creates || (len(w.Result().Cookies()) > 0) != c.creates {
				t.Errorf("created: %v, cookies %v; want %v", created, w.Result().Cookies(), c.creates)
			}
			if s.mu.Lock(); !c.creates && (len(s.events) != 1 || s.events[0].Kind != session.Dropped || s.events[0].Err == nil) {
				t.Errorf("events %v; want one that says why", s.events)
			}
			s.mu.Unlock()
		})
	}
}

func TestS9_AFailedLogInOfAnotherSiteLeavesTheBasket(t *testing.T) {
	const cart session.Tally[string] = "cart"
	app := ring.Chain(session.Wrap(memory.New(), session.Options{}), flash.Wrap)(func(req ring.Request) ring.Response {
		switch req.URL.Path {
		case "/add":
			return ring.Redirect("/").With(cart.By("hat", 1))
		case "/login":
			return ring.Redirect("/").With(notice.Put("Wrong name or password."))
		}
		return ring.Text(session.From(req).String())
	})
	b := ringtest.New(t, app)
	b.Post("/add")
	b.CrossSite("/login", "name", "x")
	if got := b.Get("/").Body; got != `{"cart":{"hat":1}}` {
		t.Errorf("the basket is %s", got)
	}
}
