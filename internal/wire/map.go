package wire

import (
	"iter"
	"unsafe"
)

// A Map is the content of a session: encoded values by key, immutable. It is its own stored form, with the keys in
// ascending order, so equal maps are equal bytes and comparing two maps is comparing bytes. The zero Map is empty. A Map is
// safe for concurrent use.
//
// An entry is named by its position in the text. Up to 15 keys are found by walking along the entries, which is as fast as
// an index. More keys have an index, in the same piece of memory as the text.
type Map struct {
	text string   // the format byte and a MessagePack map; "" if empty
	at   []uint32 // where each entry begins in text, and where the last one ends; nil up to maxUnindexed keys
}

const (
	emptyText    = "\x01\x80"
	entriesStart = 2  // where the entries begin if the head of the map has one byte
	maxUnindexed = 15 // keys; up to here, the head of the map has one byte
)

// Len returns the number of keys.
func (m Map) Len() int {
	switch {
	case m.text == "":
		return 0
	case m.at != nil:
		return len(m.at) - 1
	}
	return int(m.text[1] & 0x0f)
}

// Text returns the stored form, without a copy.
func (m Map) Text() string {
	if m.text == "" {
		return emptyText
	}
	return m.text
}

// Bytes returns the stored form.
func (m Map) Bytes() []byte { return []byte(m.Text()) }

// Size returns the number of bytes of Text, which is also the position behind the last entry.
func (m Map) Size() int { return len(m.Text()) }

// Equal reports whether both maps have the same values under the same keys.
func (m Map) Equal(other Map) bool { return m.text == other.text }

// Unchecked returns a Map that carries a text which nobody has checked yet. Only UncheckedText may be called on it.
func Unchecked(text string) Map { return Map{text: text} }

// UncheckedText returns the text that Unchecked was given.
func (m Map) UncheckedText() string { return m.text }

// Start returns the position of the first entry.
func (m Map) Start() int {
	if m.at != nil {
		return int(m.at[0])
	}
	return entriesStart
}

// EntryAt returns the entry at a position, and the position of the next entry.
func (m Map) EntryAt(pos int) (key, value string, next int) {
	s := m.text
	head := 1
	n := int(s[pos] & 0x1f)
	if s[pos] >= 0xc0 { // str8
		head, n = 2, int(s[pos+1])
	}
	p := pos + head + n
	next = skip(s, p)
	return s[pos+head : p], s[p:next], next
}

