package session

import (
	"fmt"
	"strings"
)

// Keys whose names begin with a dot are reserved for layers. They are ordinary keys of the record: they are stored,
// merged and counted as such, and a session that has only these has a record. But they are no part of a user's data, so
// whatever treats the values of a session as a whole leaves them out.

// reserved reports whether key is one of a layer.
func reserved(key string) bool { return strings.HasPrefix(key, ".") }

// reservedRange returns where the entries with reserved keys begin and end in the wire: keys ascend, so nothing lies
// between them.
func (d Data) reservedRange() (start, end int) {
	start, _, _ = d.find(".")
	if start == len(d.wire) {
		return start, start
	}
	end, _, _ = d.find("/") // the byte after the dot
	return start, end
}

// values returns the number of keys that are not reserved.
func (d Data) values() int {
	n := d.Len()
	for p, end := d.reservedRange(); p < end; n-- {
		_, _, p = d.entryAt(p)
	}
	return n
}

// sameValues reports whether a and b have equal values under the same keys, reserved keys aside.
func sameValues(a, b Data) bool {
	if a.Equal(b) {
		return true
	}
	aStart, aEnd := a.reservedRange()
	bStart, bEnd := b.reservedRange()
	return a.wire[a.begin():aStart] == b.wire[b.begin():bStart] && a.wire[aEnd:] == b.wire[bEnd:]
}

// onlyReserved returns the data of reserved keys alone.
func (d Data) onlyReserved() Data {
	var b builder
	for p, end := d.reservedRange(); p < end; {
		k, v, next := d.entryAt(p)
		b.add(k, v)
		p = next
	}
	return b.data()
}

// withoutReserved returns the data of all other keys.
func (d Data) withoutReserved() Data {
	start, end := d.reservedRange()
	if start == end {
		return d
	}
	var b builder
	for k, v := range d.entries() {
		if !reserved(k) {
			b.add(k, v)
		}
	}
	return b.data()
}

// shed drops the first reserved key of a value that is too large, and reports whether it did: a user's data and a log-in
// come before what layers keep. It never drops the only key, as then it is what the response wants to store.
func (p *plan) shed() bool {
	start, end := p.data.reservedRange()
	if start == end || p.data.Len() == 1 {
		return false
	}
	key, _, _ := p.data.entryAt(start)
	p.data = p.data.drop(key)
	p.lost++
	return true
}

// loss is what an event says about the keys that were shed; nil if none were.
func (p *plan) loss() error {
	if p.lost == 0 {
		return nil
	}
	return fmt.Errorf("session: too large: %d keys of layers were dropped", p.lost)
}
