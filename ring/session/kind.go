package session

// A kind is how a value merges with what a parallel request stored under the same key. It travels with the value, as
// the type of a MessagePack extension around it.
type kind int8

const (
	plain   kind = 0
	counter kind = 1
	tally   kind = 2
	members kind = 3
	bound   kind = 4 // plain, but gone with the token it was set under

	extTime = -1
)

func isKind(typ int8) bool { return typ >= int8(counter) && typ <= int8(bound) }

// kindOf returns the kind of an encoded value that has been walked.
func kindOf(v string) kind {
	if k, _, ok := unwrap(v); ok {
		return k
	}
	return plain
}

// unwrap returns the kind of an encoded value and what it wraps.
func unwrap(v string) (kind, string, bool) {
	if v == "" || !(v[0] >= 0xc7 && v[0] <= 0xc9 || v[0] >= 0xd4 && v[0] <= 0xd8) {
		return plain, v, false
	}
	typ, head, _, err := extHead(v, 0)
	if err != nil || !isKind(typ) {
		return plain, v, false
	}
	return kind(typ), v[head:], true
}

// appendKindHead begins a value of a kind around n bytes.
func appendKindHead(b []byte, k kind, n int) []byte {
	switch {
	case n == 1 || n == 2 || n == 4 || n == 8 || n == 16:
		fix := byte(0xd4)
		for 1<<(fix-0xd4) < n {
			fix++
		}
		return append(b, fix, byte(k))
	case n < 1<<8:
		return append(b, 0xc7, byte(n), byte(k))
	case n < 1<<16:
		return append(b, 0xc8, byte(n>>8), byte(n), byte(k))
	}
	return append(b, 0xc9, byte(n>>24), byte(n>>16), byte(n>>8), byte(n), byte(k))
}

// wrap gives a value of kind k around an encoded one.
func wrap(k kind, inner string) string {
	return string(append(appendKindHead(make([]byte, 0, len(inner)+6), k, len(inner)), inner...))
}
