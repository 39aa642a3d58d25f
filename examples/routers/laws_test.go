package routers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

func TestH1_ALayerAndAPlainHandlerReadTheSameForm(t *testing.T) {
	reads := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			f, err := req.Form()
			return h(req).With(ring.SetHeader("X-Form", fmt.Sprint(f.Get("value"), err)))
		}
	}
	everywhereWith(t, breakage{layer: reads}, func(t testing.TB, s *site) {
		b := s.open(t)
		if a := b.post("/lang", "value", "fr"); a.header.Get("X-Form") != "fr<nil>" {
			t.Errorf("the layer read %q", a.header.Get("X-Form"))
		}
		want(t, "the handler's session", b.account(), `live "" {"lang":"fr"}`)
	})
}

func TestH2_NoByteBeforeTheCommit(t *testing.T) { everywhere(t, noByteBeforeTheCommit) }

func noByteBeforeTheCommit(t testing.TB, s *site) {
	b := s.open(t)
	for _, page := range []string{
		"POST /lang", "GET /item/1", "GET /stream", "GET /events", "GET /hints", "GET /socket", "POST /together", "POST /form", "POST /login?user=ann",
		"POST /renew", "POST /logout", // which ends one session and begins another one for its message
	} {
		method, path, _ := strings.Cut(page, " ")
		s.first.took()
		b.do(method, path, "value=x")
		if order := strings.TrimPrefix(s.first.took(), "commit "); order != "byte" && page+order != "POST /logoutcommit byte" {
			t.Errorf("%s: %s; want the commit before the first byte", page, order)
		}
	}
	s.first.took()
	b.post("/silent") // gin or the server writes the head
	want(t, "nothing written", strings.TrimSuffix(s.first.took(), " byte"), "commit")
}

func TestH3_AFailedPageChangesNothing(t *testing.T) { everywhere(t, aFailedPageChangesNothing) }

func aFailedPageChangesNothing(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/lang", "value", "fr")
	for _, method := range []string{"GET", "POST"} {
		a := b.do(method, "/panic", "")
		wantIn(t, a, 500, "500 Internal Server Error")
		if len(a.set) > 0 {
			t.Errorf("%s: the failure sets %v", method, a.set)
		}
	}
	want(t, "afterwards", b.account(), `live "" {"lang":"fr"}`)
	wantIn(t, b.get("/"), 200, "Hello .")
}

func TestH3_AStoreThatFailsReplacesThePage(t *testing.T) {
	everywhere(t, aStoreThatFailsReplacesThePage)
}

func aStoreThatFailsReplacesThePage(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/lang", "value", "fr")
	s.table.failing("save", stores.ErrRefused)
	for _, page := range []string{
		"POST /lang", "POST /visit", "GET /stream", "GET /events", "GET /socket", "POST /form", "POST /silent", "POST /login?user=ann",
	} {
		method, path, _ := strings.Cut(page, " ")
		a := b.do(method, path, "value=en")
		if a.status != 503 || !strings.HasPrefix(a.body, "503 Service Unavailable") || a.err != nil || len(a.set) > 0 || a.header.Get("Location") != "" {
			t.Errorf("%s: %d %q %v, sets %v", page, a.status, a.body, a.err, a.set)
		}
	}
	s.table.failing("", nil)
	want(t, "afterwards", b.account(), `live "" {"lang":"fr"}`)
}

func TestH3_AStatusIsANumberForAPlainHandlerToo(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		wantIn(t, b.post("/form", "value", "Dear"), 422, "Something is missing.")
		want(t, "afterwards", b.account(), `live "" {"draft":"Dear"}`)
	})
}

func TestH3_APanicAfterTheFirstByteOfAPlainHandlerAborts(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		a := b.get("/panic?when=late")
		if a.status != 200 || a.body != "half a " || a.err == nil {
			t.Errorf("%d %q %v; want half a page and an error", a.status, a.body, a.err)
		}
		want(t, "what had been committed", b.account(), `live "" {"theme":"panic"}`)
	})
}

func TestH3_AChangeAfterTheFirstByteIsAnError(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		wantIn(t, b.post("/late"), 200, "page: ring: Amend: the response has begun")
		want(t, "afterwards", b.account(), `none "" {}`)
	})
}

