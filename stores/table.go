package stores

import (
	"context"
	"iter"
	"time"
)

// A Row is what a [Table] keeps of a session, in columns or as it is. Tables look at Version, Owner, Seen and Expires; all else
// is in Body.
type Row struct {
	Handle  Handle    // in the rows of List only: elsewhere it is an argument
	Login   bool      // for Save: Owner has just logged in. A hint for an index of owners, which need not be stored
	Version uint64    // drawn at random by each write; never 0
	Owner   string    // "" for an anonymous session
	Seen    time.Time // the last write or touch
	Expires time.Time // when it is dead unless something happens
	Body    Body
}

// A Table is what most stores implement: it keeps rows by a public handle and decides nothing. The package comment has the
// rules that it must observe. Every method honours its context and is safe for concurrent use. Run package storetest on yours.
type Table interface {
	// Load returns the row, or ErrNotFound. It may return an expired one. A table that can't make out what it has stored
	// returns a Row with version 0 and BodyOf(""), which is no session.
	Load(ctx context.Context, h Handle) (Row, error)

	// Save stores row under h in one atomic step. If expected is 0 it inserts, and an existing row is ErrConflict. Otherwise
	// it replaces exactly the row whose version is expected: another version is ErrConflict, no row ErrNotFound. It is never
	// an upsert.
	Save(ctx context.Context, h Handle, expected uint64, row Row) error

	// Touch sets Seen and Expires of the row if its version is the given one and expires is later than what the row has.
	// Otherwise it changes nothing and returns nil.
	Touch(ctx context.Context, h Handle, version uint64, seen, expires time.Time) error

	// Delete removes the row. Deleting what is absent is no error.
	Delete(ctx context.Context, h Handle) error
}

// A Lister is a Table that finds the sessions of an owner, at a cost in proportion to their number.
type Lister interface {
	// List returns the owner's rows with their handles, including expired ones. For a moment it may return too many, but
	// never too few. With an error, the rows are those that were found nevertheless.
	List(ctx context.Context, owner string) ([]Row, error)
}

// A Scanner is a Table that yields all its rows, for a list of who is here and for statistics.
type Scanner interface {
	// Scan yields each row once, with its Handle, expired ones included. The order is the table's. A row may come twice if the
	// engine promises no better, as Redis does. Scan holds a bounded number of rows at a time, and no lock while it yields. A
	// row that is inserted, changed or removed meanwhile is yielded as it was before, as it is after, or not at all. An error
	// comes with the zero Row and ends it.
	Scan(ctx context.Context) iter.Seq2[Row, error]
}

// A Sweeper is a Table or Store that removes expired sessions when it is asked to.
type Sweeper interface {
	// Sweep removes sessions that have been expired for over a minute, in bounded steps, and returns how many.
	Sweep(ctx context.Context, now time.Time) (int, error)
}
