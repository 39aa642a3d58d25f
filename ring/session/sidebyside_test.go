package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const (
	coupons session.Counter    = "coupons"
	items   session.Counter    = "items"
	notice  flash.Key[string]  = "notice"
	last    session.Key[int64] = "last"
)

// addItem puts one more item into a basket.
func addItem(basket session.Slot) ring.Change {
	return basket.Update(func(s session.Session) session.Session { return items.Add(s, 1) })
}

// A pair is a site with a basket beside its ordinary session.
type pair struct {
	*site
	basket  session.Slot
	baskets *memory.Store
}

// newPair makes the session.Wrap of the basket stand inside or outside of the ordinary one.
func newPair(t *testing.T, basketInside bool, app func(session.Slot) ring.Handler, more ...ring.Middleware) *pair {
	p := &pair{basket: session.Named("basket"), baskets: memory.New()}
	table := &gate{Table: memory.NewTable()}
	layers := []ring.Middleware{
		session.Wrap(p.baskets, session.Options{Slot: p.basket}),
		session.Wrap(stores.Keep(table), session.Options{}),
	}
	if basketInside {
		layers[0], layers[1] = layers[1], layers[0]
	}
	p.site = &site{t: t, table: table, app: ring.Chain(append(layers, more...)...)(app(p.basket))}
	return p
}

func shop(basket session.Slot) ring.Handler {
	return routes{
		"/give":  func(ring.Request) ring.Response { return ring.Text("").With(coupons.By(1)) },
		"/count": common["/count"],
		"/redeem": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				if coupons.Get(s) < 1 {
					return s, ring.Fail(&ring.Error{Status: http.StatusGone, Message: "No coupon left."})
				}
				return coupons.Add(s, -1), ring.Text("").With(addItem(basket))
			})
		},
		"/next": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				s = visits.Add(s, 1)
				n := visits.Get(s)
				return s, ring.Text("").With(basket.Update(func(b session.Session) session.Session { return last.Set(b, n) }))
			})
		},
		"/nested": func(ring.Request) ring.Response {
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				return visits.Add(s, 1), basket.Attempt(func(b session.Session) (session.Session, ring.Response) {
					return items.Add(b, 1), ring.Text("")
				})
			})
		},
		"/show": func(req ring.Request) ring.Response {
			return ring.Text(session.From(req).String() + basket.From(req).String())
		},
	}.serve
}

func TestH3_ACouponIsSpentOnceBesideABasket(t *testing.T) {
	p := newPair(t, false, shop)
	v := p.visitor()
	v.get("/count")
	v.get("/give")
	a := late(t, p.site, v, "POST", "/redeem", func() { v.get("/redeem") })
	v.take(a)
	if got := v.get("/show").body; a.status != http.StatusGone || got != `{"visits":1}{"items":1}` {
		t.Errorf("%d, stored %s; want 410 for the second and one item", a.status, got)
	}
}

func TestH3_ADiscardedRunOfAnAttemptChangesNoOtherSession(t *testing.T) {
	p := newPair(t, false, shop)
	v := p.visitor()
	v.get("/next")
	v.take(late(t, p.site, v, "POST", "/next", func() { v.get("/next") }))
	if got := v.get("/show").body; got != `{"visits":3}{"last":3}` {
		t.Errorf("stored %s", got)
	}
}

