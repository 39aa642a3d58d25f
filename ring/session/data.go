package session

import "github.com/signet-go/signet/internal/wire"

// Data is the content of a session: values by key, immutable and encoded. It is its own wire form, keys ascending, so
// that equal data are equal bytes, comparing is comparing bytes, and a store that keeps Data keeps nothing to decode.
// The zero Data is empty. Data is safe for concurrent use.
type Data = wire.Map

// ParseData reads the wire form, from a database, a file or another program. It is the only way in for bytes from
// outside: they are walked once, without trusting any length in them, before anything is decoded. More than max bytes
// (0 means 64 KiB), nesting deeper than 16, unknown extensions, keys that are out of order or twice, and bytes left over
// are ErrUndecodable; a format newer than this package knows is ErrNewerFormat. A string is not copied.
func ParseData[T string | []byte](b T, max int) (Data, error) {
	if max <= 0 {
		max = wire.DefaultMax
	}
	return wire.Parse(b, max)
}

// ErrUndecodable is returned for stored bytes that are not a session, and for a key whose value is not of its type.
var ErrUndecodable = wire.ErrUndecodable

// ErrNewerFormat is returned for stored bytes that a newer version of this package has written: a failure, as that
// newer program runs beside this one and would lose what it wrote.
var ErrNewerFormat = wire.ErrNewerFormat
