package routers

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// always changes every response.
func always(c ring.Change) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).Then(c) }
	}
}

// Each breakage is one mistake: of a careless middleware around, of a layer, of a table.
var breakages = map[string]breakage{
	"a middleware begins the response": {
		law: noByteBeforeTheCommit,
		around: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				h.ServeHTTP(w, r)
			})
		},
	},
	"a layer hides failures": {
		law:   aFailedPageChangesNothing,
		layer: always(func(r ring.Response) ring.Response { r.Err = nil; return r.With(ring.Status(200)) }),
	},
	"a layer saves what failed": {
		law: aFailedPageChangesNothing,
		inside: func(h ring.Handler) ring.Handler {
			return func(req ring.Request) (resp ring.Response) {
				defer func() {
					if recover() != nil {
						resp = ring.Text("500 Internal Server Error").With(ring.Status(500), theme.Put("panic"))
					}
				}()
				return h(req)
			}
		},
	},
	"a store that is down is no failure": {
		law: aStoreThatFailsReplacesThePage,
		option: func(o *session.Options) {
			o.OnFailure = func(ring.Request, error) ring.Response { return ring.Text("fine") }
		},
	},
	"a store that is down is no session": {
		law:   aStoreThatIsDown,
		table: func(t stores.Table) stores.Table { return hopeful{t} },
	},
	"every page writes": {
		law:    changesNothingWritesNothing,
		inside: always(session.Counter("dirty").By(1)),
	},
	"every visitor gets a session": {
		law:    aStrangerCostsNothing,
		inside: always(session.Counter("dirty").By(1)),
	},
	"a log-in is a value": {
		law: aLogInRenewsTheToken,
		around: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/login" {
					r.URL.Path, r.URL.RawQuery = "/lang", "value=ann"
				}
				h.ServeHTTP(w, r)
			})
		},
	},
	"the cookie rolls": {
		law: noLatePageReplacesALogIn,
		layer: always(func(r ring.Response) ring.Response {
			r.Header = r.Header.Add("Set-Cookie", "__Host-session-owner=x; Path=/; Secure")
			return r
		}),
	},
	"pages may be shared": {
		law: nothingIsShared,
		layer: always(func(r ring.Response) ring.Response {
			r.Header = r.Header.Set("Cache-Control", "public")
			return r
		}),
	},
	"the last writer wins": {
		law:   differentKeysSurvive,
		table: func(t stores.Table) stores.Table { return overwriting{t} },
	},
	"the last count wins": {
		law:   countsAreExact,
		table: func(t stores.Table) stores.Table { return overwriting{t} },
	},
	"a late save brings back what was deleted": {
		law:   aLogOutIsFinal,
		table: func(t stores.Table) stores.Table { return reviving{t} },
	},
	"a change that was dropped is answered as if saved": {
		law: aLogOutIsFinal,
		option: func(o *session.Options) {
			o.OnDropped = func(_ ring.Request, r ring.Response) ring.Response { return r }
		},
	},
	"messages get lost": {
		law: aMessageArrives,
		inside: func(h ring.Handler) ring.Handler {
			return func(req ring.Request) ring.Response { return without(h(req)) }
		},
	},
	"any request is a page": {
		law: aPollTakesNoMessage,
		around: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Set("Sec-Fetch-Mode", "navigate")
				r.Header.Set("Sec-Fetch-Dest", "document")
				h.ServeHTTP(w, r)
			})
		},
	},
	"messages are taken without a look at the newest session": {
		law:   messagesAreShownOnce,
		table: func(t stores.Table) stores.Table { return overwriting{t} },
	},
	"a failed page is a page like any other": {
		law: aMessageOutlives,
		inside: func(h ring.Handler) ring.Handler {
			return func(req ring.Request) (resp ring.Response) {
				defer func() {
					if recover() != nil {
						resp = ring.Text("500").With(ring.Status(500))
					}
				}()
				return h(req)
			}
		},
	},
}

// without drops redirects' messages by answering with another response.
func without(r ring.Response) ring.Response {
	if r.Status == http.StatusSeeOther {
		return ring.Redirect("/").With(theme.Put("dark"))
	}
	return r
}

func TestEveryLawCatchesItsBrokenVariant(t *testing.T) {
	for name, b := range breakages {
		for _, m := range []mount{ServeMux, Routes} {
			t.Run(name, func(t *testing.T) {
				r := &recorder{TB: t}
				done := make(chan struct{})
				go func() { // a test that gives up ends its goroutine
					defer close(done)
					b.law(r, newSite(t, fronts()[0], m, b))
				}()
				<-done
				if !r.failed {
					t.Error("the test passes")
				}
			})
		}
	}
}

// A recorder notes that a test has failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

// hopeful takes a table that fails for an empty one.
type hopeful struct{ stores.Table }

func (t hopeful) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := t.Table.Load(ctx, h)
	if err != nil {
		err = stores.ErrNotFound
	}
	return row, err
}

// overwriting saves whatever the version is.
type overwriting struct{ stores.Table }

func (t overwriting) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.Table.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrConflict) {
		now, _ := t.Table.Load(ctx, h)
		return t.Table.Save(ctx, h, now.Version, row)
	}
	return err
}

// reviving saves what is gone.
type reviving struct{ stores.Table }

func (t reviving) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.Table.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrNotFound) {
		return t.Table.Save(ctx, h, 0, row)
	}
	return err
}
