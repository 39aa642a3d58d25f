package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/signet-go/signet/stores"
)

// isRefusal reports whether an error says that a token opens nothing.
func isRefusal(err error) bool {
	for _, e := range []error{stores.ErrMalformed, stores.ErrNotFound, stores.ErrExpired, stores.ErrStale, stores.ErrUndecodable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// cookie is what session.Wrap calls the cookie unless it is told otherwise.
const cookie = "__Host-session"

// tokenOf returns the token in one of the cookies of session.Wrap, as in name=value.
func tokenOf(pair string) stores.Token {
	_, value, _ := strings.Cut(pair, "=")
	return stores.TokenOf(cookie, value)
}

// create saves a new session.
func (s *suite) create(rec stores.Record) stores.Token {
	s.Helper()
	rec.Version = 0
	t, err := s.store.Save(s.ctx, stores.TokenOf(cookie, ""), rec, false)
	if err != nil {
		s.Fatalf("create: %v", err)
	}
	return t
}

func tokensOpen(s *suite) {
	s.that("the record comes back", func(s *suite) {
		for _, rec := range []stores.Record{s.full(), s.plain()} {
			got, err := s.store.Load(s.ctx, s.create(rec), s.now)
			if err != nil {
				s.Fatalf("load: %v", err)
			}
			// What tells versions and tokens apart is the store's own.
			got.Version, got.Verifier, got.Previous = rec.Version, rec.Verifier, rec.Previous
			got.Renewed, got.PreviousUntil = rec.Renewed, rec.PreviousUntil
			if d := s.difference(got, rec); d != "" {
				s.Errorf("loaded a record whose %s", d)
			}
		}
	})
	s.that("a token that is altered anywhere", func(s *suite) {
		token := s.create(s.full()).Reveal()
		for i := range token {
			for _, c := range []byte{'A', token[i] ^ 1} {
				altered := token[:i] + string(c) + token[i+1:]
				if altered == token {
					continue
				}
				s.refuses(altered, fmt.Sprintf("the token with another character at %d", i))
			}
		}
	})
	s.that("a token of another length", func(s *suite) {
		token := s.create(s.full()).Reveal()
		for _, n := range []int{0, 1, len(token) / 2, len(token) - 1} {
			s.refuses(token[:n], fmt.Sprintf("the first %d bytes of a token", n))
		}
		s.refuses(token+"A", "a token with a letter behind it")
		s.refuses(" "+token, "a token with a blank before it")
		s.refuses(token+token, "a token twice")
	})
	s.that("what is no token", func(s *suite) {
		for _, text := range []string{"x", "\x00", strings.Repeat("A", 68), strings.Repeat("_", 68), strings.Repeat("=", 68), strings.Repeat("\xff", 10<<10), "' OR 1=1 --"} {
			s.refuses(text, fmt.Sprintf("%.20q", text))
		}
	})
	s.that("a token in another cookie", func(s *suite) {
		token := s.create(s.full())
		for _, name := range []string{"", "__Host-admin", cookie + "-owner", cookie[1:], cookie + token.Reveal()[:1]} {
			s.refusesToken(stores.TokenOf(name, token.Reveal()), fmt.Sprintf("the token in the cookie %q", name))
		}
		renewed, err := s.store.Load(s.ctx, token, s.now)
		if err != nil {
			s.Fatalf("load: %v", err)
		}
		token, err = s.store.Save(s.ctx, token, renewed, true)
		if err != nil {
			s.Fatalf("renew: %v", err)
		}
		if _, err := s.store.Load(s.ctx, stores.TokenOf(cookie, token.Reveal()), s.now); err != nil {
			s.Errorf("the renewed token in the same cookie: %v", err)
		}
		s.refusesToken(stores.TokenOf("__Host-admin", token.Reveal()), "the renewed token in another cookie")
	})
	s.that("the token of a session that has expired", func(s *suite) {
		rec := s.full()
		token := s.create(rec)
		if _, err := s.store.Load(s.ctx, token, rec.Expires.Add(-time.Microsecond)); err != nil {
			s.Errorf("before it expires: %v", err)
		}
		if _, err := s.store.Load(s.ctx, token, rec.Expires); !errors.Is(err, stores.ErrExpired) {
			s.Errorf("when it expires: %v; want ErrExpired", err)
		}
	})
	s.that("no two sessions have one token", func(s *suite) {
		seen := map[string]bool{}
		for range 20 {
			token := s.create(s.plain()).Reveal()
			if seen[token] {
				s.Fatalf("the same token again")
			}
			seen[token] = true
		}
	})
}

func (s *suite) refuses(token, what string) {
	s.Helper()
	s.refusesToken(stores.TokenOf(cookie, token), what)
}

func (s *suite) refusesToken(token stores.Token, what string) {
	s.Helper()
	if rec, err := s.store.Load(s.ctx, token, s.now); !isRefusal(err) {
		s.Errorf("%s: error %v, owner %q; want it refused", what, err, rec.Owner)
	}
}
