package session

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/signet-go/signet/internal/wire"
)

// A time is stored as an instant and the offset of its zone from UTC, so that a date is the same date on every server.
// In UTC it is a timestamp of MessagePack (extension -1, of 4, 8 or 12 bytes). With another offset it is extension 5 of
// 16 bytes: the longest form of a timestamp, and the offset in seconds. The name of the zone isn't stored.
//
// msgpack keeps one codec for time.Time in the whole process. The one registered here writes and reads zones for this
// package alone, which it knows by its writer and reader; anybody else gets what msgpack does by itself. Between the two
// an offset travels as extension -1 of 16 bytes, so that no other extension of the process is taken.
const fixExt16 = 0xd8 // what begins an extension of 16 bytes

func init() {
	msgpack.RegisterExtEncoder(wire.ExtTime, time.Time{}, func(enc *msgpack.Encoder, v reflect.Value) ([]byte, error) {
		t := v.Interface().(time.Time)
		if _, ours := enc.Writer().(*capped); ours {
			if offset := offsetOf(t); offset != 0 {
				return appendZoned(make([]byte, 0, wire.ZonedSize), t, offset), nil
			}
		}
		return appendTimestamp(make([]byte, 0, 12), t), nil
	})
	msgpack.RegisterExtDecoder(wire.ExtTime, time.Time{}, func(dec *msgpack.Decoder, v reflect.Value, n int) error {
		b := make([]byte, n)
		if err := dec.ReadFull(b); err != nil {
			return err
		}
		_, ours := dec.Buffered().(*source)
		t, ok := parseTime(b, ours)
		if !ok {
			return errNotATime
		}
		if !ours && !t.IsZero() {
			t = t.Local()
		}
		*v.Addr().Interface().(*time.Time) = t
		return nil
	})
}

var errNotATime = errors.New("session: not a time")

// A source is what this package decodes from.
type source struct{ strings.Reader }

func offsetOf(t time.Time) int32 {
	_, offset := t.Zone()
	return int32(offset)
}

// appendTimeValue appends the encoding of a time, as marshal returns it.
func appendTimeValue(b []byte, t time.Time) []byte {
	if offset := offsetOf(t); offset != 0 {
		return appendZoned(append(b, fixExt16, wire.ExtZoned), t, offset)
	}
	var buf [12]byte
	stamp := appendTimestamp(buf[:0], t)
	switch len(stamp) {
	case 4:
		b = append(b, 0xd6)
	case 8:
		b = append(b, 0xd7)
	default:
		b = append(b, 0xc7, 12)
	}
	return append(append(b, 0xff), stamp...) // the type, -1
}

// appendTimestamp appends the instant of t in the shortest form that MessagePack has.
func appendTimestamp(b []byte, t time.Time) []byte {
	seconds, nanos := uint64(t.Unix()), uint64(t.Nanosecond())
	switch {
	case seconds>>34 != 0:
		return appendLongTimestamp(b, t)
	case seconds>>32 != 0 || nanos != 0:
		return binary.BigEndian.AppendUint64(b, nanos<<34|seconds)
	}
	return binary.BigEndian.AppendUint32(b, uint32(seconds))
}

func appendLongTimestamp(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
	return binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
}

func appendZoned(b []byte, t time.Time, offset int32) []byte {
	return binary.BigEndian.AppendUint32(appendLongTimestamp(b, t), uint32(offset))
}

// parseTime reads what the functions above append, without the head. zoned says whether it may have an offset.
func parseTime(b []byte, zoned bool) (time.Time, bool) {
	long := func() time.Time {
		return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), int64(binary.BigEndian.Uint32(b))).UTC()
	}
	switch {
	case len(b) == 4:
		return time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC(), true
	case len(b) == 8:
		v := binary.BigEndian.Uint64(b)
		return time.Unix(int64(v&(1<<34-1)), int64(v>>34)).UTC(), true
	case len(b) == 12:
		return long(), true
	case len(b) == wire.ZonedSize && zoned:
		offset := int32(binary.BigEndian.Uint32(b[12:]))
		return long().In(time.FixedZone("", int(offset))), true
	}
	return time.Time{}, false
}

// timeOf returns the time that makes up all of s.
func timeOf(s string) (time.Time, bool) {
	if s == "" || s[0] < 0xc7 || s[0] > fixExt16 || s[0] > 0xc9 && s[0] < 0xd4 {
		return time.Time{}, false
	}
	typ, head, n, err := wire.ExtensionAt(s, 0)
	if err != nil || head+n != len(s) || typ != wire.ExtTime && typ != wire.ExtZoned || (typ == wire.ExtZoned) != (n == wire.ZonedSize) {
		return time.Time{}, false
	}
	var buf [wire.ZonedSize]byte
	return parseTime(buf[:copy(buf[:], s[head:])], true)
}

// forMsgpack returns s as the decoder registered here understands it.
func forMsgpack(s string) string {
	if !strings.Contains(s, "\xd8\x05") {
		return s
	}
	b := []byte(s)
	retype(b, wire.ExtZoned, wire.ExtTime)
	return string(b)
}

// retype changes the type of extensions of 16 bytes, in place.
func retype(b []byte, from, to int8) {
	s := unsafe.String(unsafe.SliceData(b), len(b))
	for p := 0; p < len(b); {
		if b[p] == fixExt16 && p+1 < len(b) && int8(b[p+1]) == from {
			b[p+1] = byte(to)
		}
		n := wire.TokenSize(s[p:])
		if n > len(b)-p {
			return // broken off; walk says so
		}
		p += n
	}
}
