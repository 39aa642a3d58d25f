package session

import "math"

// How values are spelled in MessagePack: the shortest way there is, so that equal values have equal bytes.

func mapHeadSize(n int) int {
	switch {
	case n < 16:
		return 1
	case n < 1<<16:
		return 3
	}
	return 5
}

func strHeadSize(n int) int {
	switch {
	case n < 32:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	}
	return 5
}

func appendMapHead(b []byte, n int) []byte { return appendHead(b, n, 0x80, 16, 0xde) }

func appendArrayHead(b []byte, n int) []byte { return appendHead(b, n, 0x90, 16, 0xdc) }

func appendHead(b []byte, n int, fix byte, below int, wide byte) []byte {
	switch {
	case n < below:
		return append(b, fix|byte(n))
	case n < 1<<16:
		return append(b, wide, byte(n>>8), byte(n))
	}
	return append(b, wide+1, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func appendStrHead(b []byte, n int) []byte {
	switch {
	case n < 32:
		return append(b, 0xa0|byte(n))
	case n < 1<<8:
		return append(b, 0xd9, byte(n))
	case n < 1<<16:
		return append(b, 0xda, byte(n>>8), byte(n))
	}
	return append(b, 0xdb, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func appendBinHead(b []byte, n int) []byte {
	switch {
	case n < 1<<8:
		return append(b, 0xc4, byte(n))
	case n < 1<<16:
		return append(b, 0xc5, byte(n>>8), byte(n))
	}
	return append(b, 0xc6, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func appendBin(b, data []byte) []byte { return append(appendBinHead(b, len(data)), data...) }

func appendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= -1<<7:
		return append(b, 0xd0, byte(v))
	case v >= -1<<15:
		return append(b, 0xd1, byte(v>>8), byte(v))
	case v >= -1<<31:
		return append(b, 0xd2, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return append(b, 0xd3, byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func appendUint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<8:
		return append(b, 0xcc, byte(v))
	case v < 1<<16:
		return append(b, 0xcd, byte(v>>8), byte(v))
	case v < 1<<32:
		return append(b, 0xce, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
	}
	return append(b, 0xcf, byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// number is an integer of any sign and width: negative, or up to the largest uint64.
type number struct {
	neg bool
	abs uint64 // of a negative one: its two's complement
}

// intAt reads the integer that makes up all of s.
func intAt(s string) (number, bool) {
	if s == "" {
		return number{}, false
	}
	c := s[0]
	w := 0
	switch {
	case c <= 0x7f:
		return number{abs: uint64(c)}, len(s) == 1
	case c >= 0xe0:
		return number{neg: true, abs: uint64(int64(int8(c)))}, len(s) == 1
	case c >= 0xcc && c <= 0xcf:
		w = 1 << (c - 0xcc)
	case c >= 0xd0 && c <= 0xd3:
		w = 1 << (c - 0xd0)
	default:
		return number{}, false
	}
	v, err := be(s, 1, w)
	if err != nil || len(s) != 1+w {
		return number{}, false
	}
	if c >= 0xd0 { // sign-extend
		v = uint64(int64(v<<(64-8*w)) >> (64 - 8*w))
		return number{neg: int64(v) < 0, abs: v}, true
	}
	return number{abs: v}, true
}

// int64At is intAt for numbers that fit an int64.
func int64At(s string) (int64, bool) {
	n, ok := intAt(s)
	if !ok || !n.neg && n.abs > 1<<63-1 {
		return 0, false
	}
	return int64(n.abs), true
}

// floatAt reads a float of either width.
func floatAt(s string) (float64, bool) {
	switch {
	case len(s) == 9 && s[0] == 0xcb:
		v, _ := be(s, 1, 8)
		return math.Float64frombits(v), true
	case len(s) == 5 && s[0] == 0xca:
		v, _ := be(s, 1, 4)
		return float64(math.Float32frombits(uint32(v))), true
	}
	return 0, false
}

func appendFloat(b []byte, f float64) []byte {
	v := math.Float64bits(f)
	return append(b, 0xcb, byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}
