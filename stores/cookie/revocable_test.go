package cookie_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

// A counted store counts its calls, and fails them when told.
type counted struct {
	*memory.Store
	calls []string
	err   error
	asked func() // what happens once, after a load has been answered
}

func (c *counted) note(call string) error {
	c.calls = append(c.calls, call)
	return c.err
}

func (c *counted) log() string {
	defer func() { c.calls = nil }()
	return strings.Join(c.calls, " ")
}

func (c *counted) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	if err := c.note("load"); err != nil {
		return stores.Record{}, err
	}
	rec, err := c.Store.Load(ctx, t, now)
	if f := c.asked; f != nil {
		c.asked = nil
		f()
	}
	return rec, err
}

func (c *counted) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	if err := c.note("save"); err != nil {
		return stores.Token{}, err
	}
	if rec.Data.Len() != 0 {
		return stores.Token{}, errors.New("values were given to the other store")
	}
	return c.Store.Save(ctx, t, rec, renew)
}

func (c *counted) Touch(ctx context.Context, t stores.Token, rec stores.Record) error {
	if err := c.note("touch"); err != nil {
		return err
	}
	return c.Store.Touch(ctx, t, rec)
}

func (c *counted) Delete(ctx context.Context, t stores.Token) error {
	if err := c.note("delete"); err != nil {
		return err
	}
	return c.Store.Delete(ctx, t)
}

func TestC4_WithoutRevocableACopiedCookieOutlivesTheLogOut(t *testing.T) {
	s := serve(t, open(t, secret))
	b := s.browser()
	s.post(b, "/login/ann")
	thief := b.Clone()
	s.post(b, "/logout")
	s.is(thief, "live ann 0") // the page of the package says so
}

func TestC4_WithRevocableWhatEndedStaysSo(t *testing.T) {
	for path, now := range map[string]string{"/logout": "none 0", "/renew": "live dark 0", "/login/ann": "live ann dark 0"} {
		t.Run(path[1:], func(t *testing.T) {
			s := serve(t, open(t, secret, cookie.Revocable(memory.New())))
			b := s.browser()
			s.post(b, "/theme/dark")
			thief := b.Clone()
			s.post(b, path)
			s.is(b, now)
			if page := thief.Get("/show"); strings.HasPrefix(page.Body, "live") {
				t.Errorf("the copied cookie is %q", page.Body)
			}
			s.wait(2 * time.Minute)
			s.is(thief, "unknown 0")
			s.is(b, now)
		})
	}
}

func TestC4_WithRevocableALateWriterIsDroppedAndTold(t *testing.T) {
	for _, ends := range []string{"/logout", "/renew", "/login/ann"} {
		for _, late := range []string{"/count", "/renew"} {
			t.Run(late[1:]+" after "+ends[1:], func(t *testing.T) {
				s := serve(t, open(t, secret, cookie.Revocable(memory.New())))
				b := s.browser()
				s.post(b, "/theme/dark")
				s.meanwhile = func() { s.post(b, ends) }
				slow := b.Clone()
				s.told()
				page := slow.Post("/slow" + late)
				if page.Status != http.StatusConflict || !strings.HasSuffix(s.told(), ", dropped") {
					t.Errorf("status %d; want 409, and the event", page.Status)
				}
				if got := slow.Get("/show").Body; strings.HasPrefix(got, "live") {
					t.Errorf("the late one's session is %q", got)
				}
			})
		}
	}
}

func TestC4_WithRevocableASaveThatHadAskedBeforeTheLogOutBringsNothingBack(t *testing.T) {
	for _, ends := range []string{"/logout", "/renew", "/login/ann"} {
		kept := &counted{Store: memory.New()}
		s := serve(t, open(t, secret, cookie.Revocable(kept)))
		b := s.browser()
		s.post(b, "/theme/dark")
		slow := b.Clone()
		s.meanwhile = func() { kept.asked = func() { s.post(b, ends) } } // the load of the save, not that of the request
		slow.Post("/slow/count")
		if got := slow.Get("/show").Body; strings.HasPrefix(got, "live") {
			t.Errorf("after %s the late one's session is %q", ends, got)
		}
	}
}

func TestC4_WithRevocableALogInNeverLoses(t *testing.T) {
	for _, ends := range []string{"/logout", "/renew", "/login/bob"} {
		s := serve(t, open(t, secret, cookie.Revocable(memory.New())))
		b := s.browser()
		s.post(b, "/theme/dark")
		s.meanwhile = func() { s.post(b, ends) }
		slow := b.Clone()
		s.post(slow, "/slow/login/ann")
		s.is(slow, "live ann 0")
	}
}

func TestS9_WithRevocableALateRenewalBringsNoOtherOwnerBack(t *testing.T) {
	s := serve(t, open(t, secret, cookie.Revocable(memory.New())))
	b := s.browser()
	s.post(b, "/login/ann")
	late := b.Clone()
	s.post(late, "/renew")  // its answer is slow
	s.post(b, "/login/bob") // with the token that Ann had before
	s.is(b, "live bob 0")
	if page := late.Get("/show"); strings.HasPrefix(page.Body, "live") {
		t.Errorf("the renewal that comes late brings %q back", page.Body)
	}
}

