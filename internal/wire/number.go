package wire

import "math"

// A Number is an integer of any sign and width, from the least int64 to the largest uint64.
type Number struct {
	Negative bool
	Bits     uint64 // the number, or its two's complement if Negative
}

// Int returns the integer that is all of s.
func Int(s string) (n Number, ok bool) {
	if s == "" {
		return Number{}, false
	}
	c := s[0]
	w := 0
	switch {
	case c <= 0x7f:
		return Number{Bits: uint64(c)}, len(s) == 1
	case c >= 0xe0:
		return Number{Negative: true, Bits: uint64(int64(int8(c)))}, len(s) == 1
	case c >= 0xcc && c <= 0xcf:
		w = 1 << (c - 0xcc)
	case c >= 0xd0 && c <= 0xd3:
		w = 1 << (c - 0xd0)
	default:
		return Number{}, false
	}
	v, err := bigEndian(s, 1, w)
	if err != nil || len(s) != 1+w {
		return Number{}, false
	}
	if c >= 0xd0 { // sign-extend
		v = uint64(int64(v<<(64-8*w)) >> (64 - 8*w))
		return Number{Negative: int64(v) < 0, Bits: v}, true
	}
	return Number{Bits: v}, true
}

// Int64 is like Int for numbers that fit an int64.
func Int64(s string) (v int64, ok bool) {
	n, ok := Int(s)
	if !ok || !n.Negative && n.Bits > 1<<63-1 {
		return 0, false
	}
	return int64(n.Bits), true
}

// Float returns the float, of either width, that is all of s.
func Float(s string) (v float64, ok bool) {
	switch {
	case len(s) == 9 && s[0] == 0xcb:
		v, _ := bigEndian(s, 1, 8)
		return math.Float64frombits(v), true
	case len(s) == 5 && s[0] == 0xca:
		v, _ := bigEndian(s, 1, 4)
		return float64(math.Float32frombits(uint32(v))), true
	}
	return 0, false
}
