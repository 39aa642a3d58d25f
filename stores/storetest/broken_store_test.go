package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// Each broken store fails the law that it breaks, as broken tables do.
func TestBrokenStoresAreCaught(t *testing.T) {
	const theLast = "the last token tells the handle and the owner, and nothing else"
	for _, b := range []struct {
		name  string
		make  func(stores.Store) stores.Store
		claim string
	}{
		{"it drops the owner of a stale token", func(k stores.Store) stores.Store {
			return retold{k, func(rec stores.Record) stores.Record { return stores.Record{Handle: rec.Handle} }}
		}, theLast},
		{"it drops the handle of a stale token", func(k stores.Store) stores.Store {
			return retold{k, func(rec stores.Record) stores.Record { return stores.Record{Owner: rec.Owner} }}
		}, theLast},
		{"it returns the times with a stale token", func(k stores.Store) stores.Store {
			return retold{k, func(rec stores.Record) stores.Record {
				rec.Expires = time.Now()
				return rec
			}}
		}, theLast},
		{"it tells the owner to every token that was valid", func(k stores.Store) stores.Store {
			return &talkative{Store: k, owners: map[stores.Token]stores.Record{}}
		}, "a token before the last one tells nothing"},
		{"its stale tokens stay stale", func(k stores.Store) stores.Store {
			return &everStale{Store: k, renewed: map[stores.Token]stores.Record{}}
		}, "after a minute no token is stale"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			r := check(func() subject { return subject{store: b.make(stores.Keep(newReference()))} })
			broken{name: b.name, law: "S9", claim: b.claim, maybe: "C4"}.judge(t, r)
		})
	}
}

// retold says something else of stale tokens.
type retold struct {
	stores.Store
	change func(stores.Record) stores.Record
}

func (s retold) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if errors.Is(err, stores.ErrStale) {
		rec = s.change(rec)
	}
	return rec, err
}

// talkative remembers whose session each token opened.
type talkative struct {
	stores.Store
	mu     sync.Mutex
	owners map[stores.Token]stores.Record
}

func (s *talkative) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.owners[t] = stores.Record{Handle: rec.Handle, Owner: rec.Owner}
	}
	if had, ok := s.owners[t]; ok && errors.Is(err, stores.ErrStale) && rec.Handle == (stores.Handle{}) {
		return had, err
	}
	return rec, err
}

// everStale remembers every token that it has called stale.
type everStale struct {
	stores.Store
	mu      sync.Mutex
	renewed map[stores.Token]stores.Record
}

func (s *everStale) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	next, err := s.Store.Save(ctx, t, rec, renew)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && renew {
		s.renewed[t] = stores.Record{Handle: rec.Handle, Owner: rec.Owner}
	}
	return next, err
}

func (s *everStale) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, ok := s.renewed[t]; ok && errors.Is(err, stores.ErrNotFound) {
		return had, stores.ErrStale
	}
	return rec, err
}
