package storetest

import "time"

func touchIsNoWrite(s *suite) {
	s.that("it moves seen and expiry, and nothing else", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		for range 3 {
			rec.Seen, rec.Expires = rec.Seen.Add(time.Minute), rec.Expires.Add(time.Minute)
			s.touch(h, rec.Version, rec.Seen, rec.Expires)
			s.has(h, rec)
		}
		// The version is still the one that a save names.
		next := s.full()
		s.save(h, rec.Version, next)
		s.has(h, next)
	})
	s.that("it never goes backwards", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		s.touch(h, rec.Version, s.now, rec.Expires)
		s.touch(h, rec.Version, s.now, rec.Expires.Add(-time.Microsecond))
		s.touch(h, rec.Version, s.now, rec.Expires.Add(-time.Hour))
		s.has(h, rec)
	})
	s.that("it does nothing to another version", func(s *suite) {
		for _, v := range []uint64{7, 1<<53 + 1, 1<<63 + 1} {
			rec := s.full()
			rec.Version = v
			h := s.insert(rec)
			for _, other := range []uint64{v - 1, v + 1, v ^ 1<<63, 0} {
				s.touch(h, other, s.now, rec.Expires.Add(time.Hour))
			}
			s.has(h, rec)
		}
	})
	s.that("it makes no record", func(s *suite) {
		h := newHandle()
		s.touch(h, 1, s.now, s.now.Add(time.Hour))
		s.touch(h, 0, s.now, s.now.Add(time.Hour))
		s.hasNot(h)
	})
	s.that("it does not bring a deleted record back", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		s.delete(h)
		s.touch(h, rec.Version, s.now, rec.Expires.Add(time.Hour))
		s.hasNot(h)
	})
	s.that("of parallel touches the latest stays", func(s *suite) {
		for range s.many(20, 5) {
			rec := s.full()
			h := s.insert(rec)
			s.together(8, func(i int) {
				d := time.Duration(i+1) * time.Minute
				s.touch(h, rec.Version, rec.Seen.Add(d), rec.Expires.Add(d))
			})
			want := rec
			want.Seen, want.Expires = rec.Seen.Add(8*time.Minute), rec.Expires.Add(8*time.Minute)
			s.has(h, want)
		}
	})
	s.that("a touch never undoes a save beside it", func(s *suite) {
		for range s.many(20, 5) {
			old := s.plain()
			h := s.insert(old)
			next := s.full()
			s.together(2, func(i int) {
				if i == 0 {
					s.save(h, old.Version, next)
				} else {
					s.touch(h, old.Version, s.now, next.Expires.Add(1e9))
				}
			})
			s.has(h, next)
		}
	})
}
