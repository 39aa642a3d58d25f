package session

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unsafe"
)

// Data is the content of a session: values by key, immutable and encoded. It is its own wire form, keys ascending, so
// that equal data are equal bytes, comparing is comparing bytes, and a store that keeps Data keeps nothing to decode.
// The zero Data is empty. Data is safe for concurrent use.
type Data struct {
	wire string   // format byte and a MessagePack map; "" when empty
	at   []uint32 // where each entry begins in wire, and where the last one ends; nil for up to indexed keys
}

const (
	format    = 1  // the first byte of everything that is stored
	formats   = 15 // the last one that a newer version may use; beyond it are letters, and what else is no format
	emptyWire = "\x01\x80"
	first     = 2  // where the entries of a map with a head of one byte begin
	indexed   = 15 // up to here walking along the entries is as fast as looking them up, and the head has one byte
)

// Len returns the number of keys.
func (d Data) Len() int {
	switch {
	case d.wire == "":
		return 0
	case d.at != nil:
		return len(d.at) - 1
	}
	return int(d.wire[1] & 0x0f)
}

// Bytes returns the wire form, for stores that keep bytes: a format byte, then a MessagePack map.
func (d Data) Bytes() []byte { return []byte(d.Text()) }

// Text returns what Bytes does, as a string and without a copy.
func (d Data) Text() string {
	if d.wire == "" {
		return emptyWire
	}
	return d.wire
}

// Equal reports whether both hold the same values under the same keys.
func (d Data) Equal(other Data) bool { return d.wire == other.wire }

// Size returns the number of bytes that Bytes has.
func (d Data) Size() int { return len(d.Text()) }

// begin returns where the entries begin.
func (d Data) begin() int {
	switch {
	case d.at != nil:
		return int(d.at[0])
	case d.wire == "":
		return 0
	}
	return first
}

// entryAt returns the entry that begins at pos and where the next one does.
func (d Data) entryAt(pos int) (key, value string, next int) {
	s := d.wire
	head := 1
	n := int(s[pos] & 0x1f)
	if s[pos] >= 0xc0 { // str8
		head, n = 2, int(s[pos+1])
	}
	p := pos + head + n
	next = skip(s, p)
	return s[pos+head : p], s[p:next], next
}

// find returns where the entry of key begins and ends; if there is none, both are where it would be.
func (d Data) find(key string) (start, end int, ok bool) {
	if d.at != nil {
		lo, hi := 0, len(d.at)-1
		for lo < hi {
			mid := int(uint(lo+hi) >> 1)
			switch k, _, next := d.entryAt(int(d.at[mid])); {
			case k == key:
				return int(d.at[mid]), next, true
			case k < key:
				lo = mid + 1
			default:
				hi = mid
			}
		}
		return int(d.at[lo]), int(d.at[lo]), false
	}
	p := d.begin()
	for p < len(d.wire) {
		k, _, next := d.entryAt(p)
		if k >= key {
			if k == key {
				return p, next, true
			}
			break
		}
		p = next
	}
	return p, p, false
}

// get returns the encoded value of key, "" if there is none.
func (d Data) get(key string) string {
	start, _, ok := d.find(key)
	if !ok {
		return ""
	}
	_, v, _ := d.entryAt(start)
	return v
}

// entries yields all keys with their encoded values, ascending.
func (d Data) entries() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for p := d.begin(); p < len(d.wire); {
			k, v, next := d.entryAt(p)
			if !yield(k, v) {
				return
			}
			p = next
		}
	}
}

// put gives data in which key has the value head+tail; both parts are copied once, into the new wire.
func (d Data) put(key string, head []byte, tail string) Data {
	start, end, had := d.find(key)
	n := d.Len()
	if !had {
		n++
	}
	before, after := d.wire[d.begin():start], d.wire[end:]
	at, b := room(n, len(before)+strHeadSize(len(key))+len(key)+len(head)+len(tail)+len(after))
	b = append(b, before...)
	b = append(appendStrHead(b, len(key)), key...)
	b = append(append(b, head...), tail...)
	return fill(at, append(b, after...))
}

// drop gives data without key.
func (d Data) drop(key string) Data {
	start, end, had := d.find(key)
	switch {
	case !had:
		return d
	case d.Len() == 1:
		return Data{}
	}
	before, after := d.wire[d.begin():start], d.wire[end:]
	at, b := room(d.Len()-1, len(before)+len(after))
	return fill(at, append(append(b, before...), after...))
}

// room allocates the wire of n entries that take size bytes together, begins it, and places the index, if there is one,
// in the same piece of memory.
func room(n, size int) (at []uint32, wire []byte) {
	size += 1 + mapHeadSize(n)
	if n <= indexed {
		wire = make([]byte, 0, size)
	} else {
		words := make([]uint32, n+1+(size+3)/4)
		at = words[: 0 : n+1]
		wire = unsafe.Slice((*byte)(unsafe.Pointer(&words[n+1])), size)[:0]
	}
	return at, appendMapHead(append(wire, format), n)
}

// fill makes Data of a wire, which nobody writes to from now on, and of the room for its index.
func fill(at []uint32, wire []byte) Data {
	return index(unsafe.String(unsafe.SliceData(wire), len(wire)), at)
}

