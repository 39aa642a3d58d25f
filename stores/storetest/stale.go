package storetest

import (
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// staleTokensTell checks what Load returns beside ErrStale. A log-in with a stale token has to end the session if it is
// another owner's, so it must learn which session that is and whose. Nobody else may end a session with a token that
// doesn't open it.
func staleTokensTell(s *suite) {
	owned, anonymous := s.full(), s.plain()
	owned.Renewed, owned.PreviousUntil = time.Time{}, time.Time{}
	s.that("the last token tells the handle and the owner, and nothing else", func(s *suite) {
		for _, rec := range []stores.Record{owned, anonymous} {
			last := s.create(rec)
			handle := s.opens(s.renew(last)).Handle
			s.isStale(last, stores.Record{Handle: handle, Owner: rec.Owner})
		}
	})
	s.that("the last token of an anonymous session tells who has logged in", func(s *suite) {
		last := s.create(anonymous)
		rec := s.opens(last)
		rec.Owner = owned.Owner
		token, err := s.store.Save(s.ctx, last, rec, true)
		if err != nil {
			s.Fatalf("log-in: %v", err)
		}
		s.isStale(last, stores.Record{Handle: s.opens(token).Handle, Owner: owned.Owner})
	})
	s.that("a token before the last one tells nothing", func(s *suite) {
		first := s.create(owned)
		s.renew(s.renew(first))
		s.isStale(first, stores.Record{})
	})
	s.that("after a minute no token is stale", func(s *suite) {
		last := s.create(owned)
		s.renew(last)
		rec, err := s.store.Load(s.ctx, last, s.now.Add(2*time.Minute))
		if !isRefusal(err) || errors.Is(err, stores.ErrStale) {
			s.Errorf("error %v; want it refused, and not as stale", err)
		}
		if d := s.difference(rec, stores.Record{}); d != "" || rec.Handle != (stores.Handle{}) {
			s.Errorf("a dead token tells something: %s", d)
		}
	})
}

// opens returns the record under a token that is valid.
func (s *suite) opens(t stores.Token) stores.Record {
	s.Helper()
	rec, err := s.store.Load(s.ctx, t, s.now)
	if err != nil {
		s.Fatalf("load: %v", err)
	}
	return rec
}

// renew returns the new token of a session.
func (s *suite) renew(t stores.Token) stores.Token {
	s.Helper()
	rec := s.opens(t)
	rec.Seen = s.now
	next, err := s.store.Save(s.ctx, t, rec, true)
	if err != nil {
		s.Fatalf("renew: %v", err)
	}
	return next
}

func (s *suite) isStale(t stores.Token, want stores.Record) {
	s.Helper()
	rec, err := s.store.Load(s.ctx, t, s.now)
	if !errors.Is(err, stores.ErrStale) {
		s.Errorf("error %v; want ErrStale", err)
	}
	if rec.Handle != want.Handle {
		s.Errorf("the stale token tells the handle %v; want %v", rec.Handle, want.Handle)
	}
	if d := s.difference(rec, want); d != "" {
		s.Errorf("the stale token tells a record whose %s", d)
	}
}
