package session

import (
	"context"
	"errors"
	"time"
)

// Store is what [Wrap] needs: tokens in, records out. [Keep] makes one of a [Table]; a store that seals the record into the
// token implements it itself. Every method honours its context and is safe for concurrent use.
//
// What else a store can do is said by interfaces of their own: [Owners], [Sweeper], [Sealer]. A type around a store
// keeps them if it embeds the store's own type, as in struct{ *memory.Store }. If it embeds the interface, as in struct{ session.Store },
// it hides them: then give it the method Unwrap() session.Store, which returns the store inside, for [As].
type Store interface {
	// Load returns the session under the token as of now. What is no session gives one of ErrMalformed, ErrNotFound,
	// ErrExpired, ErrStale and ErrUndecodable; any other error is a failure of the store. With ErrStale the record holds
	// the handle and the owner, and nothing else, if the token was the session's last one.
	Load(ctx context.Context, t Token, now time.Time) (Record, error)

	// Save stores rec, as of rec.Seen, and returns the token that is valid from now on. With a token that IsZero it
	// creates a session, for the cookie that the token names. Otherwise rec.Version is the version that rec was computed from: where the store has another one,
	// the error is ErrConflict, where it has none ErrNotFound. If renew is set, the session gets a new token in the
	// same step and the old one is dead. What is too large is refused with ErrTooLarge before anything is done.
	Save(ctx context.Context, t Token, rec Record, renew bool) (Token, error)

	// Touch moves Seen and Expires of exactly the version in rec. Losing against another write is no error.
	Touch(ctx context.Context, t Token, rec Record) error

	// Delete ends the session of the token, whatever token it has by now. Deleting what is absent is no error.
	Delete(ctx context.Context, t Token) error
}

// A Sealer is a Store whose tokens are the sessions themselves, sealed: a new one comes of each write, and nothing that was
// given out can be touched. So with a Sealer a session that is only read idles, and Idle 0 is no limit.
type Sealer interface {
	Store
	Seals() // does nothing
}

// As returns store as a T, such as [Sweeper], or if it isn't one, the first store inside of it that is, by the methods
// Unwrap() Store on the way. It reports whether there is one.
func As[T any](store Store) (t T, ok bool) {
	for store != nil {
		if t, ok = store.(T); ok {
			return t, true
		}
		outer, wraps := store.(interface{ Unwrap() Store })
		if !wraps {
			break
		}
		store = outer.Unwrap()
	}
	return t, false
}

// Table is what a server-side store implements: it keeps records by their public handle and decides nothing. Every
// method honours its context and is safe for concurrent use. Run stores/storetest on yours.
type Table interface {
	// Load returns the record, or ErrNotFound. It may return an expired one. A stored record that can't be read is
	// the error of ParseData or ParseRecord.
	Load(ctx context.Context, h Handle) (Record, error)

	// Save stores rec under h in one atomic step. With seen 0 it inserts, and an existing record is ErrConflict.
	// Otherwise it replaces exactly the record whose version is seen: another version is ErrConflict, no record
	// ErrNotFound. It is never an upsert.
	Save(ctx context.Context, h Handle, seen uint64, rec Record) error

	// Touch sets Seen and Expires of the record if its version is the given one and expires is later than what it
	// has. Anything else changes nothing and is no error.
	Touch(ctx context.Context, h Handle, version uint64, seen, expires time.Time) error

	// Delete removes the record; deleting what is absent is no error.
	Delete(ctx context.Context, h Handle) error
}

// ErrConflict is returned by Save where the stored version is not the one that the change was computed from.
var ErrConflict = errors.New("session: conflict")

// ErrTooLarge is returned by Save of a Store that can't take a session of this size. The response then fails, and its error
// names the biggest keys; so it does where a session is larger than MaxBytes of [Options].
var ErrTooLarge = errors.New("session: too large for the store")

// ErrOutcomeUnknown is returned by Save where the store's answer was lost and what it holds now doesn't tell whether
// the change was made.
var ErrOutcomeUnknown = errors.New("session: unknown whether the change was stored")

// A Lister is a Table or Store that finds the sessions of an owner, at a cost in proportion to their number.
type Lister interface {
	// List returns the owner's records with their handles, expired ones too. It may name too much for a moment,
	// never too little. A record that can't be read hides no other and is no error: it is listed with its Handle and Owner, and with
	// what else is known of it, so that it can be ended. With an error, the records are those that were found nevertheless.
	List(ctx context.Context, owner string) ([]Record, error)
}

// A Sweeper is a Table or Store that removes what has expired when it is asked to.
type Sweeper interface {
	// Sweep removes records that have been expired for over a minute, in bounded steps, and returns how many.
	Sweep(ctx context.Context, now time.Time) (int, error)
}
