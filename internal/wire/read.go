package wire

import (
	"fmt"
	"slices"
	"strings"
)

// MapHead reads the head of the map at pos: the number of entries, and the size of the head.
func MapHead(s string, pos int) (n, head int, err error) { return containerHead(s, pos, 0x80, 0xde, 2) }

// ArrayHead reads the head of the array at pos: the number of elements, and the size of the head.
func ArrayHead(s string, pos int) (n, head int, err error) {
	return containerHead(s, pos, 0x90, 0xdc, 1)
}

// containerHead reads the head of a map or an array. fix is the code of a short head, wide the code of a head with a count of
// 16 bits, and each is how many bytes an entry has at least.
func containerHead(s string, pos int, fix, wide byte, each uint64) (n, head int, err error) {
	if pos >= len(s) {
		return 0, 0, truncated(s, pos)
	}
	var v uint64
	switch c := s[pos]; {
	case c&0xf0 == fix:
		v, head = uint64(c&0x0f), 1
	case c == wide || c == wide+1:
		width := 2 << (c - wide)
		v, err = bigEndian(s, pos+1, width)
		head = 1 + width
	default:
		return 0, 0, fmt.Errorf("%w: byte %x at %d is no such container", ErrUndecodable, c, pos)
	}
	if err != nil {
		return 0, 0, err
	}
	if v*each > uint64(len(s)-pos) {
		return 0, 0, truncated(s, pos)
	}
	return int(v), head, nil
}

// StringAt returns the string at pos and the size of its head.
func StringAt(s string, pos int) (text string, head int, err error) {
	if pos >= len(s) {
		return "", 0, truncated(s, pos)
	}
	var n uint64
	switch c := s[pos]; {
	case c >= 0xa0 && c <= 0xbf:
		n, head = uint64(c&0x1f), 1
	case c >= 0xd9 && c <= 0xdb:
		w := 1 << (c - 0xd9)
		n, err = bigEndian(s, pos+1, w)
		head = 1 + w
	default:
		return "", 0, fmt.Errorf("%w: not a string", ErrUndecodable)
	}
	if err != nil {
		return "", 0, err
	}
	if n > uint64(len(s)) || int(n) > len(s)-pos-head {
		return "", 0, truncated(s, pos)
	}
	return s[pos+head : pos+head+int(n)], head, nil
}

// ExtensionAt returns the type of the extension at pos, the size of its head and of its content.
func ExtensionAt(s string, pos int) (typ int8, head, n int, err error) {
	c := s[pos]
	if c >= 0xd4 {
		n, head = 1<<(c-0xd4), 2
	} else {
		w := 1 << (c - 0xc7)
		v, err := bigEndian(s, pos+1, w)
		if err != nil {
			return 0, 0, 0, err
		}
		if v > uint64(len(s)) {
			return 0, 0, 0, truncated(s, pos)
		}
		n, head = int(v), 2+w
	}
	if head+n > len(s)-pos {
		return 0, 0, 0, truncated(s, pos)
	}
	return int8(s[pos+head-1]), head, n, nil
}

// String returns the string that is all of s.
func String(s string) (text string, ok bool) {
	text, head, err := StringAt(s, 0)
	return text, err == nil && head+len(text) == len(s)
}

// Bytes returns a copy of the bytes that are all of s, nil for nil.
func Bytes(s string) (b []byte, ok bool) {
	if s == "\xc0" {
		return nil, true
	}
	if s[0] < 0xc4 || s[0] > 0xc6 {
		return nil, false
	}
	head := 1 + 1<<(s[0]-0xc4)
	return []byte(s[head:]), true
}

// IsMap reports whether s begins with a map.
func IsMap(s string) bool { return s[0] >= 0x80 && s[0] <= 0x8f || s[0] == 0xde || s[0] == 0xdf }

// IsArray reports whether s begins with an array.
func IsArray(s string) bool { return s[0] >= 0x90 && s[0] <= 0x9f || s[0] == 0xdc || s[0] == 0xdd }

// Children returns the elements of an array, or the keys and values of a map in turn. It returns nil for any other value.
func Children(s string) []string {
	var n, head int
	var err error
	switch {
	case IsMap(s):
		n, head, err = MapHead(s, 0)
		n *= 2
	case IsArray(s):
		n, head, err = ArrayHead(s, 0)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	out := make([]string, 0, n)
	for p := head; len(out) < n; {
		end, err := Walk(s, p, 0, false)
		if err != nil {
			return nil
		}
		out = append(out, s[p:end])
		p = end
	}
	return out
}

// AppendSorted appends the value s with the entries of every map in the order of their encoded keys.
func AppendSorted(b []byte, s string) []byte {
	kids := Children(s)
	switch {
	case IsMap(s):
		type pair struct{ key, value string }
		pairs := make([]pair, 0, len(kids)/2)
		for i := 0; i+1 < len(kids); i += 2 {
			pairs = append(pairs, pair{string(AppendSorted(nil, kids[i])), kids[i+1]})
		}
		slices.SortStableFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
		b = AppendMapHead(b, len(pairs))
		for _, p := range pairs {
			b = AppendSorted(append(b, p.key...), p.value)
		}
		return b
	case IsArray(s):
		b = AppendArrayHead(b, len(kids))
		for _, k := range kids {
			b = AppendSorted(b, k)
		}
		return b
	}
	return append(b, s...)
}
