package cookie_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/storetest"
)

// The other laws are those that a cookie can't promise, or promises in part: see the tests with their numbers below.
func TestLaws(t *testing.T) {
	for name, c := range map[string]struct {
		options []cookie.Option
		laws    []string
	}{
		"alone":     {nil, []string{"S3", "T6"}},
		"revocable": {[]cookie.Option{cookie.Revocable(memory.New())}, []string{"S3", "S9", "T6"}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.RunStore(t, func(t *testing.T) stores.Store {
				return open(t, secret, c.options...)
			}, storetest.Only(c.laws...))
		})
	}
}

func TestACookieOpensInEveryProcessThatHasTheSecret(t *testing.T) {
	one, two := serve(t, open(t, secret)), serve(t, open(t, bytes.Clone(secret)))
	b := one.browser()
	one.post(b, "/theme/dark")
	one.post(b, "/login/ann")
	one.post(b, "/count")
	two.is(two.with(owner, one.value(b, owner)), "live ann dark 1")
}

func TestS9_OnlyAWriteSendsTheCookie(t *testing.T) {
	s := serve(t, open(t, secret))
	b := s.browser()
	s.post(b, "/theme/dark")
	first := s.value(b, anonymous)
	s.wait(time.Hour)
	s.is(b, "live dark 0")
	s.post(b, "/theme/dark")
	if s.value(b, anonymous) != first {
		t.Error("a request that changes nothing changed the cookie")
	}
	s.post(b, "/count")
	if s.value(b, anonymous) == first {
		t.Error("a write did not change the cookie")
	}
	s.is(b, "live dark 1")
	if got := s.told(); got != "created, saved" {
		t.Errorf("events %s; want a creation and a save", got)
	}
}

func TestS9_AnOwnersCookieIsSentUnderItsName(t *testing.T) {
	s := serve(t, open(t, secret))
	b := s.browser()
	s.post(b, "/theme/dark")
	s.post(b, "/login/ann")
	s.post(b, "/count")
	if _, has := b.Cookie(anonymous); has {
		t.Error("the anonymous cookie is still there")
	}
	s.is(b, "live ann dark 1")
	s.post(b, "/logout")
	if n := len(b.Cookies()); n != 0 {
		t.Errorf("%d cookies after a log-out; want none", n)
	}
}

func TestWhatIsInACookieCanNotBeRead(t *testing.T) {
	s := serve(t, open(t, secret))
	b := s.browser()
	s.post(b, "/theme/dark")
	s.post(b, "/login/ann")
	raw, err := base64.RawURLEncoding.DecodeString(s.value(b, owner))
	if err != nil || bytes.Contains(raw, []byte("dark")) || bytes.Contains(raw, []byte("ann")) || bytes.Contains(raw, []byte("theme")) {
		t.Errorf("the cookie shows what is inside (%v)", err)
	}
}

func TestAMissingOrShortSecretIsAnErrorThatDoesNotShowIt(t *testing.T) {
	short := []byte("31 characters are one too few..")
	for name, f := range map[string]func() (*cookie.Store, error){
		"none":           func() (*cookie.Store, error) { return cookie.New(nil) },
		"a short one":    func() (*cookie.Store, error) { return cookie.New(short) },
		"a short second": func() (*cookie.Store, error) { return cookie.New(secret, cookie.Opens(secret, short)) },
		"an empty second": func() (*cookie.Store, error) {
			return cookie.New(secret, cookie.Opens(nil))
		},
	} {
		store, err := f()
		if err == nil || store != nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if strings.Contains(err.Error(), string(short)) || strings.Contains(err.Error(), string(secret)) {
			t.Errorf("%s: the error shows a secret", name)
		}
	}
	if _, err := cookie.New(append(short, '.')); err != nil {
		t.Errorf("32 bytes: %v", err)
	}
}

func TestASecretIsReplacedWithoutALogOut(t *testing.T) {
	newer := []byte("the second secret, which nobody has guessed")
	before := serve(t, open(t, secret, cookie.Opens(newer))) // the new one opens first
	during := serve(t, open(t, newer, cookie.Opens(secret)))
	after := serve(t, open(t, newer))
	b := before.browser()
	before.post(b, "/theme/dark")
	old := before.value(b, anonymous)

	during.is(during.with(anonymous, old), "live dark 0")
	after.is(after.with(anonymous, old), "unknown 0") // dead, and no failure

	c := during.with(anonymous, old)
	during.post(c, "/count")
	renewed := during.value(c, anonymous)
	after.is(after.with(anonymous, renewed), "live dark 1")
	before.is(before.with(anonymous, renewed), "live dark 1")
}

func TestDevelopmentStoresDoNotOpenEachOthersCookies(t *testing.T) {
	s := serve(t, cookie.Development())
	b := s.browser()
	s.post(b, "/theme/dark")
	s.is(b, "live dark 0")
	restarted := serve(t, cookie.Development())
	restarted.is(restarted.with(anonymous, s.value(b, anonymous)), "unknown 0")
}