func TestH3_OnlyTheInnermostSessionIsAttempted(t *testing.T) {
	// The errors say which session, which other one, and what to do.
	ordinary := `Attempt of the ordinary session, whose session.Wrap stands around that of the session "basket"`
	basket := `Attempt of the session "basket", whose session.Wrap stands around that of the ordinary session`
	for name, c := range map[string]struct {
		basketInside bool
		path, want   string
	}{
		"an attempt of the outer session":                       {true, "/redeem", ordinary},
		"an attempt of the outer session that changes it alone": {true, "/next", ordinary},
		"an attempt that answers with one of a session outside": {false, "/nested", basket},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, c.basketInside, shop)
			w := httptest.NewRecorder()
			resp := p.app.(ring.Handler)(ring.NewRequest("POST", c.path, nil))
			p.app.ServeHTTP(w, httptest.NewRequest("POST", c.path, nil))
			if resp.Err == nil || !strings.Contains(resp.Err.Error(), c.want) || !strings.Contains(resp.Err.Error(), "inside of the other, or use Update or Set") {
				t.Errorf("%v; want %s", resp.Err, c.want)
			}
			if w.Code != 500 || len(w.Result().Cookies()) != 0 || p.baskets.Len() != 0 || p.table.Len() != 0 {
				t.Errorf("%d, cookies %v, %d baskets; want a failure that changes nothing", w.Code, w.Result().Cookies(), p.baskets.Len())
			}
		})
	}
}

// flash.Wrap attempts the session that its messages are in, and calls the handler again after a conflict.
func TestH3_NoSessionStandsInsideOfALayerThatAttempts(t *testing.T) {
	basket := session.Named("basket")
	say := func(ring.Request) ring.Response { return ring.Text("").With(notice.Put("Hello.")) }
	page := func(req ring.Request) ring.Response { return ring.Text(notice.Get(req)).With(addItem(basket)) }
	app := routes{"/say": say, "/page": page}.serve
	ordinary, baskets := session.Wrap(memory.New(), session.Options{}), session.Wrap(memory.New(), session.Options{Slot: basket})
	for _, c := range []struct {
		layers []ring.Middleware
		status int
		body   string
	}{
		{[]ring.Middleware{baskets, ordinary, flash.Wrap}, 200, "Hello."},
		{[]ring.Middleware{ordinary, baskets, flash.Wrap}, 500, ""},
		{[]ring.Middleware{ordinary, flash.Wrap, baskets}, 500, ""},
	} {
		v := (&site{t: t, app: ring.Chain(c.layers...)(app)}).visitor()
		v.get("/say")
		if a := v.get("/page"); a.status != c.status || c.body != "" && a.body != c.body {
			t.Errorf("%d %q; want %d %q", a.status, a.body, c.status, c.body)
		}
	}
}

func TestAPlaceholderOfAnotherLayerIsAFailure(t *testing.T) {
	for _, changes := range [][]ring.Change{nil, {visits.By(1)}} {
		h := session.Wrap(memory.New(), session.Options{})(func(ring.Request) ring.Response { return ring.Placeholder().With(changes...) })
		resp := h(ring.NewRequest("POST", "/", nil))
		if resp.Err == nil || !strings.Contains(resp.Err.Error(), "a placeholder of a layer further out") {
			t.Errorf("%d changes: %v", len(changes), resp.Err)
		}
	}
}

// What is not promised: the inner session has been committed when the outer one fails. See "Several sessions" in docs/sessions.md.
func TestWhereTheOuterSessionFailsTheInnerOneHasBeenSaved(t *testing.T) {
	app := func(basket session.Slot) ring.Handler {
		return routes{
			"/big": func(ring.Request) ring.Response {
				return ring.Text("").With(addItem(basket), theme.Put(strings.Repeat("x", 100_000)))
			},
			"/count": common["/count"], "/both": func(ring.Request) ring.Response { return ring.Text("").With(addItem(basket), visits.By(1)) },
			"/show": shop(basket),
		}.serve
	}
	p := newPair(t, true, app)
	v := p.visitor()
	v.get("/both")
	if a := v.get("/big"); a.status != 413 {
		t.Errorf("%d; want 413, as the ordinary session is too large", a.status)
	}
	if got := v.get("/show").body; got != `{"visits":1}{"items":2}` {
		t.Errorf("stored %s", got)
	}
	outside := newPair(t, false, app)
	v = outside.visitor()
	v.get("/both")
	v.get("/big")
	if got := v.get("/show").body; got != `{"visits":1}{"items":1}` {
		t.Errorf("stored %s; want the basket as it was: the session that fails first is the inner one", got)
	}
}
