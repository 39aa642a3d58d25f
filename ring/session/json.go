package session

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"

	"github.com/signet-go/signet/internal/wire"
)

// What a session looks like to people: in a test that fails, in a debugger, in a log.

// MarshalJSON returns an object of all values, without those of reserved keys. It is for debugging: what a value was
// encoded from is not known any more.
func (s Session) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	first := true
	for k, v := range s.data.All() {
		if reserved(k) {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		name, _ := json.Marshal(k)
		b.Write(name)
		b.WriteByte(':')
		b.Write(jsonOf(v))
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// jsonOf returns some JSON for any encoded value; one that JSON can't express is "?".
func jsonOf(v string) []byte {
	_, inner, _ := wire.Unwrap(v)
	switch {
	case wire.IsMap(inner):
		var b strings.Builder
		kids := wire.Children(inner)
		b.WriteByte('{')
		for i := 0; i+1 < len(kids); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			key := jsonOf(kids[i])
			if key[0] != '"' {
				key = strconv.AppendQuote(nil, string(key))
			}
			b.Write(key)
			b.WriteByte(':')
			b.Write(jsonOf(kids[i+1]))
		}
		b.WriteByte('}')
		return []byte(b.String())
	case wire.IsArray(inner):
		var b strings.Builder
		b.WriteByte('[')
		for i, k := range wire.Children(inner) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(jsonOf(k))
		}
		b.WriteByte(']')
		return []byte(b.String())
	}
	if b, ok := wire.Bytes(inner); ok && b != nil {
		j, _ := json.Marshal(b)
		return j
	}
	if n, ok := wire.Int(inner); ok {
		if n.Negative {
			return strconv.AppendInt(nil, int64(n.Bits), 10)
		}
		return strconv.AppendUint(nil, n.Bits, 10)
	}
	scalar, err := decode[any](inner)
	if err == nil {
		if j, err := json.Marshal(scalar); err == nil {
			return j
		}
	}
	return []byte(`"?"`)
}

// String returns the JSON form, so that a difference of two sessions can be read.
func (s Session) String() string {
	b, _ := s.MarshalJSON()
	return string(b)
}

// LogValue keeps the values out of logs: only the number of keys is shown.
func (s Session) LogValue() slog.Value { return slog.GroupValue(slog.Int("keys", s.Len())) }
