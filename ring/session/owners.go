package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Owners is a Store that finds and ends the sessions of an owner. [Keep] makes one of a Table that is a Lister.
type Owners interface {
	Lister

	// DeleteOwned ends the sessions of an owner, but those under the handles in except: the "log out everywhere" of a user, or
	// the end of an account. It returns how many it ended that had not expired by the system's clock. A session that can't be ended
	// keeps no other one: the error says of how many it is so, and joins why.
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
		if rec.Expires.IsZero() || now.Before(rec.Expires) { // zero: it can't be read, so another version's session maybe
			ended++
		}
	}
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("session: %d of the owner's sessions are not ended: %w", failed, errors.Join(why...)))
	}
	return ended, err
}

// maxWhy bounds the reasons in one error: a store that is down has the same one for each session.
const maxWhy = 10
