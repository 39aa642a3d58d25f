package storetest

import (
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

func deleteEnds(s *suite) {
	s.that("what was deleted is not found", func(s *suite) {
		h := s.insert(s.full())
		s.delete(h)
		s.hasNot(h)
	})
	s.that("what is absent is no error", func(s *suite) {
		h := s.insert(s.full())
		s.delete(h)
		s.delete(h)
		s.delete(newHandle())
	})
	s.that("whatever version it has", func(s *suite) {
		rec := s.plain()
		h := s.insert(rec)
		next := s.full()
		s.save(h, rec.Version, next)
		s.touch(h, next.Version, s.now, next.Expires.Add(time.Hour))
		s.delete(h)
		s.hasNot(h)
	})
	s.that("what can't be read", func(s *suite) {
		h := s.insertBytes(s.full(), []byte("<html>"))
		s.delete(h)
		s.hasNot(h)
	})
	s.that("others stay", func(s *suite) {
		rec := s.full()
		h, o := s.insert(rec), s.insert(rec)
		s.delete(h)
		s.has(o, rec)
	})
	s.that("parallel deletes are no errors", func(s *suite) {
		h := s.insert(s.full())
		s.together(8, func(int) {
			if err := s.table.Delete(s.ctx, h); err != nil {
				s.Errorf("delete: %v", err)
			}
		})
		s.hasNot(h)
	})
}

// A record is expired here by the now that Sweep is given, while an engine's own clock still lets it live.
func sweepTakesTheExpired(s *suite) {
	s.that("an expired record goes, a live one stays", func(s *suite) {
		brief, long := s.full(), s.full()
		brief.Expires, long.Expires = s.now.Add(10*time.Minute), s.now.Add(20*time.Minute)
		gone, stays := s.insert(brief), s.insert(long)
		s.sweep(s.now.Add(15 * time.Minute))
		s.hasNot(gone)
		s.has(stays, long)
	})
	s.that("not before a minute has passed", func(s *suite) {
		rec := s.full()
		rec.Expires = s.now.Add(10 * time.Minute)
		h := s.insert(rec)
		for _, d := range []time.Duration{-time.Minute, 0, time.Second, time.Minute - time.Microsecond} {
			s.sweep(rec.Expires.Add(d))
			s.has(h, rec)
		}
		s.sweep(rec.Expires.Add(5 * time.Minute))
		s.hasNot(h)
	})
	s.that("what was touched or saved since stays", func(s *suite) {
		rec := s.full()
		rec.Expires = s.now.Add(10 * time.Minute)
		touched, saved, faded := s.insert(rec), s.insert(rec), s.insert(rec)
		later := rec
		later.Expires = s.now.Add(20 * time.Minute)
		s.touch(touched, rec.Version, later.Seen, later.Expires)
		later.Version = 5
		s.save(saved, rec.Version, later)
		earlier := s.plain()
		earlier.Version, earlier.Expires = 6, s.now.Add(time.Minute)
		s.save(faded, rec.Version, earlier)

		s.sweep(s.now.Add(7 * time.Minute))
		s.hasNot(faded)
		s.sweep(s.now.Add(16 * time.Minute))
		s.isThere(saved)
		s.isThere(touched)
		s.sweep(s.now.Add(26 * time.Minute))
		s.hasNot(saved)
		s.hasNot(touched)
	})
	s.that("however many there are", func(s *suite) {
		rec := s.full()
		rec.Expires = s.now.Add(10 * time.Minute)
		all := make([]stores.Handle, s.many(2500, 300))
		for i := range all {
			all[i] = s.insert(rec)
		}
		if n := s.sweep(s.now.Add(15 * time.Minute)); n < len(all) {
			s.Errorf("sweep says that it removed %d of %d", n, len(all))
		}
		for _, h := range all {
			s.hasNot(h)
		}
	})
	s.that("a save beside it holds, or is told", sweepBesideSaves)
	s.that("a context that has ended", func(s *suite) {
		rec := s.full()
		rec.Expires = s.now.Add(10 * time.Minute)
		h := s.insert(rec)
		ctx, cancel := cancelled()
		defer cancel()
		if _, err := s.table.(stores.Sweeper).Sweep(ctx, s.now.Add(15*time.Minute)); err == nil || isAnswer(err) {
			s.Errorf("error %v; want a failure", err)
		}
		s.sweep(s.now.Add(15 * time.Minute))
		s.hasNot(h)
	})
}

// sweep goes on for as long as a step has removed something, and returns how many that were.
func (s *suite) sweep(now time.Time) int {
	s.Helper()
	total := 0
	for range 10000 {
		n, err := s.table.(stores.Sweeper).Sweep(s.ctx, now)
		if err != nil {
			s.Fatalf("sweep: %v", err)
		}
		if total += n; n == 0 {
			return total
		}
	}
	s.Fatalf("sweep says after 10000 times that it has removed something")
	return 0
}

func sweepBesideSaves(s *suite) {
	rec := s.full()
	rec.Expires = s.now.Add(10 * time.Minute)
	next := rec
	next.Version, next.Expires = 5, s.now.Add(20*time.Minute)
	for range s.many(40, 20) {
		all := make([]stores.Handle, 16)
		for i := range all {
			all[i] = s.insert(rec)
		}
		saved := make([]error, len(all))
		s.together(5, func(i int) {
			if i == 4 {
				s.sweep(s.now.Add(15 * time.Minute))
				return
			}
			for j := i; j < len(all); j += 4 {
				saved[j] = s.table.Save(s.ctx, all[j], rec.Version, next.Row())
			}
		})
		for i, h := range all {
			switch {
			case saved[i] == nil:
				s.has(h, next)
			case errors.Is(saved[i], stores.ErrNotFound):
				s.hasNot(h)
			case errors.Is(saved[i], stores.ErrConflict):
				// A database with strict isolation may give up a statement each time that it is sent, in favour of the
				// sweep. Then nothing was saved, and the sweep may have been first or not.
				if got, err := s.load(h); err == nil {
					if d := s.difference(got, rec); d != "" {
						s.Errorf("a save was a conflict, and then a record was loaded whose %s", d)
					}
				} else if !errors.Is(err, stores.ErrNotFound) {
					s.Errorf("load: %v", err)
				}
			default:
				s.Errorf("save: %v; want none, ErrNotFound or ErrConflict", saved[i])
			}
			s.delete(h)
		}
	}
}