// Find returns where the entry of key begins and ends. If there is none, ok is false and both are where it would be.
func (m Map) Find(key string) (start, end int, ok bool) {
	if m.at != nil {
		return m.findIndexed(key)
	}
	p := entriesStart
	for p < len(m.text) {
		k, _, next := m.EntryAt(p)
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

func (m Map) findIndexed(key string) (start, end int, ok bool) {
	lo, hi := 0, len(m.at)-1
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch k, _, next := m.EntryAt(int(m.at[mid])); {
		case k == key:
			return int(m.at[mid]), next, true
		case k < key:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return int(m.at[lo]), int(m.at[lo]), false
}

// Get returns the encoded value of key, "" if there is none.
func (m Map) Get(key string) string {
	start, _, ok := m.Find(key)
	if !ok {
		return ""
	}
	_, v, _ := m.EntryAt(start)
	return v
}

// All yields all keys with their encoded values, in ascending order.
func (m Map) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for p := m.Start(); p < len(m.text); {
			k, v, next := m.EntryAt(p)
			if !yield(k, v) {
				return
			}
			p = next
		}
	}
}

// Put returns a map in which key has the value head+tail. Both parts are copied once, into the new text.
func (m Map) Put(key string, head []byte, tail string) Map {
	start, end, had := m.Find(key)
	n := m.Len()
	if !had {
		n++
	}
	text := m.Text()
	before, after := text[m.Start():start], text[end:]
	at, b := newText(n, len(before)+stringHeadSize(len(key))+len(key)+len(head)+len(tail)+len(after))
	b = append(b, before...)
	b = append(AppendStringHead(b, len(key)), key...)
	b = append(append(b, head...), tail...)
	return freeze(at, append(b, after...))
}

// Delete returns a map without key.
func (m Map) Delete(key string) Map {
	start, end, had := m.Find(key)
	switch {
	case !had:
		return m
	case m.Len() == 1:
		return Map{}
	}
	before, after := m.text[m.Start():start], m.text[end:]
	at, b := newText(m.Len()-1, len(before)+len(after))
	return freeze(at, append(append(b, before...), after...))
}

// WithoutKind returns a map without the values of a kind.
func (m Map) WithoutKind(k Kind) Map {
	has := false
	for _, v := range m.All() {
		has = has || KindOf(v) == k
	}
	if !has {
		return m
	}
	b := NewBuilder(len(m.text))
	for key, v := range m.All() {
		if KindOf(v) != k {
			b.Add(key, v)
		}
	}
	return b.Map()
}

// Union yields the keys of three maps in ascending order, each once.
func Union(a, b, c Map) iter.Seq[string] {
	return func(yield func(string) bool) {
		sides := [3]Map{a, b, c}
		at := [3]int{a.Start(), b.Start(), c.Start()}
		for {
			least, found := "", false
			for i, m := range sides {
				if at[i] < len(m.text) {
					if key, _, _ := m.EntryAt(at[i]); !found || key < least {
						least, found = key, true
					}
				}
			}
			if !found {
				return
			}
			for i, m := range sides {
				if at[i] < len(m.text) {
					if key, _, next := m.EntryAt(at[i]); key == least {
						at[i] = next
					}
				}
			}
			if !yield(least) {
				return
			}
		}
	}
}

// A Builder makes a Map of entries that are added in ascending order. The zero Builder is ready to use.
type Builder struct {
	entries []byte
	n       int
}

// NewBuilder returns a Builder with room for entries of size bytes together.
func NewBuilder(size int) Builder { return Builder{entries: make([]byte, 0, size)} }

// Add adds an entry. The key must be greater than the one before.
func (b *Builder) Add(key, value string) {
	b.n++
	b.entries = append(AppendStringHead(b.entries, len(key)), key...)
	b.entries = append(b.entries, value...)
}

// Map returns the map of all entries.
func (b *Builder) Map() Map {
	if b.n == 0 {
		return Map{}
	}
	at, text := newText(b.n, len(b.entries))
	return freeze(at, append(text, b.entries...))
}

// newText allocates the text of n entries of size bytes together, and appends its head. If the map needs an index, both are
// in the same piece of memory.
func newText(n, size int) (at []uint32, text []byte) {
	size += 1 + mapHeadSize(n)
	if n <= maxUnindexed {
		text = make([]byte, 0, size)
	} else {
		words := make([]uint32, n+1+(size+3)/4)
		at = words[: 0 : n+1]
		text = unsafe.Slice((*byte)(unsafe.Pointer(&words[n+1])), size)[:0]
	}
	return at, AppendMapHead(append(text, format), n)
}

// freeze makes a Map of a text, which nobody writes to from now on, and of the room for its index.
func freeze(at []uint32, text []byte) Map {
	return buildIndex(unsafe.String(unsafe.SliceData(text), len(text)), at)
}

// buildIndex makes a Map of a text that is known to be right. The capacity of at is what the index needs, 0 for none.
func buildIndex(text string, at []uint32) Map {
	if cap(at) == 0 {
		return Map{text: text}
	}
	m := Map{text, at}
	for p := 1 + mapHeadSize(cap(at)-1); p < len(text); {
		m.at = append(m.at, uint32(p))
		_, _, p = m.EntryAt(p)
	}
	m.at = append(m.at, uint32(len(text)))
	return m
}