func TestH4_AValueThatCanNotBeStoredFailsThePage(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		if a := b.post("/wrong"); a.status != 500 || strings.Contains(a.body, "Saved") || len(a.set) > 0 {
			t.Errorf("%d %q %v", a.status, a.body, a.set)
		}
		want(t, "afterwards", b.account(), `none "" {}`)
	})
}

func TestH4_AMissingFlashWrapFailsThePage(t *testing.T) {
	for name, m := range mounts {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				s := newSite(t, f, m, breakage{})
				s.mount(m(s.Pages(), session.Wrap(s.store, session.Options{})), nil)
				b := s.open(t)
				if a := b.post("/theme", "value", "dark"); a.status != 500 || a.header.Get("Location") != "" || len(a.set) > 0 {
					t.Errorf("%d %q %v", a.status, a.body, a.set)
				}
				if got := s.table.took(); got != "" {
					t.Errorf("the store was asked: %s", got)
				}
			})
		}
	}
}

func TestS1_APlainHandlerThatChangesNothingWritesNothing(t *testing.T) {
	everywhere(t, changesNothingWritesNothing)
}

func changesNothingWritesNothing(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/lang", "value", "fr")
	b.get("/item/7")
	s.table.took()
	for _, a := range []answer{b.post("/lang", "value", "fr"), b.get("/item/7"), b.get("/"), b.get("/account"), b.get("/logo"), b.get("/poll")} {
		if len(a.set) > 0 {
			t.Errorf("%d %q sets %v", a.status, a.body, a.set)
		}
	}
	want(t, "store calls", s.table.took(), "load load load load load load")
}

func TestS2_AStrangerCostsAPlainSiteNothing(t *testing.T) { everywhere(t, aStrangerCostsNothing) }

func aStrangerCostsNothing(t testing.TB, s *site) {
	b := s.open(t)
	for _, a := range []answer{b.get("/"), b.get("/login"), b.get("/account"), b.get("/logo"), b.get("/poll"), b.get("/hop"), b.get("/absent"), b.post("/clear"), b.post("/renew")} {
		if len(a.set) > 0 {
			t.Errorf("%d %q sets %v", a.status, a.body, a.set)
		}
	}
	want(t, "store calls", s.table.took(), "")
}

func TestS2_ASessionThatAPlainHandlerEmptiesExpiresWithinAMinute(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.post("/lang", "value", "fr")
		b.post("/clear")
		want(t, "at once", b.account(), `live "" {}`)
		s.later(61 * time.Second)
		want(t, "a minute later", b.account(), `expired "" {}`)
	})
}

func TestS3_NoTokenOfAClientIsAdoptedByAPlainSite(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.cookies["__Host-session"] = "x"
		want(t, "nonsense", b.account(), `malformed "" {}`)
		want(t, "store calls", s.table.took(), "")
		b.post("/lang", "value", "fr")
		if b.cookies["__Host-session"] == "x" {
			t.Error("the client's token was adopted")
		}
		want(t, "afterwards", b.account(), `live "" {"lang":"fr"}`)
		other := b.twin()
		b.post("/logout")
		stolen := maps.Clone(other.cookies)
		want(t, "a dead token", other.account(), `unknown "" {}`)
		other.post("/lang", "value", "de")
		if other.cookies["__Host-session"] == stolen["__Host-session"] {
			t.Error("a dead token was adopted")
		}
	})
}

func TestS4_TheStoreOfAPlainSiteSeesNoToken(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.post("/lang", "value", "fr")
		b.login()
		if len(b.cookies) != 1 {
			t.Fatalf("%d cookies", len(b.cookies))
		}
		for name, token := range b.cookies {
			if strings.Contains(s.table.seen.String(), token[24:]) || !strings.Contains(s.table.seen.String(), token[:24]) {
				t.Errorf("the store has seen the secret of %s, or not its handle", name)
			}
		}
	})
}

func TestS5_ALayerAndAPlainHandlerChangeDifferentKeys(t *testing.T) {
	counts := func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).With(visits.By(1)) }
	}
	everywhereWith(t, breakage{inside: counts}, func(t testing.TB, s *site) {
		b := s.open(t)
		b.post("/lang", "value", "fr")
		wantIn(t, b.get("/stream"), 200, "one two three")
		want(t, "afterwards", b.account(), `live "" {"lang":"fr","visits":3}`)
	})
}

