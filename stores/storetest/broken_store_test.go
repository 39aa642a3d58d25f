package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// Each broken store fails the law that it breaks, as broken tables do.
func TestBrokenStoresAreCaught(t *testing.T) {
	const theLast = "the last token tells the handle and the owner, and nothing else"
	for _, b := range []struct {
		name  string
		make  func(session.Store) session.Store
		claim string
	}{
		{"it drops the owner of a stale token", func(k session.Store) session.Store {
			return retold{k, func(rec session.Record) session.Record { return session.Record{Handle: rec.Handle} }}
		}, theLast},
		{"it drops the handle of a stale token", func(k session.Store) session.Store {
			return retold{k, func(rec session.Record) session.Record { return session.Record{Owner: rec.Owner} }}
		}, theLast},
		{"it returns the times with a stale token", func(k session.Store) session.Store {
			return retold{k, func(rec session.Record) session.Record {
				rec.Expires = time.Now()
				return rec
			}}
		}, theLast},
		{"it tells the owner to every token that was valid", func(k session.Store) session.Store {
			return &talkative{Store: k, owners: map[session.Token]session.Record{}}
		}, "a token before the last one tells nothing"},
		{"its stale tokens stay stale", func(k session.Store) session.Store {
			return &everStale{Store: k, renewed: map[session.Token]session.Record{}}
		}, "after a minute no token is stale"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			r := check(func() subject { return subject{store: b.make(session.Keep(newReference()))} })
			broken{name: b.name, law: "S9", claim: b.claim, maybe: "C4"}.judge(t, r)
		})
	}
}

// retold says something else of stale tokens.
type retold struct {
	session.Store
	change func(session.Record) session.Record
}

func (s retold) Load(ctx context.Context, t session.Token, now time.Time) (session.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if errors.Is(err, session.ErrStale) {
		rec = s.change(rec)
	}
	return rec, err
}

// talkative remembers whose session each token opened.
type talkative struct {
	session.Store
	mu     sync.Mutex
	owners map[session.Token]session.Record
}

func (s *talkative) Load(ctx context.Context, t session.Token, now time.Time) (session.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.owners[t] = session.Record{Handle: rec.Handle, Owner: rec.Owner}
	}
	if had, ok := s.owners[t]; ok && errors.Is(err, session.ErrStale) && rec.Handle == (session.Handle{}) {
		return had, err
	}
	return rec, err
}

// everStale remembers every token that it has called stale.
type everStale struct {
	session.Store
	mu      sync.Mutex
	renewed map[session.Token]session.Record
}

func (s *everStale) Save(ctx context.Context, t session.Token, rec session.Record, renew bool) (session.Token, error) {
	next, err := s.Store.Save(ctx, t, rec, renew)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && renew {
		s.renewed[t] = session.Record{Handle: rec.Handle, Owner: rec.Owner}
	}
	return next, err
}

func (s *everStale) Load(ctx context.Context, t session.Token, now time.Time) (session.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, ok := s.renewed[t]; ok && errors.Is(err, session.ErrNotFound) {
		return had, session.ErrStale
	}
	return rec, err
}