// index makes Data of a wire that is known to be right; at is the room for the index, with the capacity that it needs.
func index(wire string, at []uint32) Data {
	if cap(at) == 0 {
		return Data{wire: wire}
	}
	d := Data{wire, at}
	for p := 1 + mapHeadSize(cap(at)-1); p < len(wire); {
		d.at = append(d.at, uint32(p))
		_, _, p = d.entryAt(p)
	}
	d.at = append(d.at, uint32(len(wire)))
	return d
}

// dropKind returns data without the values of a kind.
func (d Data) dropKind(k kind) Data {
	has := false
	for _, v := range d.entries() {
		has = has || kindOf(v) == k
	}
	if !has {
		return d
	}
	b := builder{body: make([]byte, 0, len(d.wire))}
	for key, v := range d.entries() {
		if kindOf(v) != k {
			b.add(key, v)
		}
	}
	return b.data()
}

// A builder makes Data of entries that come in ascending order.
type builder struct {
	body []byte
	n    int
}

func (b *builder) add(key, value string) {
	b.n++
	b.body = appendStrHead(b.body, len(key))
	b.body = append(b.body, key...)
	b.body = append(b.body, value...)
}

func (b *builder) data() Data {
	if b.n == 0 {
		return Data{}
	}
	at, wire := room(b.n, len(b.body))
	return fill(at, append(wire, b.body...))
}

// withBiggest adds to the error of a session that is too large which keys take the most room.
func (d Data) withBiggest(err error) error {
	type sized struct {
		key string
		n   int
	}
	var all []sized
	for k, v := range d.entries() {
		all = append(all, sized{k, len(v)})
	}
	slices.SortStableFunc(all, func(a, b sized) int { return b.n - a.n })
	var parts []string
	for _, s := range all[:min(3, len(all))] {
		parts = append(parts, fmt.Sprintf("%q %d", s.key, s.n))
	}
	return fmt.Errorf("%w; the biggest keys (with their bytes): %s", err, strings.Join(parts, ", "))
}

// ParseData reads the wire form, from a database, a file or another program. It is the only way in for bytes from
// outside: they are walked once, without trusting any length in them, before anything is decoded. More than max bytes
// (0 means 64 KiB), nesting deeper than 16, unknown extensions, keys that are out of order or twice, and bytes left over
// are ErrUndecodable; a format newer than this package knows is ErrNewerFormat. A string is not copied.
func ParseData[T string | []byte](b T, max int) (Data, error) {
	if max <= 0 {
		max = defaultMaxBytes
	}
	if err := checkFormat(len(b), max, func() byte { return b[0] }); err != nil {
		return Data{}, err
	}
	wire := string(b)
	d, end, err := parseMap(wire)
	if err != nil {
		return Data{}, err
	}
	if end != len(wire) {
		return Data{}, leftOver(len(wire) - end)
	}
	return d, nil
}

// checkFormat checks what comes before the walk.
func checkFormat(n, max int, format0 func() byte) error {
	switch {
	case n > max:
		return fmt.Errorf("%w: %d bytes are more than %d", ErrUndecodable, n, max)
	case n == 0:
		return fmt.Errorf("%w: no bytes at all", ErrUndecodable)
	case format0() > format && format0() <= formats:
		return fmt.Errorf("%w: format %d", ErrNewerFormat, format0())
	case format0() != format:
		return fmt.Errorf("%w: format %d", ErrUndecodable, format0())
	}
	return nil
}

func leftOver(n int) error { return fmt.Errorf("%w: %d bytes left over", ErrUndecodable, n) }

// parseMap reads the map of a session behind the format byte and returns where it ends. Where it is spelled as we spell
// it, the Data shares wire.
func parseMap(wire string) (Data, int, error) {
	const pos = 1
	n, head, err := mapHead(wire, pos)
	if err != nil {
		return Data{}, 0, err
	}
	if n > maxKeys {
		return Data{}, 0, fmt.Errorf("%w: %d keys", ErrUndecodable, n)
	}
	p := pos + head
	canonical := head == mapHeadSize(n)
	last := ""
	for i := range n {
		key, h, err := strAt(wire, p)
		switch {
		case err != nil:
			return Data{}, 0, err
		case len(key) > maxKey:
			return Data{}, 0, fmt.Errorf("%w: a key of %d bytes", ErrUndecodable, len(key))
		case i > 0 && key <= last:
			return Data{}, 0, fmt.Errorf("%w: key %q out of order or twice", ErrUndecodable, key)
		}
		last = key
		canonical = canonical && h == strHeadSize(len(key))
		if p, err = walk(wire, p+h+len(key), 1, true); err != nil {
			return Data{}, 0, fmt.Errorf("%w, in key %q", err, key)
		}
	}
	switch {
	case n == 0:
		return Data{}, p, nil
	case canonical:
		if n <= indexed {
			return Data{wire: wire[:p]}, p, nil
		}
		return index(wire[:p], make([]uint32, 0, n+1)), p, nil
	}
	b := builder{body: make([]byte, 0, p-pos)}
	for q := pos + head; q < p; {
		key, h, _ := strAt(wire, q)
		end := skip(wire, q+h+len(key))
		b.add(key, wire[q+h+len(key):end])
		q = end
	}
	return b.data(), p, nil
}
