package session

import (
	"fmt"
	"math"
	"time"
	"unsafe"

	"github.com/signet-go/signet/internal/wire"
)

// Key names a value of type T in a session. Make it a constant:
//
//	const theme session.Key[string] = "theme"
//
// Names that begin with a dot are reserved for layers; see [Session].
//
// T is what MessagePack can carry:
//
//   - Booleans, numbers, strings and []byte; slices, arrays and maps of what is listed here.
//   - Structs, by their exported fields. A struct all of whose fields are unexported is refused, as nothing of it would be
//     stored. The tags are those of msgpack/v5.
//   - Pointers, which are stored as what they point to; nil stays nil. Two pointers to one value come back as two.
//   - time.Time, with its instant and its offset from UTC. The name of the zone is lost, UTC stays UTC.
//   - Types with a method of msgpack.CustomEncoder, msgpack.Marshaler, encoding.BinaryMarshaler or encoding.TextMarshaler and
//     its inverse, such as url.URL or netip.Addr. The methods may have pointer receivers, except for the values of a map.
//   - any, and other interfaces. What they hold comes back as int64, uint64, float64, string, bool, []byte, time.Time, []any
//     or map[string]any; a value that can't be read back so is refused.
//
// A value has at most 256 KiB and nests at most 16 levels deep, so one that contains itself is refused. What is refused
// is an error of the session that Set returns; see [Session.Err].
//
// If two parallel requests change the same key, the later commit wins; see [Counter], [Tally] and [Members] for values
// that merge.
type Key[T any] string

// Get returns the value, or the zero value if Lookup has an error.
func (k Key[T]) Get(s Session) T {
	v, _ := k.Lookup(s)
	return v
}

// GetOr returns the value, or d if Lookup has an error: the session has no such key, or its value is not a T. A key that
// holds the zero value is there, so GetOr returns that.
func (k Key[T]) GetOr(s Session, d T) T {
	if v, err := k.Lookup(s); err == nil {
		return v
	}
	return d
}

// Lookup returns the value. The error is ErrAbsent if the session has no such key, and wraps ErrUndecodable if its
// value is not a T: a number out of range, say, or a value that an older program stored.
func (k Key[T]) Lookup(s Session) (T, error) { return lookup[T](s, string(k), wire.Plain) }

// Set returns a session in which the key has the value v. If v can't be encoded, the session carries the error; see
// [Session.Err].
func (k Key[T]) Set(s Session, v T) Session { return set(s, string(k), v, wire.Plain) }

// Delete returns a session without the key.
func (k Key[T]) Delete(s Session) Session { return s.drop(string(k)) }

// Bound is a Key whose value is bound to the token it was set under: when the session gets a new token (by [Login] or
// [Renew]), the value is gone. It is made for secrets that must not outlive a log-in, such as CSRF tokens.
type Bound[T any] string

// Get returns the value, or the zero value if Lookup has an error.
func (k Bound[T]) Get(s Session) T {
	v, _ := k.Lookup(s)
	return v
}

// GetOr is that of [Key.GetOr].
func (k Bound[T]) GetOr(s Session, d T) T {
	if v, err := k.Lookup(s); err == nil {
		return v
	}
	return d
}

// Lookup is that of [Key.Lookup].
func (k Bound[T]) Lookup(s Session) (T, error) { return lookup[T](s, string(k), wire.Bound) }

// Set is that of [Key.Set].
func (k Bound[T]) Set(s Session, v T) Session { return set(s, string(k), v, wire.Bound) }

// Delete returns a session without the key.
func (k Bound[T]) Delete(s Session) Session { return s.drop(string(k)) }

// set encodes the common scalars itself; the rest goes through the codec, in a function of its own so that v stays off
// the heap here.
func set[T any](s Session, key string, v T, k wire.Kind) Session {
	if k != wire.Plain {
		return setEncoded(s, key, v, k)
	}
	var buf [2 + wire.ZonedSize]byte
	switch x := any(v).(type) {
	case string:
		if len(x) > maxValue {
			return s.fail(key, errTooBig)
		}
		return s.put(key, wire.AppendStringHead(buf[:0], len(x)), x)
	case int:
		return s.put(key, wire.AppendInt(buf[:0], int64(x)), "")
	case int64:
		return s.put(key, wire.AppendInt(buf[:0], x), "")
	case bool:
		if x {
			return s.put(key, append(buf[:0], 0xc3), "")
		}
		return s.put(key, append(buf[:0], 0xc2), "")
	case float64:
		return s.put(key, wire.AppendFloat(buf[:0], x), "")
	case time.Time:
		return s.put(key, appendTimeValue(buf[:0], x), "")
	case []byte:
		if x == nil {
			return s.put(key, append(buf[:0], 0xc0), "")
		}
		if len(x) > maxValue {
			return s.fail(key, errTooBig)
		}
		return s.put(key, wire.AppendBinHead(buf[:0], len(x)), unsafe.String(unsafe.SliceData(x), len(x))) // copied by put
	}
	return setEncoded(s, key, v, k)
}

func setEncoded[T any](s Session, key string, v T, k wire.Kind) Session {
	raw, err := encode(v)
	if err != nil {
		return s.fail(key, err)
	}
	if k == wire.Plain {
		return s.put(key, nil, raw)
	}
	var buf [8]byte
	return s.put(key, wire.AppendKindHead(buf[:0], k, len(raw)), raw)
}

func lookup[T any](s Session, key string, k wire.Kind) (T, error) {
	var v T
	raw := s.data.Get(key)
	if raw == "" {
		return v, ErrAbsent
	}
	has, raw, _ := wire.Unwrap(raw)
	if has != k {
		return v, fmt.Errorf("%w: key %q is of another kind", ErrUndecodable, key)
	}
	ok := false
	switch p := any(&v).(type) {
	case *string:
		*p, ok = wire.String(raw)
	case *int:
		var n int64
		if n, ok = wire.Int64(raw); ok && n >= math.MinInt && n <= math.MaxInt {
			*p = int(n)
		}
	case *int64:
		*p, ok = wire.Int64(raw)
	case *bool:
		ok = len(raw) == 1 && (raw[0] == 0xc2 || raw[0] == 0xc3)
		*p = ok && raw[0] == 0xc3
	case *float64:
		*p, ok = wire.Float(raw)
	case *time.Time:
		*p, ok = timeOf(raw)
	case *[]byte:
		*p, ok = wire.Bytes(raw)
	default:
		return lookupEncoded[T](key, raw)
	}
	if !ok {
		return v, fmt.Errorf("%w: key %q is not a %T", ErrUndecodable, key, zero[T]())
	}
	return v, nil
}

func zero[T any]() (v T) { return }

func lookupEncoded[T any](key, raw string) (T, error) {
	v, err := decode[T](raw)
	if err != nil {
		return v, fmt.Errorf("%w: key %q: %w", ErrUndecodable, key, err)
	}
	return v, nil
}
