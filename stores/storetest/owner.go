package storetest

import (
	"bytes"
	"slices"
	"time"

	"github.com/signet-go/signet/stores"
)

func recordsKnowTheirOwner(s *suite) {
	s.that("a record is listed when it is created with an owner", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		s.lists(rec.Owner, h)
		s.lists(newName())
	})
	s.that("a record is listed when somebody logs in, and after a renewal", func(s *suite) {
		rec := s.plain()
		h := s.insert(rec)
		in := rec
		in.Version, in.Owner = 5, newName()
		s.save(h, rec.Version, in)
		s.lists(in.Owner, h)
		renewed := in
		renewed.Version, renewed.Verifier = 6, fill(21)
		s.save(h, in.Version, renewed)
		s.lists(in.Owner, h)
		s.touch(h, renewed.Version, s.now.Add(time.Minute), renewed.Expires.Add(time.Minute))
		s.lists(in.Owner, h)
	})
	s.that("a record is no longer listed when it was deleted", func(s *suite) {
		rec := s.full()
		h, other := s.insert(rec), s.insert(rec)
		s.lists(rec.Owner, h, other)
		s.delete(h)
		s.lists(rec.Owner, other)
		s.delete(other)
		s.lists(rec.Owner)
	})
	s.that("a record is listed for its present owner only", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		next := rec
		next.Version, next.Owner = 5, newName()
		s.save(h, rec.Version, next)
		s.lists(rec.Owner)
		s.lists(next.Owner, h)
		nobody := next
		nobody.Version, nobody.Owner = 6, ""
		s.save(h, next.Version, nobody)
		s.lists(next.Owner)
	})
	s.that("a refused save lists nothing", func(s *suite) {
		rec, other := s.full(), s.full()
		h := s.insert(rec)
		other.Version = 5
		for seen, at := range map[uint64]stores.Handle{0: h, 3: h, 4: newHandle()} {
			if s.table.Save(s.ctx, at, seen, other.Row()) == nil {
				return // T2 reports that
			}
		}
		s.lists(other.Owner)
		s.lists(rec.Owner, h)
	})
	s.that("a handle that was deleted may come again", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		s.delete(h)
		again := s.full()
		s.save(h, 0, again)
		s.lists(rec.Owner)
		s.lists(again.Owner, h)
	})
	s.that("owners are told apart to the last byte", func(s *suite) {
		base := newName()
		handles := map[string]stores.Handle{}
		for _, owner := range []string{base + "ann", base + "Ann", base + "ann ", base + "änn", base + "a\u0308nn", base + "an_", base + "%"} {
			rec := s.plain()
			rec.Owner = owner
			handles[owner] = s.insert(rec)
		}
		for owner, h := range handles {
			s.lists(owner, h)
		}
	})
	s.that("nobody owns the anonymous ones", func(s *suite) {
		s.insert(s.plain())
		s.lists("")
	})
	s.that("what is listed is what is loaded", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		rec.Seen, rec.Expires = rec.Seen.Add(time.Minute), rec.Expires.Add(time.Minute)
		s.touch(h, rec.Version, rec.Seen, rec.Expires)
		loaded, err := s.load(h)
		if err != nil {
			s.Fatalf("load: %v", err)
		}
		for _, row := range s.list(rec.Owner) {
			got, err := row.Record()
			if err != nil {
				s.Errorf("listed a record that can't be read: %v", err)
			}
			if d := s.difference(got, loaded); d != "" {
				s.Errorf("listed a record whose %s", d)
			}
		}
	})
	s.that("parallel log-ins and log-outs leave what is there", parallelOwners)
	s.that("a record that was swept is no longer listed", func(s *suite) {
		s.require(aSweeper)
		rec := s.full()
		rec.Expires = s.now.Add(10 * time.Minute)
		h := s.insert(rec)
		s.sweep(s.now.Add(15 * time.Minute))
		if _, err := s.table.Load(s.ctx, h); err != nil { // else T4 reports that
			s.lists(rec.Owner)
		}
	})
	s.that("all of an owner can be ended but one", func(s *suite) {
		rec, other := s.full(), s.full()
		keep, stranger := s.insert(rec), s.insert(other)
		for range 4 {
			s.insert(rec)
		}
		n, err := stores.Keep(s.table).(stores.Owners).DeleteOwned(s.ctx, rec.Owner, keep)
		if n != 4 || err != nil {
			s.Errorf("ended %d, %v; want 4", n, err)
		}
		s.lists(rec.Owner, keep)
		s.lists(other.Owner, stranger)
	})
	s.that("a record that can't be read hides no other, and can be ended", func(s *suite) {
		rec := s.full()
		body := rec.Row().Body.Bytes()
		damaged, newer, whole := s.insertBytes(rec, brokenOff(body)), s.insertBytes(rec, newerFormat(body)), s.insert(rec)
		s.lists(rec.Owner, damaged, newer, whole)
		for _, got := range s.list(rec.Owner) {
			if got.Owner != rec.Owner {
				s.Errorf("listed for %q with the owner %q", rec.Owner, got.Owner)
			}
		}
		if n, err := stores.Keep(s.table).(stores.Owners).DeleteOwned(s.ctx, rec.Owner); n != 3 || err != nil {
			s.Errorf("ended %d, %v; want 3", n, err)
		}
		for _, h := range []stores.Handle{damaged, newer, whole} {
			s.hasNot(h)
		}
	})
	s.that("a context that has ended", func(s *suite) {
		rec := s.full()
		s.insert(rec)
		ctx, cancel := cancelled()
		defer cancel()
		if _, err := s.table.(stores.Lister).List(ctx, rec.Owner); err == nil || isAnswer(err) {
			s.Errorf("error %v; want a failure", err)
		}
	})
}

func parallelOwners(s *suite) {
	rec := s.full()
	all := make([]stores.Handle, s.many(64, 16))
	s.together(len(all), func(i int) {
		h := newHandle()
		if err := s.table.Save(s.ctx, h, 0, rec.Row()); err != nil {
			s.Errorf("save: %v", err)
		}
		if i%4 == 0 {
			if err := s.table.Delete(s.ctx, h); err != nil {
				s.Errorf("delete: %v", err)
			}
			return
		}
		all[i] = h
	})
	s.lists(rec.Owner, slices.DeleteFunc(all, func(h stores.Handle) bool { return h == stores.Handle{} })...)
}

func (s *suite) list(owner string) []stores.Row {
	s.Helper()
	rows, err := s.table.(stores.Lister).List(s.ctx, owner)
	if err != nil {
		s.Fatalf("list: %v", err)
	}
	return rows
}

// lists checks the handles of an owner's records.
func (s *suite) lists(owner string, want ...stores.Handle) {
	s.Helper()
	var got []stores.Handle
	for _, row := range s.list(owner) {
		got = append(got, row.Handle)
	}
	byBytes := func(a, b stores.Handle) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(got, byBytes)
	slices.SortFunc(want, byBytes)
	if !slices.Equal(got, want) {
		s.Errorf("%q has the sessions %v; want %v", owner, got, want)
	}
}
