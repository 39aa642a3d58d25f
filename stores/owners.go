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
	Lister

	// DeleteOwned ends the sessions of an owner except those under the given handles, as for "log out everywhere" or the
	// end of an account. It returns how many sessions it ended that had not expired by the system's clock. If a session can't
	// be ended, the others are ended all the same; the error says how many were not, and joins the reasons.
	DeleteOwned(ctx context.Context, owner string, except ...Handle) (int, error)
}

// owners is the Owners of a table.
type owners struct {
	Lister
	table Table
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