func TestS3_ACookieOpensUnderItsOwnNameOnly(t *testing.T) {
	store := open(t, secret)
	s, other := serve(t, store), serve(t, store, func(o *session.Options) {
		o.Cookie = http.Cookie{Name: "__Host-basket", Secure: true}
	})
	b := s.browser()
	s.post(b, "/theme/dark")
	value := s.value(b, anonymous)
	other.is(other.with("__Host-basket", value), "unknown 0")
	s.is(s.with(owner, value), "unknown 0")
	s.post(b, "/login/ann")
	s.is(s.with(anonymous, s.value(b, owner)), "unknown 0")
	s.is(s.with(owner, s.value(b, owner)), "live ann dark 0")
}

func TestS3_WhatIsRevocableDoesNotOpenWhereNobodyAsks(t *testing.T) {
	alone, revocable := serve(t, open(t, secret)), serve(t, open(t, secret, cookie.Revocable(memory.New())))
	for from, to := range map[*site]*site{alone: revocable, revocable: alone} {
		b := from.browser()
		from.post(b, "/theme/dark")
		to.is(to.with(anonymous, from.value(b, anonymous)), "unknown 0")
	}
}

func TestS3_AnAlteredTokenIsDeadAndNeverAFailure(t *testing.T) {
	store := open(t, secret, cookie.Opens([]byte("another secret, which seals no cookie here")))
	now := time.Now()
	token, err := store.Save(t.Context(), stores.TokenOf(anonymous, ""), stores.Record{Created: now, Seen: now, Expires: now.Add(time.Hour)}, false)
	if err != nil {
		t.Fatal(err)
	}
	dead := func(what, text string) {
		t.Helper()
		_, err := store.Load(t.Context(), stores.TokenOf(anonymous, text), now)
		if !errors.Is(err, stores.ErrNotFound) && !errors.Is(err, stores.ErrMalformed) {
			t.Errorf("%s: %v; want it refused", what, err)
		}
	}
	text := token.Reveal()
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	for bit := range 8 * len(raw) {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		dead(fmt.Sprintf("bit %d flipped", bit), base64.RawURLEncoding.EncodeToString(flipped))
	}
	for n := range len(text) {
		dead(fmt.Sprintf("cut to %d", n), text[:n])
	}
	for i := range text {
		dead(fmt.Sprintf("a line break at %d", i), text[:i]+"\n"+text[i:])
		dead(fmt.Sprintf("without byte %d", i), text[:i]+text[i+1:])
	}
	dead("longer", text+"A")
	dead("far longer", text+strings.Repeat("AAAA", 4096))
	if _, err := store.Load(t.Context(), token, now); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

// around is a store around one that it knows as a stores.Store only.
type around struct{ stores.Store }

func (a around) Unwrap() stores.Store { return a.Store }

func TestS7_AStoreAroundACookieTellsThatItSeals(t *testing.T) {
	hidden := struct{ stores.Store }{open(t, secret)}
	for want, store := range map[string]stores.Store{"live dark 0": around{around{open(t, secret)}}, "expired 0": hidden} {
		s := serve(t, store)
		b := s.browser()
		s.post(b, "/theme/dark")
		s.wait(20 * time.Minute)
		s.is(b, "live dark 0")
		s.wait(20 * time.Minute)
		s.is(b, want)
		if told := s.told(); strings.Contains(told, "touch failed") != (store == hidden) {
			t.Errorf("events %s", told)
		}
	}
}

func TestS7_TheAbsoluteLimitIsInsideTheSeal(t *testing.T) {
	s := serve(t, open(t, secret), func(o *session.Options) { o.Absolute = 2 * time.Hour })
	b := s.browser()
	s.post(b, "/theme/dark")
	for range 3 {
		s.wait(30 * time.Minute)
		s.post(b, "/count")
	}
	copied := s.value(b, anonymous)
	s.wait(30*time.Minute - time.Second)
	s.is(b, "live dark 3")
	s.wait(time.Second)
	s.is(s.with(anonymous, copied), "expired 0")

	// Longer limits of today bring nothing back that was sealed with shorter ones.
	longer := serve(t, open(t, secret), func(o *session.Options) { o.Absolute = 12 * time.Hour })
	longer.wait(2 * time.Hour)
	longer.is(longer.with(anonymous, copied), "expired 0")
}

func TestS7_IdlingIsAskedForAndCountsFromTheLastWrite(t *testing.T) {
	for idle, want := range map[time.Duration]string{0: "live dark 0", time.Hour: "expired 0"} {
		for name, options := range map[string][]cookie.Option{"alone": nil, "revocable": {cookie.Revocable(memory.New())}} {
			s := serve(t, open(t, secret, options...), func(o *session.Options) { o.Idle = idle })
			b := s.browser()
			s.post(b, "/theme/dark")
			for range 2 {
				s.wait(20 * time.Minute)
				s.is(b, "live dark 0")
			}
			s.wait(20 * time.Minute)
			if s.is(b, want); t.Failed() {
				t.Fatalf("%s, with an idle limit of %v", name, idle)
			}
		}
	}
}

func TestS7_ASessionThatIsWrittenDoesNotIdle(t *testing.T) {
	for _, options := range [][]cookie.Option{nil, {cookie.Revocable(memory.New())}} {
		s := serve(t, open(t, secret, options...), func(o *session.Options) { o.Idle = time.Hour })
		b := s.browser()
		s.post(b, "/theme/dark")
		for range 4 {
			s.wait(40 * time.Minute)
			s.post(b, "/count")
		}
		s.is(b, "live dark 4")
	}
}

func TestS2_AnEmptiedSessionFades(t *testing.T) {
	s := serve(t, open(t, secret))
	b := s.browser()
	s.post(b, "/theme/dark")
	s.post(b, "/clear")
	s.wait(time.Minute)
	s.is(b, "expired 0")
}

func TestC6_WhatDoesNotFitIsAFailureThatNamesTheBiggestKeys(t *testing.T) {
	for name, options := range map[string][]cookie.Option{"alone": nil, "revocable": {cookie.Revocable(memory.New())}} {
		for _, login := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", with an owner: ", login), func(t *testing.T) {
				const secretValue = "~~~~~~~~"
				store := open(t, secret, options...)
				app := session.Wrap(store, session.Options{})(func(req ring.Request) ring.Response {
					var n int
					_, _ = fmt.Sscan(req.Query("n"), &n)
					resp := ring.Text("").With(session.Set(theme.Set(session.From(req), secretValue+strings.Repeat("x", n))))
					if login {
						resp = resp.With(session.Login("ann"))
					}
					return resp
				})
				set := func(n int) (cookie string, err error) {
					resp := app(ring.NewRequest("POST", fmt.Sprintf("/?n=%d", n), nil))
					for line := range resp.Header.All("Set-Cookie") {
						if c, err := http.ParseSetCookie(line); err == nil && c.MaxAge == 0 {
							cookie = c.Name + c.Value
						}
					}
					return cookie, resp.Err
				}
				fits := 0
				for n := 2000; n < 4096; n++ {
					c, err := set(n)
					if err != nil {
						break
					}
					if fits = n; len(c) > 4096 {
						t.Fatalf("a cookie of %d bytes was set", len(c))
					}
				}
				if c, _ := set(fits); len(c) < 4096-3 {
					t.Errorf("the largest cookie has %d bytes; want all that browsers keep", len(c))
				}
				t.Logf("a value of %d bytes fits", fits+len(secretValue))
				c, err := set(fits + 1)
				if !errors.Is(err, stores.ErrTooLarge) || !strings.Contains(err.Error(), `"theme"`) || c != "" {
					t.Errorf("error %v, cookie of %d bytes; want a failure that names the key, and none", err, len(c))
				}
				if strings.Contains(err.Error(), secretValue) {
					t.Error("the error shows the value")
				}
			})
		}
	}
}

