package stores

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Owners is a Store that finds and ends the sessions of an owner. [Keep] makes one of a Table that is a Lister.
type Owners interface {
	// List returns the owner's sessions, including expired ones. For a moment it may return too many, but never too few. A
	// session that can't be read hides no other and is no error: it is listed with its Handle, its Owner and what else is
	// known of it, so that it can be ended. With an error, the records are those that were found nevertheless.
	List(ctx context.Context, owner string) ([]Record, error)

	// DeleteOwned ends the sessions of an owner except those under the given handles, as for "log out everywhere" or the
	// end of an account. It returns how many sessions it ended that had not expired by the system's clock. If a session can't
	// be ended, the others are ended all the same; the error says how many were not, and joins the reasons.
	DeleteOwned(ctx context.Context, owner string, except ...Handle) (int, error)
}

// owners is the Owners of a table.
type owners struct {
	lister Lister
	table  Table
}

// List implements Owners.
func (o owners) List(ctx context.Context, owner string) ([]Record, error) {
	rows, err := o.lister.List(ctx, owner)
	recs := make([]Record, len(rows))
	for i := range rows {
		_ = rows[i].toRecord(&recs[i]) // what can't be read is listed nevertheless
	}
	return recs, err
}

// DeleteOwned implements Owners.
func (o owners) DeleteOwned(ctx context.Context, owner string, except ...Handle) (int, error) {
	recs, err := o.List(ctx, owner)
	now := time.Now()
	ended, failed := 0, 0
	var why []error
	for _, rec := range recs {
		if slices.Contains(except, rec.Handle) {
			continue
		}
		if err := o.table.Delete(ctx, rec.Handle); err != nil {
			if failed++; failed <= maxWhy {
				why = append(why, err)
			}
			continue
		}
		if rec.Expires.IsZero() || now.Before(rec.Expires) { // zero: it can't be read, and may be live for another version of the program
			ended++
		}
	}
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("stores: %d of the owner's sessions are not ended: %w", failed, errors.Join(why...)))
	}
	return ended, err
}

// maxWhy bounds the reasons in one error, as a store that is down fails for each session with the same one.
const maxWhy = 10
