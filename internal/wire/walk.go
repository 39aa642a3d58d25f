package wire

import "fmt"

// bigEndian reads n bytes at pos as a big-endian number.
func bigEndian(s string, pos, n int) (uint64, error) {
	if pos+n > len(s) {
		return 0, truncated(s, pos)
	}
	if n == 8 {
		b := s[pos : pos+8]
		return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
			uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7]), nil
	}
	var v uint64
	for _, c := range []byte(s[pos : pos+n]) {
		v = v<<8 | uint64(c)
	}
	return v, nil
}

// sizes has the size of a value by its first byte, 0 if the first byte doesn't tell.
var sizes = func() (n [256]uint8) {
	for i := range n {
		switch c := byte(i); {
		case c <= 0x7f || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3:
			n[c] = 1
		case c >= 0xa0 && c <= 0xbf:
			n[c] = 1 + c&0x1f
		case c == 0xca || c == 0xcb:
			n[c] = 1 + 4<<(c-0xca)
		case c >= 0xcc && c <= 0xcf:
			n[c] = 1 + 1<<(c-0xcc)
		case c >= 0xd0 && c <= 0xd3:
			n[c] = 1 + 1<<(c-0xd0)
		}
	}
	return n
}()

// Walk checks the value at pos and returns where it ends. It trusts no length, keeps its own stack and allocates nothing.
// depth is the depth of the container around the value. kinds says whether the value may be of a [Kind] other than Plain.
func Walk(s string, pos, depth int, kinds bool) (int, error) {
	if pos < len(s) { // most values are small scalars
		if n := int(sizes[s[pos]]); n > 0 && n <= len(s)-pos {
			return pos + n, nil
		}
	}
	return walkAny(s, pos, depth, kinds)
}

func walkAny(s string, pos, depth int, kinds bool) (int, error) {
	var stack [MaxDepth]int // values left to read in each container that is open
	open := 0
	for {
		if pos >= len(s) {
			return 0, truncated(s, pos)
		}
		c := s[pos]
		children, skip := 0, int(sizes[c])
		container := false
		switch {
		case skip > 0:
		case c <= 0x8f:
			children, skip, container = 2*int(c&0x0f), 1, true
		case c <= 0x9f:
			children, skip, container = int(c&0x0f), 1, true
		case c == 0xc1:
			return 0, fmt.Errorf("%w: byte c1 at %d", ErrUndecodable, pos)
		case c <= 0xc6: // bin
			w := 1 << (c - 0xc4)
			n, err := bigEndian(s, pos+1, w)
			if err != nil {
				return 0, err
			}
			if n > uint64(len(s)) {
				return 0, truncated(s, pos)
			}
			skip = 1 + w + int(n)
		case c <= 0xc9 || c >= 0xd4 && c <= 0xd8: // ext
			typ, head, n, err := ExtensionAt(s, pos)
			if err != nil {
				return 0, err
			}
			switch {
			case typ == ExtTime && (n == 4 || n == 8 || n == 12), typ == ExtZoned && n == ZonedSize:
				skip = head + n
			case kinds && open == 0 && isKind(typ):
				end, err := Walk(s[:pos+head+n], pos+head, depth, false)
				if err != nil {
					return 0, err
				}
				if end != pos+head+n {
					return 0, fmt.Errorf("%w: bytes left over in an extension", ErrUndecodable)
				}
				return end, nil
			default:
				return 0, fmt.Errorf("%w: extension %d", ErrUndecodable, typ)
			}
		case c <= 0xdb: // str
			w := 1 << (c - 0xd9)
			n, err := bigEndian(s, pos+1, w)
			if err != nil {
				return 0, err
			}
			if n > uint64(len(s)) {
				return 0, truncated(s, pos)
			}
			skip = 1 + w + int(n)
		default: // array16, array32, map16, map32
			w := 2 << ((c - 0xdc) & 1)
			n, err := bigEndian(s, pos+1, w)
			if err != nil {
				return 0, err
			}
			if n > uint64(len(s)) {
				return 0, truncated(s, pos)
			}
			children, skip, container = int(n), 1+w, true
			if c >= 0xde {
				children *= 2
			}
		}
		if skip > len(s)-pos {
			return 0, truncated(s, pos)
		}
		pos += skip
		if container {
			if depth+open+1 > MaxDepth {
				return 0, ErrNested
			}
			if children > len(s)-pos { // each takes a byte at least
				return 0, truncated(s, pos)
			}
			if children > 0 {
				stack[open] = children
				open++
				continue
			}
		}
		for open > 0 {
			stack[open-1]--
			if stack[open-1] > 0 {
				break
			}
			open--
		}
		if open == 0 {
			return pos, nil
		}
	}
}

// TokenSize returns the size of what s begins with: of a map or an array the head alone, of anything else the whole
// value. It reads no further than the head, and may return more than s has.
func TokenSize(s string) int {
	c := s[0]
	if n := int(sizes[c]); n > 0 {
		return n
	}
	width := 0 // of the length that follows
	switch {
	case c <= 0x9f, c == 0xc1:
		return 1
	case c <= 0xc6: // bin
		width = 1 << (c - 0xc4)
	case c <= 0xc9: // ext
		width = 1 << (c - 0xc7)
	case c <= 0xd8: // fixext
		return 2 + 1<<(c-0xd4)
	case c <= 0xdb: // str
		width = 1 << (c - 0xd9)
	default: // array, map
		return 1 + 2<<((c-0xdc)&1)
	}
	n, err := bigEndian(s, 1, width)
	if err != nil || n > uint64(len(s)) {
		return len(s) + 1
	}
	head := 1 + width
	if c >= 0xc7 && c <= 0xc9 {
		head++ // the type
	}
	return head + int(n)
}

// skip returns where the value at pos ends, which has been walked before.
func skip(s string, pos int) int {
	c := s[pos]
	if n := int(sizes[c]); n > 0 {
		return pos + n
	}
	switch c {
	case 0xd9, 0xc4:
		return pos + 2 + int(s[pos+1])
	case 0xc7:
		return pos + 3 + int(s[pos+1])
	}
	end, err := walkAny(s, pos, 0, true)
	if err != nil {
		return len(s) // it has been walked, so this is not reached
	}
	return end
}