func TestOneStoreServesManyRequestsAtOnce(t *testing.T) {
	for _, options := range [][]cookie.Option{nil, {cookie.Revocable(memory.New())}} {
		s := serve(t, open(t, secret, options...))
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				b := s.browser()
				b.Post(fmt.Sprintf("/theme/%d", i))
				for range 20 {
					b.Post("/count")
				}
				s.is(b, fmt.Sprintf("live %d 20", i))
			})
		}
		all.Wait()
	}
}

func FuzzLoad(f *testing.F) {
	now := time.Now()
	rec := stores.Record{Owner: "ann", Created: now, Seen: now, Expires: now.Add(time.Hour)}
	rec.Data = theme.Set(session.Session{}, "dark").Data()
	both := []stores.Store{open(f, secret), open(f, secret, cookie.Revocable(memory.New()))}
	for _, store := range both {
		token, err := store.Save(f.Context(), stores.TokenOf(anonymous, ""), rec, false)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(token.Reveal())
		f.Add(token.Reveal()[:100])
	}
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		for _, store := range both {
			rec, err := store.Load(t.Context(), stores.TokenOf(anonymous, text), now)
			switch {
			case err == nil && (rec.Owner != "ann" || theme.Get(session.Of(rec.Data)) != "dark"): // sealed by nobody
				t.Errorf("%q opens", text)
			case err != nil && !errors.Is(err, stores.ErrNotFound) && !errors.Is(err, stores.ErrMalformed):
				t.Errorf("%q: %v; want a refusal", text, err)
			}
		}
	})
}
