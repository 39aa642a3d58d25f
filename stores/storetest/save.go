package storetest

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/signet-go/signet/stores"
)

func saveIsConditional(s *suite) {
	if s.config.full != nil {
		s.that("what is refused is not stored, and said to be refused", refusalIsSaid)
	}
	s.that("an insert over a record is a conflict", func(s *suite) {
		old := s.full()
		h := s.insert(old)
		s.refused(h, 0, s.plain(), stores.ErrConflict)
		s.refused(h, 0, old, stores.ErrConflict)
		s.has(h, old)
	})
	s.that("another version is a conflict", func(s *suite) {
		// Neighbours that a float64, an int64 or 32 bits can't tell apart.
		for _, v := range []uint64{7, 1<<32 + 7, 1<<53 + 1, 1<<63 + 1, 1<<64 - 1} {
			old := s.full()
			old.Version = v
			h := s.insert(old)
			for _, seen := range []uint64{v - 1, v + 1, v ^ 1<<32, v ^ 1<<63} {
				if seen == 0 || seen == v {
					continue
				}
				next := s.plain()
				next.Version = 5
				s.refused(h, seen, next, stores.ErrConflict)
			}
			s.has(h, old)
		}
	})
	s.that("the version it names is replaced", func(s *suite) {
		rec := s.plain()
		h := s.insert(rec)
		for i := range uint64(5) {
			next := s.full()
			next.Version = 1<<64 - 1 - i // versions are random, not ascending
			s.save(h, rec.Version, next)
			s.refused(h, rec.Version, rec, stores.ErrConflict)
			s.has(h, next)
			rec = next
		}
	})
	s.that("a record that never was is not found, and not made", func(s *suite) {
		h := newHandle()
		s.refused(h, 1, s.plain(), stores.ErrNotFound)
		s.hasNot(h)
	})
	s.that("a record that was deleted is not found, and does not come back", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		s.delete(h)
		next := rec
		next.Version = 5
		s.refused(h, rec.Version, next, stores.ErrNotFound)
		s.hasNot(h)
	})
	s.that("one record's save leaves others alone", func(s *suite) {
		rec, other := s.plain(), s.full()
		h, o := s.insert(rec), s.insert(other)
		next := s.plain()
		next.Version = 5
		s.save(h, rec.Version, next)
		s.has(o, other)
		s.has(h, next)
	})
}

func saveIsAtomic(s *suite) {
	const writers = 16
	rounds := s.many(20, 5)
	s.that("of parallel saves over one version one wins", func(s *suite) {
		for range rounds {
			old := s.plain()
			h := s.insert(old)
			s.oneWins(writers, h, old.Version, stores.ErrConflict)
		}
	})
	s.that("of parallel inserts one wins", func(s *suite) {
		for range rounds {
			s.oneWins(writers, newHandle(), 0, stores.ErrConflict)
		}
	})
	s.that("a save that wins over a delete is deleted, one that loses is not found", func(s *suite) {
		for range rounds {
			old := s.plain()
			h := s.insert(old)
			next := s.full()
			var saved, deleted error
			s.together(2, func(i int) {
				if i == 0 {
					saved = s.table.Save(s.ctx, h, old.Version, next.Row())
				} else {
					deleted = s.table.Delete(s.ctx, h)
				}
			})
			if saved != nil && !errors.Is(saved, stores.ErrNotFound) {
				s.Errorf("save: %v; want ErrNotFound", saved)
			}
			if deleted != nil {
				s.Errorf("delete: %v", deleted)
			}
			s.hasNot(h)
		}
	})
}

func refusalIsSaid(s *suite) {
	s.table = s.config.full(s.tb)
	h := newHandle()
	s.refused(h, 0, s.plain(), stores.ErrRefused)
	s.hasNot(h)
	if _, err := stores.Keep(s.table).Save(s.ctx, stores.TokenOf(cookie, ""), s.plain(), true); errors.Is(err, stores.ErrOutcomeUnknown) {
		s.Errorf("a store of it says %v; want no doubt", err)
	}
}

// oneWins saves over one version from several goroutines at once.
func (s *suite) oneWins(writers int, h stores.Handle, expected uint64, otherwise error) {
	s.Helper()
	var won atomic.Uint64
	var wins atomic.Int32
	s.together(writers, func(i int) {
		rec := s.plain()
		rec.Version = uint64(100 + i)
		switch err := s.table.Save(s.ctx, h, expected, rec.Row()); {
		case err == nil:
			wins.Add(1)
			won.Store(rec.Version)
		case !errors.Is(err, otherwise):
			s.Errorf("a losing save: %v; want %v", err, otherwise)
		}
	})
	if n := wins.Load(); n != 1 {
		s.Fatalf("%d of %d parallel saves over version %d were accepted; want 1", n, writers, expected)
	}
	want := s.plain()
	want.Version = won.Load()
	s.has(h, want)
}

// together runs f n times at once.
func (s *suite) together(n int, f func(i int)) {
	s.Helper()
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	all.Wait()
}

func renewalIsOneSave(s *suite) {
	s.that("the new verifier is there, the old one is the previous", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		next := rec
		next.Version, next.Previous, next.Verifier, next.Renewed = 5, rec.Verifier, fill(11), s.now
		s.save(h, rec.Version, next)
		s.has(h, next)
		back := next
		back.Version, back.Previous, back.PreviousUntil = 6, [32]byte{}, s.now.Add(1e9)
		s.save(h, next.Version, back)
		s.has(h, back)
	})
	s.that("a change computed before the renewal is a conflict", func(s *suite) {
		rec := s.plain()
		h := s.insert(rec)
		renewed := rec
		renewed.Version, renewed.Verifier = 5, fill(12)
		s.save(h, rec.Version, renewed)
		late := rec
		late.Version = 6
		s.refused(h, rec.Version, late, stores.ErrConflict)
		s.has(h, renewed)
	})
	s.that("the old token is dead when the save returns", oldTokenIsDead)
}

func oldTokenIsDead(s *suite) {
	rec := s.plain()
	rec.Version = 0
	old, err := s.store.Save(s.ctx, stores.TokenOf(cookie, ""), rec, false)
	if err != nil {
		s.Fatalf("create: %v", err)
	}
	loaded, err := s.store.Load(s.ctx, old, s.now)
	if err != nil {
		s.Fatalf("load: %v", err)
	}
	renewed, err := s.store.Save(s.ctx, old, loaded, true)
	if err != nil {
		s.Fatalf("renew: %v", err)
	}
	if _, err := s.store.Load(s.ctx, old, s.now); !errors.Is(err, stores.ErrStale) {
		s.Errorf("the old token: error %v; want ErrStale", err)
	}
	again, err := s.store.Load(s.ctx, renewed, s.now)
	if err != nil || again.Handle != loaded.Handle || !again.Data.Equal(loaded.Data) {
		s.Errorf("the new token: %v; want the same record", err)
	}
	if _, err := s.store.Save(s.ctx, renewed, loaded, true); !errors.Is(err, stores.ErrConflict) {
		s.Errorf("a second renewal of the version before: error %v; want ErrConflict", err)
	}
}
