package wire

// A Kind says how a value merges with the value that a parallel request has stored under the same key. It is stored with the
// value, as the type of a MessagePack extension around it.
type Kind int8

// The kinds.
const (
	Plain   Kind = 0 // no extension; the later write wins
	Counter Kind = 1
	Tally   Kind = 2
	Members Kind = 3
	Bound   Kind = 4 // like Plain, but deleted when the token it was set under changes
)

func isKind(typ int8) bool { return typ >= int8(Counter) && typ <= int8(Bound) }

// KindOf returns the kind of an encoded value that has been walked.
func KindOf(v string) Kind {
	if k, _, ok := Unwrap(v); ok {
		return k
	}
	return Plain
}

// Unwrap returns the kind of an encoded value and the value inside. ok is false for a plain value, which is returned unchanged.
func Unwrap(v string) (k Kind, inner string, ok bool) {
	if v == "" || !(v[0] >= 0xc7 && v[0] <= 0xc9 || v[0] >= 0xd4 && v[0] <= 0xd8) {
		return Plain, v, false
	}
	typ, head, _, err := ExtensionAt(v, 0)
	if err != nil || !isKind(typ) {
		return Plain, v, false
	}
	return Kind(typ), v[head:], true
}

// AppendKindHead appends the head of a value of kind k whose content has n bytes.
func AppendKindHead(b []byte, k Kind, n int) []byte {
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

// Wrap returns a value of kind k around an encoded value.
func Wrap(k Kind, inner string) string {
	return string(append(AppendKindHead(make([]byte, 0, len(inner)+6), k, len(inner)), inner...))
}
