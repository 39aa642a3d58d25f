package storetest

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/signet-go/signet/stores"
)

// Others may use the same table, so the checks look at their own records.
func scanYieldsEachOnce(s *suite) {
	s.that("as it was saved, expired ones too", func(s *suite) {
		want := map[stores.Handle]stores.Record{}
		for range s.many(1100, 60) { // several pages
			rec := s.plain()
			want[s.insert(rec)] = rec
		}
		full, expired := s.full(), s.full()
		expired.Expires = s.now.Add(-30 * time.Second)
		for _, rec := range []stores.Record{full, expired} {
			want[s.insert(rec)] = rec
		}
		seen := map[stores.Handle]int{}
		for rec, err := range s.all(s.ctx) {
			if err != nil {
				s.Fatalf("scan: %v", err)
			}
			mine, ok := want[rec.Handle]
			if !ok {
				continue
			}
			seen[rec.Handle]++
			if d := s.difference(rec, mine); d != "" {
				s.Errorf("yielded a record whose %s", d)
			}
		}
		missing, twice := 0, 0
		for h := range want {
			switch seen[h] {
			case 0:
				missing++
			case 1:
			default:
				twice++
			}
			s.delete(h)
		}
		if s.duplicates {
			twice = 0
		}
		if missing+twice > 0 {
			s.Errorf("of %d records %d are missing and %d come more than once", len(want), missing, twice)
		}
	})
	s.that("what is ended while it yields disturbs nothing", func(s *suite) {
		mine := map[stores.Handle]bool{}
		for range 3 {
			mine[s.insert(s.plain())] = true
		}
		left := maps.Clone(mine)
		for rec, err := range s.all(s.ctx) {
			if err != nil {
				s.Fatalf("scan: %v", err)
			}
			if mine[rec.Handle] {
				delete(left, rec.Handle)
				s.delete(rec.Handle)
			}
		}
		if len(left) > 0 {
			s.Errorf("yielded all but %d of %d", len(left), len(mine))
		}
	})
	s.that("it stops when the caller breaks off", func(s *suite) {
		h := s.insert(s.plain())
		for range s.all(s.ctx) {
			break
		}
		s.delete(h)
	})
	s.that("a context that has ended", func(s *suite) {
		h := s.insert(s.plain())
		ctx, cancel := cancelled()
		defer cancel()
		var last error
		for _, err := range s.all(ctx) {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			s.Errorf("error %v; want that of the context", last)
		}
		s.delete(h)
	})
}

// all yields all records of the table.
func (s *suite) all(ctx context.Context) func(func(stores.Record, error) bool) {
	return stores.Keep(s.table).(stores.Iterable).All(ctx)
}
