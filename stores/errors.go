package stores

import (
	"errors"
	"fmt"

	"github.com/signet-go/signet/internal/wire"
)

// Load of a Store returns these errors if the token opens no session. They are answers, not failures.
var (
	// ErrNotFound: no session has this handle, or the secret does not match. Tables return it for a handle they don't
	// have.
	ErrNotFound = errors.New("stores: not found")
	// ErrMalformed: this store can't have made the token, so it was not looked up.
	ErrMalformed = errors.New("stores: malformed token")
	// ErrExpired: the session has outlived a limit.
	ErrExpired = errors.New("stores: expired")
	// ErrStale: the session got a new token within the last minute.
	ErrStale = errors.New("stores: stale token")
	// ErrUndecodable: the stored bytes are not a session. Package session also returns it for a key whose value is not of
	// the key's type.
	ErrUndecodable = wire.ErrUndecodable
)

// ErrNewerFormat is returned for stored bytes that a newer version of this module has written. It is a failure: the newer
// program runs beside this one, and would lose what it wrote.
var ErrNewerFormat = wire.ErrNewerFormat

// Save returns these errors. After ErrOutcomeUnknown the change may or may not be stored; after the others it is not, and will
// not be.
var (
	// ErrConflict: the stored version is not the one that the change was computed from.
	ErrConflict = errors.New("stores: conflict")
	// ErrRefused: the store does not take the session, for the reason that the error says. An error of a Table that wraps
	// it is an answer: Save is not tried again. The response then fails with status 503.
	ErrRefused = errors.New("stores: refused")
	// ErrTooLarge wraps ErrRefused: the store can't take a session of this size. The response then fails with status 413, and its
	// error names the biggest keys.
	ErrTooLarge = fmt.Errorf("%w: too large for the store", ErrRefused)
	// ErrOutcomeUnknown: the store's answer was lost, and what it holds now doesn't tell whether the change was made.
	ErrOutcomeUnknown = errors.New("stores: unknown whether the change was stored")
)
