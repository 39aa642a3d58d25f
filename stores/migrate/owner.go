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

// List implements stores.Lister. It costs one call for each of the owner's sessions that has not moved. A
// failure returns what was found nevertheless.
func (l lister) List(ctx context.Context, owner string) ([]stores.Row, error) {
	// The old table first: what moves after that is found in the other one.
	old, err := l.from.List(ctx, owner)
	rows, lerr := l.to.List(ctx, owner)
	errs := []error{err, lerr}
	listed := map[stores.Handle]bool{}
	for _, row := range rows {
		listed[row.Handle] = true
	}
	for _, row := range old {
		if listed[row.Handle] {
			continue
		}
		switch now, err := l.table.to.Load(ctx, row.Handle); {
		case isAbsent(err):
			rows = append(rows, row)
		case err != nil:
			rows, errs = append(rows, row), append(errs, err)
		case now.Version == 0: // whose it is can't be read; it was this owner's
			rows = append(rows, stores.Row{Handle: row.Handle, Owner: owner, Body: now.Body})
		case now.Owner == owner: // it has moved in this moment
			now.Handle = row.Handle
			rows = append(rows, now)
		}
	}
	return rows, errors.Join(errs...)
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
