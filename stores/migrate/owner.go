package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// List implements session.Lister; where a table can't list, the error is errors.ErrUnsupported. It costs one call for each
// of the owner's sessions that has not moved. One that can't be read is listed by its handle; a failure returns what was
// found nevertheless.
func (t *Table) List(ctx context.Context, owner string) ([]session.Record, error) {
	from, ok := t.from.(session.Lister)
	to, both := t.to.(session.Lister)
	if !ok || !both {
		return nil, fmt.Errorf("migrate: list: %w", errors.ErrUnsupported)
	}
	// The old table first: what moves after that is found in the other one.
	old, err := from.List(ctx, owner)
	recs, lerr := to.List(ctx, owner)
	errs := []error{err, lerr}
	listed := map[session.Handle]bool{}
	for _, rec := range recs {
		listed[rec.Handle] = true
	}
	for _, rec := range old {
		if listed[rec.Handle] {
			continue
		}
		switch now, err := t.to.Load(ctx, rec.Handle); {
		case isAbsent(err):
			recs = append(recs, rec)
		case isUnreadable(err): // whose it is can't be read either; it was this owner's
			recs = append(recs, session.Record{Handle: rec.Handle, Owner: owner})
		case err != nil:
			recs, errs = append(recs, rec), append(errs, err)
		case now.Owner == owner: // it has moved in this moment
			now.Handle = rec.Handle
			recs = append(recs, now)
		}
	}
	return recs, errors.Join(errs...)
}

// Sweep implements session.Sweeper for the tables that do; where none does, the error is errors.ErrUnsupported.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	total, any := 0, false
	for _, table := range []session.Table{t.from, t.to} {
		s, ok := table.(session.Sweeper)
		if !ok {
			continue
		}
		n, err := s.Sweep(ctx, now)
		if total += n; err != nil {
			if errors.Is(err, errors.ErrUnsupported) {
				continue
			}
			return total, err
		}
		any = true
	}
	if !any {
		return 0, fmt.Errorf("migrate: sweep: %w", errors.ErrUnsupported)
	}
	return total, nil
}