func TestS5_DeleteActsFirstInAPlainHandlerToo(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.login()
		b.post("/logout") // it sets a theme too
		want(t, "afterwards", b.account(), `live "" {}`)
	})
}

func TestS6_ALogInByAPlainHandlerRenewsTheToken(t *testing.T) { everywhere(t, aLogInRenewsTheToken) }

func aLogInRenewsTheToken(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/lang", "value", "fr")
	before := b.twin()
	b.login()
	want(t, "after the log-in", b.account(), `live "ann" {"lang":"fr"}`)
	want(t, "with the token of before", before.account(), `stale "" {}`)
	if _, anonymous := b.cookies["__Host-session"]; anonymous || len(b.cookies) != 1 {
		t.Errorf("the browser keeps %d cookies, the anonymous one: %v", len(b.cookies), anonymous)
	}
	if a := b.post("/login", "user", "bob"); a.header.Get("X-User") != "bob" {
		t.Errorf("the handler read owner %q", a.header.Get("X-User"))
	}
	want(t, "as somebody else", b.account(), `live "bob" {}`)
}

func TestS7_IdleAndAbsoluteLimitsOfAPlainSite(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.login()
		s.later(29 * time.Minute)
		want(t, "after 29 minutes", b.account(), `live "ann" {}`)
		s.later(31 * time.Minute)
		want(t, "31 minutes later", b.account(), `expired "" {}`)
		a := b.post("/login", "user", "ann", "remember", "yes")
		if len(a.set) == 0 || a.set[0].MaxAge != 90*24*60*60 {
			t.Errorf("remembered with %v", a.set)
		}
		b.get("/")
		for range 6 {
			s.later(13 * 24 * time.Hour)
			want(t, "13 days later", b.account(), `live "ann" {}`)
		}
		s.later(13 * 24 * time.Hour)
		want(t, "after 91 days", b.account(), `expired "" {}`)
	})
}

func TestS8_ReadingAPlainPageTouchesOnceAnInterval(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.login()
		s.table.took()
		b.account()
		s.later(61 * time.Second)
		if a := b.get("/account"); len(a.set) > 0 {
			t.Errorf("a touch sets %v", a.set)
		}
		b.account()
		want(t, "store calls", s.table.took(), "load load touch load")
	})
}

func TestS9_NoLatePageOfAPlainSiteReplacesALogIn(t *testing.T) {
	everywhere(t, noLatePageReplacesALogIn)
}

func noLatePageReplacesALogIn(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	late := b.hold(g, "POST", "/lang", "value=fr")
	b.login()
	g.release()
	b.take(late.answer())
	want(t, "afterwards", b.account(), `live "ann" {}`)
}

func TestS10_WhatAPlainSiteShowsToOneVisitorIsNotShared(t *testing.T) { everywhere(t, nothingIsShared) }

func nothingIsShared(t testing.TB, s *site) {
	cache := func(a answer) string { return a.header.Get("Cache-Control") + " " + a.header.Get("Vary") }
	b := s.open(t)
	if got := cache(b.get("/account")); strings.Contains(got, "no-store") {
		t.Errorf("a stranger's page: %s", got)
	}
	want(t, "a new session", cache(b.post("/theme", "value", "dark")), "no-store ")
	want(t, "a message", cache(b.get("/")), "no-store Cookie")
	want(t, "a page", cache(b.get("/account")), "private Cookie")
	want(t, "what says so itself", b.get("/logo").header.Get("Cache-Control"), "public, max-age=60")
}

func TestC1_PlainHandlersThatChangeDifferentKeysBothSurvive(t *testing.T) {
	everywhere(t, differentKeysSurvive)
}

func differentKeysSurvive(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	b.login()
	one, other := b.hold(g, "POST", "/theme", "value=dark"), b.hold(g, "POST", "/lang", "value=fr")
	g.release()
	if x, y := one.answer(), other.answer(); x.status != 303 || y.status != 303 || len(x.set)+len(y.set) > 0 {
		t.Errorf("%d %q, %d %q", x.status, x.body, y.status, y.body)
	}
	want(t, "both", b.account(), `live "ann" {"lang":"fr","theme":"dark"}`)
}

