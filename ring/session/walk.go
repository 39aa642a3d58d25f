package session

import (
	"errors"
	"fmt"
)

// What must never happen is that msgpack decodes bytes which nobody has walked: it allocates what a length claims, and
// recurses as deep as they nest. Both end the process, and recover can't catch either.

// ErrUndecodable is returned for stored bytes that are not a session, and for a key whose value is not of its type.
var ErrUndecodable = errors.New("session: undecodable")

// ErrNewerFormat is returned for stored bytes that a newer version of this package has written: a failure, as that
// newer program runs beside this one and would lose what it wrote.
var ErrNewerFormat = errors.New("session: stored by a newer version")

const (
	maxDepth        = 16
	maxKey          = 255     // bytes
	maxKeys         = 1 << 20 // in a session
	defaultMaxBytes = 64 << 10
)

var errNested = fmt.Errorf("%w: nested deeper than %d", ErrUndecodable, maxDepth)

func truncated(s string, pos int) error {
	return fmt.Errorf("%w: broken off at byte %d of %d", ErrUndecodable, pos, len(s))
}

// be reads n bytes at pos as a big-endian number.
func be(s string, pos, n int) (uint64, error) {
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

// sizes are those of values that their first byte tells the size of; 0 for other first bytes.
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

// walk returns where the value at pos ends. It trusts no length, keeps its own stack and allocates nothing. depth is
// that of the container around the value; kinds says whether the extensions of mergeable values are allowed here.
func walk(s string, pos, depth int, kinds bool) (int, error) {
	if pos < len(s) { // most values are small scalars
		if n := int(sizes[s[pos]]); n > 0 && n <= len(s)-pos {
			return pos + n, nil
		}
	}
	return walkAny(s, pos, depth, kinds)
}

func walkAny(s string, pos, depth int, kinds bool) (int, error) {
	var stack [maxDepth]int // values left to read in each container that is open
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
			n, err := be(s, pos+1, w)
			if err != nil {
				return 0, err
			}
			if n > uint64(len(s)) {
				return 0, truncated(s, pos)
			}
			skip = 1 + w + int(n)
		case c <= 0xc9 || c >= 0xd4 && c <= 0xd8: // ext
			typ, head, n, err := extHead(s, pos)
			if err != nil {
				return 0, err
			}
			switch {
			case typ == extTime && (n == 4 || n == 8 || n == 12), typ == extZoned && n == zonedSize:
				skip = head + n
			case kinds && open == 0 && isKind(typ):
				end, err := walk(s[:pos+head+n], pos+head, depth, false)
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
			n, err := be(s, pos+1, w)
			if err != nil {
				return 0, err
			}
			if n > uint64(len(s)) {
				return 0, truncated(s, pos)
			}
			skip = 1 + w + int(n)
		default: // array16, array32, map16, map32
			w := 2 << ((c - 0xdc) & 1)
			n, err := be(s, pos+1, w)
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
			if depth+open+1 > maxDepth {
				return 0, errNested
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

// tokenSize returns the size of what s begins with: of a map or an array the head alone, of anything else the whole
// value. It reads no further than the head, and may return more than s has.
func tokenSize(s string) int {
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
	n, err := be(s, 1, width)
	if err != nil || n > uint64(len(s)) {
		return len(s) + 1
	}
	head := 1 + width
	if c >= 0xc7 && c <= 0xc9 {
		head++ // the type
	}
	return head + int(n)
}

// skip returns where a value ends that has been walked before.
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

func mapHead(s string, pos int) (n, head int, err error) { return containerHead(s, pos, 0x80, 0xde, 2) }

func arrayHead(s string, pos int) (n, head int, err error) {
	return containerHead(s, pos, 0x90, 0xdc, 1)
}

// containerHead reads the head of a map or an array: how many entries, and the size of the head. fix is the code of a short
// one, wide that of one with a count of 16 bits, and each entry takes at least so many bytes.
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
		v, err = be(s, pos+1, width)
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

// strAt returns the string at pos and the size of its head.
func strAt(s string, pos int) (text string, head int, err error) {
	if pos >= len(s) {
		return "", 0, truncated(s, pos)
	}
	var n uint64
	switch c := s[pos]; {
	case c >= 0xa0 && c <= 0xbf:
		n, head = uint64(c&0x1f), 1
	case c >= 0xd9 && c <= 0xdb:
		w := 1 << (c - 0xd9)
		n, err = be(s, pos+1, w)
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

// extHead returns the type of the extension at pos, the size of its head and of its content.
func extHead(s string, pos int) (typ int8, head, n int, err error) {
	c := s[pos]
	if c >= 0xd4 {
		n, head = 1<<(c-0xd4), 2
	} else {
		w := 1 << (c - 0xc7)
		v, err := be(s, pos+1, w)
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
