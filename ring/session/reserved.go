package session

import (
	"strings"

	"github.com/signet-go/signet/internal/wire"
)

// Keys whose names begin with a dot are reserved for layers. They are ordinary keys of the record: they are stored,
// merged and counted as such, and a session that has only these has a record. But they are no part of a user's data, so
// whatever treats the values of a session as a whole leaves them out.

// reserved reports whether key is one of a layer.
func reserved(key string) bool { return strings.HasPrefix(key, ".") }

// reservedRange returns where the entries with reserved keys begin and end in the text: keys ascend, so nothing lies
// between them.
func reservedRange(d wire.Map) (start, end int) {
	start, _, _ = d.Find(".")
	if start == d.Size() {
		return start, start
	}
	end, _, _ = d.Find("/") // the byte after the dot
	return start, end
}

// valuesIn returns the number of keys that are not reserved.
func valuesIn(d wire.Map) int {
	n := d.Len()
	for p, end := reservedRange(d); p < end; n-- {
		_, _, p = d.EntryAt(p)
	}
	return n
}

// sameValues reports whether a and b have equal values under the same keys, reserved keys aside.
func sameValues(a, b wire.Map) bool {
	if a.Equal(b) {
		return true
	}
	aStart, aEnd := reservedRange(a)
	bStart, bEnd := reservedRange(b)
	aText, bText := a.Text(), b.Text()
	return aText[a.Start():aStart] == bText[b.Start():bStart] && aText[aEnd:] == bText[bEnd:]
}

// onlyReserved returns the data of reserved keys alone.
func onlyReserved(d wire.Map) wire.Map {
	var b wire.Builder
	for p, end := reservedRange(d); p < end; {
		k, v, next := d.EntryAt(p)
		b.Add(k, v)
		p = next
	}
	return b.Map()
}

// withoutReserved returns the data of all other keys.
func withoutReserved(d wire.Map) wire.Map {
	start, end := reservedRange(d)
	if start == end {
		return d
	}
	var b wire.Builder
	for k, v := range d.All() {
		if !reserved(k) {
			b.Add(k, v)
		}
	}
	return b.Map()
}
