// Package wire is how the content of a session is stored: MessagePack in one canonical spelling, so that equal values have
// equal bytes.
//
// Bytes from outside come in by [Parse], or by [ParseMap] if something follows the map. Both walk the bytes once and trust no length in
// them. All other functions rely on that: they read what has been walked or what this package has written. Nothing here decodes
// into Go values; that is done by package session.
package wire

import (
	"errors"
	"fmt"
)

// What must never happen is that a decoder by reflection reads bytes which nobody has walked: it allocates what a length claims,
// and recurses as deep as they nest. Either ends the process, and recover can't catch it.

// The texts say "session", as package session and package stores both return these errors.
var (
	// ErrUndecodable is returned for bytes that are not the content of a session.
	ErrUndecodable = errors.New("session: undecodable")

	// ErrNewerFormat is returned for bytes that begin with a format that this package does not know yet.
	ErrNewerFormat = errors.New("session: stored by a newer version")

	// ErrNested is returned by Walk for a value that nests too deeply. It wraps ErrUndecodable.
	ErrNested = fmt.Errorf("%w: nested deeper than %d", ErrUndecodable, MaxDepth)
)

const (
	MaxDepth = 16      // levels of arrays and maps, the session itself included
	MaxKey   = 255     // bytes of a key's name
	MaxKeys  = 1 << 20 // in a session

	DefaultMax = 64 << 10 // bytes of a session, unless a caller says otherwise
)

// Extensions that times are stored as. Package session encodes and decodes them.
const (
	ExtTime   = -1 // MessagePack's timestamp, of 4, 8 or 12 bytes
	ExtZoned  = 5  // a timestamp of 12 bytes and an offset from UTC of 4
	ZonedSize = 16 // bytes of ExtZoned
)

const (
	format     = 1  // the first byte of everything that is stored
	lastFormat = 15 // the last format that a newer version may use; other bytes are letters, or otherwise no format
)

// CheckFormat checks the size and the format byte of a stored session. The error wraps ErrUndecodable or ErrNewerFormat.
func CheckFormat[T string | []byte](b T, max int) error {
	switch {
	case len(b) > max:
		return fmt.Errorf("%w: %d bytes are more than %d", ErrUndecodable, len(b), max)
	case len(b) == 0:
		return fmt.Errorf("%w: no bytes at all", ErrUndecodable)
	case b[0] > format && b[0] <= lastFormat:
		return fmt.Errorf("%w: format %d", ErrNewerFormat, b[0])
	case b[0] != format:
		return fmt.Errorf("%w: format %d", ErrUndecodable, b[0])
	}
	return nil
}

// LeftOver is the error for n bytes behind the end of what was read.
func LeftOver(n int) error { return fmt.Errorf("%w: %d bytes left over", ErrUndecodable, n) }

func truncated(s string, pos int) error {
	return fmt.Errorf("%w: broken off at byte %d of %d", ErrUndecodable, pos, len(s))
}
