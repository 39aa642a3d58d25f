package stores

import "github.com/signet-go/signet/internal/wire"

// Data is the content of a session: values by key, immutable and encoded. It is its own stored form, with the keys in ascending
// order, so equal data are equal bytes, and a store that keeps Data has nothing to decode. The zero Data is empty. Data is
// safe for concurrent use. Package session reads and changes it.
type Data wire.Map

// Len returns the number of keys.
func (d Data) Len() int { return wire.Map(d).Len() }

// Bytes returns the stored form: a format byte, then a MessagePack map.
func (d Data) Bytes() []byte { return []byte(d.Text()) }

// Text returns what Bytes does, as a string and without a copy.
func (d Data) Text() string { return wire.Map(d).Text() }

// Size returns the number of bytes of Bytes.
func (d Data) Size() int { return wire.Map(d).Size() }

// Equal reports whether both have the same values under the same keys.
func (d Data) Equal(other Data) bool { return wire.Map(d).Equal(wire.Map(other)) }

// ParseData is the inverse of Bytes, for bytes from a database, a file or another program. It walks the bytes once and trusts no length
// in them. More than max bytes (0 means 64 KiB), nesting deeper than 16, unknown extensions, keys that are out of order or
// twice, and bytes left over are ErrUndecodable. A newer format is ErrNewerFormat. A string is not copied.
func ParseData[T string | []byte](b T, max int) (Data, error) {
	if max <= 0 {
		max = wire.DefaultMax
	}
	m, err := wire.Parse(b, max)
	return Data(m), err
}
