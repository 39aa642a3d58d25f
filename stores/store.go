package stores

import (
	"context"
	"time"
)

// A Store is what session.Wrap needs: it takes tokens and returns records. [Keep] makes one of a [Table]. A store that seals
// the record into the token implements Store itself. Every method honours its context and is safe for concurrent use.
//
// The interfaces [Owners], [Sweeper], [Iterable] and [Sealer] say what else a store can do. A type around a store keeps them if it
// embeds the store's own type, as in struct{ *memory.Store }. If it embeds the interface, as in struct{ stores.Store }, it
// hides them; then give it the method Unwrap() stores.Store, which returns the store inside, for [As].
type Store interface {
	// Load returns the session of the token as of now. If the token opens no session, the error is ErrMalformed,
	// ErrNotFound, ErrExpired, ErrStale or ErrUndecodable; any other error is a failure of the store. With ErrStale the
	// record holds the handle and the owner, and nothing else, if the token was the session's last one.
	Load(ctx context.Context, t Token, now time.Time) (Record, error)

	// Save stores rec, as of rec.Seen, and returns the token that is valid from now on. With a token that IsZero it
	// creates a session, for the cookie that the token names. Otherwise rec.Version is the version that rec was computed
	// from: if the store has another version the error is ErrConflict, if it has none ErrNotFound. If renew is set, the
	// session gets a new token in the same step and the old one is dead. ErrTooLarge means that nothing was done.
	Save(ctx context.Context, t Token, rec Record, renew bool) (Token, error)

	// Touch moves Seen and Expires of exactly the version in rec. If another write came first, Touch does nothing and
	// returns nil.
	Touch(ctx context.Context, t Token, rec Record) error

	// Delete ends the session of the token, whatever token the session has by now. Deleting what is absent is no error.
	Delete(ctx context.Context, t Token) error
}

// A Sealer is a Store whose tokens are the sessions themselves, sealed: every write returns a new token, and tokens already
// issued cannot be changed. So with a Sealer a session that is only read idles, and Idle 0 in session.Options is no limit.
type Sealer interface {
	Store
	Seals() // does nothing
}

// As returns store as a T, such as [Sweeper]. If store isn't one, As returns the first store inside of it that is, found by
// the method Unwrap() Store. It reports whether there is one.
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
