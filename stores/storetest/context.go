package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// isAnswer reports whether an error says something about a session, other than that the table failed.
func isAnswer(err error) bool {
	return errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict)
}

func cancelled() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx, cancel
}

func late() (context.Context, context.CancelFunc) {
	return context.WithDeadline(context.Background(), time.Unix(1, 0))
}

func callsHonourTheirContext(s *suite) {
	for _, c := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
	}{{"cancelled", cancelled}, {"past its deadline", late}} {
		s.that("a context that is "+c.name, func(s *suite) {
			rec := s.full()
			h := s.insert(rec)
			next := s.plain()
			next.Version = 5
			ctx, cancel := c.ctx()
			defer cancel()
			for call, f := range map[string]func() error{
				"load": func() error { _, err := s.table.Load(ctx, h); return err },
				"load of nothing": func() error {
					_, err := s.table.Load(ctx, newHandle())
					return err
				},
				"insert":            func() error { return s.table.Save(ctx, newHandle(), 0, next.Row()) },
				"insert over one":   func() error { return s.table.Save(ctx, h, 0, next.Row()) },
				"save":              func() error { return s.table.Save(ctx, h, rec.Version, next.Row()) },
				"save of another":   func() error { return s.table.Save(ctx, h, 99, next.Row()) },
				"save of nothing":   func() error { return s.table.Save(ctx, newHandle(), 99, next.Row()) },
				"touch":             func() error { return s.table.Touch(ctx, h, rec.Version, s.now, s.now.Add(2*time.Hour)) },
				"delete":            func() error { return s.table.Delete(ctx, h) },
				"delete of nothing": func() error { return s.table.Delete(ctx, newHandle()) },
			} {
				if err := promptly(s, call, f); err == nil || isAnswer(err) {
					s.Errorf("%s: error %v; want a failure", call, err)
				}
			}
			// And the table still works.
			s.roundTrip(s.full())
		})
	}
	s.that("a cancelled call leaves others alone", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		ctx, cancel := cancelled()
		defer cancel()
		s.together(16, func(i int) {
			if i%2 == 0 {
				_, _ = s.table.Load(ctx, h)
				return
			}
			s.has(h, rec)
		})
	})
}