func TestC4_WithRevocableALogOutBeatsARenewalAndALogInBesideIt(t *testing.T) {
	for _, beside := range []string{"/renew", "/login/ann"} {
		s := serve(t, open(t, secret, cookie.Revocable(memory.New())))
		b := s.browser()
		s.post(b, "/theme/dark")
		leaver := b.Clone()
		s.meanwhile = func() { s.post(b, beside) }
		s.post(leaver, "/slow/logout")
		s.is(b, "unknown 0")
	}
}

func TestT5_TheSessionsOfAnOwnerAreEndedWhereTheyAreKept(t *testing.T) {
	kept := memory.New()
	s := serve(t, open(t, secret, cookie.Revocable(kept)))
	anns, bob := s.browser(), s.browser()
	s.post(anns, "/login/ann")
	s.post(bob, "/login/bob")
	if recs, err := kept.List(t.Context(), "ann"); len(recs) != 1 || err != nil {
		t.Errorf("Ann has %d sessions, %v; want 1", len(recs), err)
	}
	if n, err := kept.DeleteOwned(t.Context(), "ann"); n != 1 || err != nil {
		t.Errorf("ended %d, %v; want 1", n, err)
	}
	s.is(anns, "unknown 0")
	s.is(bob, "live bob 0")
}

func TestRevocableCostsOneCallForARequestThatChangesNothing(t *testing.T) {
	kept := &counted{Store: memory.New()}
	s := serve(t, open(t, secret, cookie.Revocable(kept)))
	b := s.browser()
	b.Get("/show")
	for _, c := range []struct{ path, calls string }{
		{"/theme/dark", "save"},
		{"/show", "load"},
		{"/theme/dark", "load"},
		{"/count", "load load"},
		{"/renew", "load load save"},
		{"/login/ann", "load load save"},
		{"/logout", "load delete"},
	} {
		s.post(b, c.path)
		if got := kept.log(); got != c.calls {
			t.Errorf("%s: %q; want %q", c.path, got, c.calls)
		}
	}
}

func TestT6_WithRevocableAStoreThatIsDownIsNoLogOut(t *testing.T) {
	kept := &counted{Store: memory.New()}
	s := serve(t, open(t, secret, cookie.Revocable(kept)))
	b := s.browser()
	s.post(b, "/theme/dark")
	kept.err = errors.New("connection refused")
	for _, path := range []string{"/show", "/count", "/logout"} {
		page := b.Post(path)
		if _, set := page.Header.Lookup("Set-Cookie"); set || page.Status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d; want 503 and no cookie", path, page.Status)
		}
	}
	if page := s.browser().Post("/count"); page.Status != http.StatusServiceUnavailable {
		t.Errorf("a new visitor: %d; want 503", page.Status)
	}
	kept.err = nil
	s.is(b, "live dark 0")
}

func TestWhatIsKeptExpiresNoSoonerThanTheCookie(t *testing.T) {
	kept := memory.New()
	s := serve(t, open(t, secret, cookie.Revocable(kept)), func(o *session.Options) { o.Idle = time.Hour })
	b := s.browser()
	s.post(b, "/login/ann")
	for range 5 {
		s.wait(40 * time.Minute)
		s.post(b, "/count")
		recs, err := kept.List(t.Context(), "ann")
		if err != nil || len(recs) != 1 || recs[0].Expires.Before(s.clock().Add(time.Hour)) {
			t.Fatalf("kept %v, %v; want the session, for an hour from now", recs, err)
		}
	}
	s.wait(2 * time.Hour)
	if _, err := kept.Sweep(t.Context(), s.clock()); err != nil || kept.Len() != 0 {
		t.Errorf("%d are left after a sweep, %v; want none", kept.Len(), err)
	}
}

func TestASessionThatDoesNotFitLeavesNothingBehind(t *testing.T) {
	kept := memory.New()
	store := open(t, secret, cookie.Revocable(kept))
	now := time.Now()
	rec := stores.Record{Created: now, Seen: now, Expires: now.Add(time.Hour)}
	for n := 2000; ; n++ {
		rec.Data = theme.Set(session.Session{}, strings.Repeat("x", n)).Data()
		before := kept.Len()
		_, err := store.Save(t.Context(), stores.TokenOf(anonymous, ""), rec, false)
		if err == nil {
			continue
		}
		if !errors.Is(err, stores.ErrTooLarge) || kept.Len() != before {
			t.Errorf("%v, and %d more are kept; want ErrTooLarge and none", err, kept.Len()-before)
		}
		break
	}
	rec.Data = stores.Data{}
	token, err := store.Save(t.Context(), stores.TokenOf(anonymous, ""), rec, false)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := store.Load(t.Context(), token, now)
	if err != nil {
		t.Fatal(err)
	}
	loaded.Data = theme.Set(session.Session{}, strings.Repeat("x", 4096)).Data()
	if _, err := store.Save(t.Context(), token, loaded, true); !errors.Is(err, stores.ErrTooLarge) {
		t.Errorf("a renewal that does not fit: %v; want ErrTooLarge", err)
	}
	if _, err := store.Load(t.Context(), token, now); err != nil {
		t.Errorf("the token after a renewal that failed: %v; want it alive", err)
	}
}

func TestRevocableNeedsAStoreThatKeepsSessions(t *testing.T) {
	for name, store := range map[string]stores.Store{"nil": nil, "a store of cookies": open(t, secret)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			cookie.Revocable(store)
		}()
	}
}
