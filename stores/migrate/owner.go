package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// lister finds an owner's records in both tables.
type lister struct {
	table    *table
	from, to stores.Lister
}

func newLister(t *table) (lister, bool) {
	from, ok := t.from.(stores.Lister)
	to, both := t.to.(stores.Lister)
	return lister{t, from, to}, ok && both
}

// List implements stores.Lister. It costs one call for each of the owner's sessions that has not moved. One that can't be read is
// listed by its handle; a failure returns what was found nevertheless.
func (l lister) List(ctx context.Context, owner string) ([]stores.Record, error) {
	// The old table first: what moves after that is found in the other one.
	old, err := l.from.List(ctx, owner)
	recs, lerr := l.to.List(ctx, owner)
	errs := []error{err, lerr}
	listed := map[stores.Handle]bool{}
	for _, rec := range recs {
		listed[rec.Handle] = true
	}
	for _, rec := range old {
		if listed[rec.Handle] {
			continue
		}
		switch now, err := l.table.to.Load(ctx, rec.Handle); {
		case isAbsent(err):
			recs = append(recs, rec)
		case isUnreadable(err): // whose it is can't be read either; it was this owner's
			recs = append(recs, stores.Record{Handle: rec.Handle, Owner: owner})
		case err != nil:
			recs, errs = append(recs, rec), append(errs, err)
		case now.Owner == owner: // it has moved in this moment
			now.Handle = rec.Handle
			recs = append(recs, now)
		}
	}
	return recs, errors.Join(errs...)
}

// sweeper are those of the tables that sweep.
type sweeper []stores.Sweeper

func newSweeper(t *table) (s sweeper, ok bool) {
	for _, table := range []stores.Table{t.from, t.to} {
		if one, sweeps := table.(stores.Sweeper); sweeps {
			s = append(s, one)
		}
	}
	return s, s != nil
}

// Sweep implements stores.Sweeper. If one table fails, the other one is swept nevertheless.
func (s sweeper) Sweep(ctx context.Context, now time.Time) (total int, err error) {
	for _, table := range s {
		n, serr := table.Sweep(ctx, now)
		total, err = total+n, errors.Join(err, serr)
	}
	return total, err
}
