package session

import (
	"errors"

	"github.com/signet-go/signet/stores"
)

// A Store is where sessions are kept; see package stores. The packages below it have ready-made ones.
type Store = stores.Store

// A Handle names a session in a store. It may be logged and shown, as it opens nothing.
type Handle = stores.Handle

// Errors of a store that an application may look for.
var (
	// ErrUndecodable is returned for a key whose value is not of its type, and for stored bytes that are not a session.
	ErrUndecodable = stores.ErrUndecodable
	// ErrTooLarge: the session is larger than Options.MaxBytes or the store allows. The error names the biggest keys.
	ErrTooLarge = stores.ErrTooLarge
	// ErrOutcomeUnknown: the store's answer was lost, so the change may or may not be stored.
	ErrOutcomeUnknown = stores.ErrOutcomeUnknown
	// ErrNotFound is returned by [Sessions]: there is no such session, or it has ended or expired.
	ErrNotFound = stores.ErrNotFound
	// ErrUnsupported is returned by [Sessions] for a store that can't do what is asked.
	ErrUnsupported = errors.New("session: not in this store")
)
