package stores

import (
	"context"
	"time"
)

// A Table is what most stores implement: it keeps records by their public handle and decides nothing. The package
// comment has the rules that it must observe. Every method honours its context and is safe for concurrent use. Run package
// storetest on yours.
type Table interface {
	// Load returns the record, or ErrNotFound. It may return an expired one. If a stored record can't be read, Load returns
	// the error of ParseData or ParseRecord.
	Load(ctx context.Context, h Handle) (Record, error)

	// Save stores rec under h in one atomic step. If expected is 0 it inserts, and an existing record is ErrConflict.
	// Otherwise it replaces exactly the record whose version is expected: another version is ErrConflict, no record
	// ErrNotFound. It is never an upsert.
	Save(ctx context.Context, h Handle, expected uint64, rec Record) error

	// Touch sets Seen and Expires of the record if its version is the given one and expires is later than what the record
	// has. Otherwise it changes nothing and returns nil.
	Touch(ctx context.Context, h Handle, version uint64, seen, expires time.Time) error

	// Delete removes the record. Deleting what is absent is no error.
	Delete(ctx context.Context, h Handle) error
}

// A Lister is a Table or Store that finds the sessions of an owner, at a cost in proportion to their number.
type Lister interface {
	// List returns the owner's records with their handles, including expired ones. For a moment it may return too many,
	// but never too few. A record that can't be read hides no other and is no error: it is listed with its Handle, its
	// Owner and what else is known of it, so that it can be ended. With an error, the records are those that were found
	// nevertheless.
	List(ctx context.Context, owner string) ([]Record, error)
}

// A Sweeper is a Table or Store that removes expired sessions when it is asked to.
type Sweeper interface {
	// Sweep removes records that have been expired for over a minute, in bounded steps, and returns how many.
	Sweep(ctx context.Context, now time.Time) (int, error)
}
