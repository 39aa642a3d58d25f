package flash_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A law's test is worth what it catches: each variant breaks the flash of every browser that the tests open, in one way, and the
// tests of the laws that it breaks run again in a process of their own and must fail.
type variant struct {
	laws  string // the tests that must fail, by the beginning of their names
	wrap  ring.Middleware
	store func(session.Store) session.Store
}

// asIf lets Wrap see another request than the handler.
func asIf(change func(ring.Request) ring.Request) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			return flash.Wrap(func(inner ring.Request) ring.Response {
				inner.Method, inner.URL, inner.Header = req.Method, req.URL, req.Header
				return h(inner)
			})(change(req))
		}
	}
}

// without lets Wrap see the request without header fields.
func without(names ...string) ring.Middleware {
	return asIf(func(req ring.Request) ring.Request {
		for _, name := range names {
			req.Header = req.Header.Del(name)
		}
		return req
	})
}

// dropping deletes all messages from the session where the response is one of those.
func dropping(which func(ring.Response) bool) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		inner := flash.Wrap(h)
		return func(req ring.Request) ring.Response {
			return inner(req).Then(func(resp ring.Response) ring.Response {
				if !which(resp) {
					return resp
				}
				resp.Err = nil
				return resp.With(session.Update(func(s session.Session) session.Session {
					for k := range session.From(req).KeysWith(".flash:") {
						s = session.Key[string](k).Delete(s)
					}
					return s
				}))
			})
		}
	}
}

var variants = map[string]variant{
	"the path does not count": {
		laws: "TestF1_AFlashOnARedirect TestF1_ABrowserWithout",
		wrap: asIf(func(req ring.Request) ring.Request { req.URL.Path = "/page"; return req }),
	},
	"the kind of request does not count": {
		laws: "TestF1_TheRequestThatFollows TestF1_AnythingElse",
		wrap: asIf(func(req ring.Request) ring.Request {
			req.Header = req.Header.Set("Sec-Fetch-Mode", "navigate").Set("Sec-Fetch-Dest", "document")
			return req
		}),
	},
	"a page that a script loads is no navigation": {
		laws: "TestF1_APageThatAScript",
		wrap: without("HX-Boosted", "HX-History-Restore-Request", "X-Turbo-Request-Id"),
	},
	"all requests of a script are alike": {
		laws: "TestF1_ARedirectThatAScript",
		wrap: asIf(func(req ring.Request) ring.Request {
			req.Header = req.Header.Set("HX-Boosted", "true")
			return req
		}),
	},
	"the headers of htmx do not redirect": {
		laws: "TestF1_HXLocation TestF1_HXRedirect TestF4_ARedirectByHtmx",
		wrap: without("HX-Request"),
	},
	"whatever htmx is sent redirects": {
		laws: "TestF1_WhatHtmx",
		wrap: func(h ring.Handler) ring.Handler {
			return flash.Wrap(func(req ring.Request) ring.Response {
				resp := h(req)
				if v, ok := resp.Header.Lookup("HX-Location"); ok && strings.HasPrefix(v, "{") {
					resp.Header = resp.Header.Set("HX-Location", "/page")
				}
				return resp
			})
		},
	},
	"a script does not say what it loads": {
		laws: "TestF2_WhatAScript",
		wrap: without("Turbo-Frame", "X-Requested-With"),
	},
	"a script does not say that it prefetches": {
		laws: "TestF2_WhatAScript",
		wrap: without("X-Sec-Purpose", "HX-Preloaded"),
	},
	"a message for now is stored": {
		laws: "TestF3_AMessageForNow",
		wrap: func(h ring.Handler) ring.Handler {
			return flash.Wrap(func(req ring.Request) ring.Response {
				if req.URL.Path == "/form" {
					return h(req).With(notice.Put("Wrong."))
				}
				return h(req)
			})
		},
	},
	"pages loaded ahead are kept": {
		laws: "TestF1_NoPageLoadedAhead",
		wrap: func(h ring.Handler) ring.Handler {
			inner := flash.Wrap(h)
			return func(req ring.Request) ring.Response {
				return inner(req).Then(func(resp ring.Response) ring.Response {
					resp.Header = resp.Header.Del("Clear-Site-Data")
					return resp
				})
			}
		},
	},
	"conflicts are ignored": {
		laws:  "TestF3_MessagesOfParallel TestF3_AMessageIsShownOnce",
		store: func(s session.Store) session.Store { return overwriting{s} },
	},
	"a redirect takes the message": {
		laws: "TestF4_ARedirect TestF4_ItSurvives",
		wrap: dropping(func(resp ring.Response) bool { return resp.Status == 303 }),
	},
	"a failed page takes the message": {
		laws: "TestF4_AFailedPage",
		wrap: dropping(func(resp ring.Response) bool { return resp.Err != nil }),
	},
	"messages are never taken": {
		laws: "TestF1_AFlashOnARedirect TestF3_AMessageIsShownOnce TestAPageThatIsAnAttempt",
		wrap: func(h ring.Handler) ring.Handler {
			inner := flash.Wrap(h)
			return func(req ring.Request) ring.Response {
				return inner(req).Then(func(resp ring.Response) ring.Response {
					if req.Method == "GET" && resp.Status == 200 {
						return resp.With(session.Discard)
					}
					return resp
				})
			}
		},
	},
	"a page with a message may be cached": {
		laws: "TestS10_",
		wrap: func(h ring.Handler) ring.Handler {
			inner := flash.Wrap(h)
			return func(req ring.Request) ring.Response {
				return inner(req).Then(ring.SetHeader("Cache-Control", "public"))
			}
		},
	},
}

const breakVariable = "SIGNET_TEST_BREAK"

func TestEveryLawCatchesItsBrokenVariant(t *testing.T) {
	if os.Getenv(breakVariable) != "" {
		t.Skip("this is a broken variant")
	}
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for law := range strings.FieldsSeq(v.laws) {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+law, "-test.timeout", "60s")
				cmd.Env = append(os.Environ(), breakVariable+"="+name)
				out, err := cmd.CombinedOutput()
				if err == nil || !strings.Contains(string(out), "--- FAIL: "+law) {
					t.Errorf("%s does not notice that %s: %v\n%s", law, name, err, out)
				}
			}
		})
	}
}

// overwriting is a store that saves over whatever is there.
type overwriting struct{ session.Store }

func (s overwriting) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	got, err := s.Store.Save(ctx, t, rec, renew)
	for errors.Is(err, stores.ErrConflict) {
		now, lerr := s.Load(ctx, t, time.Now())
		if lerr != nil {
			return got, lerr
		}
		rec.Version = now.Version
		got, err = s.Store.Save(ctx, t, rec, renew)
	}
	return got, err
}