func TestC2_ParallelCountsOfPlainHandlersAreExact(t *testing.T) { everywhere(t, countsAreExact) }

func countsAreExact(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	b.login()
	var all []*held
	for range 4 {
		all = append(all, b.hold(g, "POST", "/visit", ""), b.hold(g, "POST", "/cart/tea", ""))
	}
	g.release()
	for _, h := range all {
		if a := h.answer(); a.status != 200 && a.status != 303 {
			t.Errorf("%d %q", a.status, a.body)
		}
	}
	want(t, "counted", b.account(), `live "ann" {"cart":{"tea":4},"visits":4}`)
}

func TestC2_GoroutinesOfAPlainHandlerCountExactly(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		wantIn(t, b.post("/together"), 200, "visits 4")
		want(t, "counted", b.account(), `live "" {"cart":{"0":1,"1":1,"2":1,"3":1},"visits":4}`)
	})
}

func TestC3_TheLaterPlainHandlerWinsThatKeyOnly(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b, g := s.open(t), s.gate()
		b.login()
		late := b.hold(g, "POST", "/theme", "value=dark")
		b.post("/theme", "value", "light")
		b.post("/lang", "value", "fr")
		g.release()
		late.answer()
		want(t, "afterwards", b.account(), `live "ann" {"lang":"fr","theme":"dark"}`)
	})
}

func TestC4_ALogOutNextToTenRunningPlainHandlersIsFinal(t *testing.T) { everywhere(t, aLogOutIsFinal) }

func aLogOutIsFinal(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	b.login()
	before := b.twin()
	var running []*held
	for i := range 10 {
		path := []string{"/theme", "/visit", "/cart/tea", "/lang", "/visit"}[i%5]
		running = append(running, b.hold(g, "POST", path, "value=x"))
	}
	page := b.hold(g, "GET", "/item/1", "")
	b.post("/logout")
	g.release()
	for _, h := range running {
		a := b.take(h.answer())
		if a.status != 409 || len(a.set) > 0 || a.header.Get("Location") != "" {
			t.Errorf("%d %q, sets %v", a.status, a.body, a.set)
		}
	}
	wantIn(t, b.take(page.answer()), 200, "item 1")
	want(t, "with the token of before", before.account(), `unknown "" {}`)
	want(t, "the browser", b.account(), `live "" {}`) // it has the message
	if list, err := s.table.List(t.Context(), "ann"); len(list) > 0 || err != nil {
		t.Errorf("ann has %d sessions, %v", len(list), err)
	}
}

func TestC4_ARenewalByAPlainHandlerEndsTheToken(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.login()
		before := b.twin()
		b.post("/renew")
		want(t, "with the token of before", before.account(), `stale "" {}`)
		if a := before.post("/visit"); a.status != 409 || len(a.set) > 0 {
			t.Errorf("a write with it: %d %q, sets %v", a.status, a.body, a.set)
		}
		want(t, "with the new one", b.account(), `live "ann" {}`)
	})
}

func TestC4_ALogInByAPlainHandlerNeverLoses(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b, g := s.open(t), s.gate()
		b.post("/lang", "value", "fr")
		login := b.hold(g, "POST", "/login", "user=ann")
		b.post("/logout")
		g.release()
		if a := b.take(login.answer()); a.status != 303 {
			t.Errorf("%d %q", a.status, a.body)
		}
		want(t, "afterwards", b.account(), `live "ann" {}`)
	})
}

func TestC5_AnAnswerOfTheStoreThatIsLostCountsOnce(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.login()
		s.table.loseAnswers(1)
		wantIn(t, b.post("/visit"), 200, "visits 1")
		want(t, "counted", b.account(), `live "ann" {"visits":1}`)
	})
}

func TestC6_WhatIsTooLargeReplacesThePageOfAPlainHandler(t *testing.T) {
	everywhere(t, func(t testing.TB, s *site) {
		b := s.open(t)
		b.post("/lang", "value", "fr")
		if a := b.post("/theme", "value", strings.Repeat("x", 70_000)); a.status != 413 || a.header.Get("Location") != "" {
			t.Errorf("%d %.100q", a.status, a.body)
		}
		want(t, "afterwards", b.account(), `live "" {"lang":"fr"}`)
	})
}

func TestF1_AMessageReachesThePageThatAPlainHandlerRedirectsTo(t *testing.T) {
	everywhere(t, aMessageArrives)
}

func aMessageArrives(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/theme", "value", "dark")
	if a := b.get("/login"); strings.Contains(a.body, "theme") {
		t.Errorf("another page shows %q", a.body)
	}
	wantIn(t, b.get("/"), 200, "<p>The theme is dark.<p>Hello .")
	want(t, "the page again", b.get("/").body, "<p>Hello .")
	b.post("/theme", "value", "light")
	s.later(11 * time.Second)
	wantIn(t, b.get("/login"), 200, "<p>The theme is light.")
}

func TestF2_APollOfAPlainSiteTakesNoMessage(t *testing.T) { everywhere(t, aPollTakesNoMessage) }

func aPollTakesNoMessage(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	b.post("/lang", "value", "fr")
	poll := b.hold(g, "GET", "/poll", "", fetched)
	b.post("/theme", "value", "dark")
	s.table.took()
	g.release()
	want(t, "a poll that was waiting", poll.answer().body, "news")
	want(t, "a poll", b.get("/poll", fetched).body, "news")
	image := func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Mode", "no-cors")
		r.Header.Set("Sec-Fetch-Dest", "image")
	}
	want(t, "an image", b.get("/", image).body, "<p>Hello .")
	want(t, "store calls", s.table.took(), "load load")
	wantIn(t, b.get("/"), 200, "The theme is dark.")
}

func TestF3_MessagesOfParallelPlainHandlersAreAllShownOnce(t *testing.T) {
	everywhere(t, messagesAreShownOnce)
}

func messagesAreShownOnce(t testing.TB, s *site) {
	b, g := s.open(t), s.gate()
	b.post("/lang", "value", "fr")
	one, other := b.hold(g, "POST", "/theme", "value=dark"), b.hold(g, "POST", "/theme", "value=light")
	g.release()
	b.take(one.answer())
	b.take(other.answer())
	g = s.gate()
	first, second := b.hold(g, "GET", "/", ""), b.hold(g, "GET", "/", "")
	g.release()
	shown := first.answer().body + second.answer().body
	for _, message := range []string{"The theme is dark.", "The theme is light."} {
		if n := strings.Count(shown, message); n != 1 {
			t.Errorf("%q is shown %d times", message, n)
		}
	}
	want(t, "the page again", b.get("/").body, "<p>Hello .")
}

func TestF4_AMessageOfAPlainHandlerOutlivesRedirectLogInAndFailure(t *testing.T) {
	everywhere(t, aMessageOutlives)
}

func aMessageOutlives(t testing.TB, s *site) {
	b := s.open(t)
	b.post("/theme", "value", "dark")
	s.later(11 * time.Second) // now it is for any page
	wantIn(t, b.get("/panic"), 500, "500")
	b.get("/hop")
	b.post("/renew")
	b.post("/login", "user", "ann")
	wantIn(t, b.get("/"), 200, "<p>The theme is dark.<p>Welcome back.<p>Hello ann.")
	b.post("/theme", "value", "light")
	b.post("/logout")
	want(t, "after the log-out", b.get("/").body, "<p>Bye.<p>Hello .")
}

func TestT6_AStoreThatIsDownIsNoStrangerOfAPlainSite(t *testing.T) { everywhere(t, aStoreThatIsDown) }

func aStoreThatIsDown(t testing.TB, s *site) {
	b := s.open(t)
	b.login()
	s.table.failing("load", errors.New("down"))
	for _, page := range []string{"GET /", "GET /account", "GET /stream", "POST /lang", "POST /logout"} {
		method, path, _ := strings.Cut(page, " ")
		if a := b.do(method, path, "value=fr"); a.status != 503 || len(a.set) > 0 {
			t.Errorf("%s: %d %q, sets %v", page, a.status, a.body, a.set)
		}
	}
	s.table.failing("", nil)
	want(t, "afterwards", b.account(), `live "ann" {}`)
}
