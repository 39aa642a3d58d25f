package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/signet-go/signet/internal/wire"
)

// shed drops the first reserved key of a value that is too large, and reports whether it did: a user's data and a log-in
// come before what layers keep. It never drops the only key, as then it is what the response wants to store.
func (p *plan) shed() bool {
	start, end := reservedRange(p.data)
	if start == end || p.data.Len() == 1 {
		return false
	}
	key, _, _ := p.data.EntryAt(start)
	p.data = p.data.Delete(key)
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

// withBiggest adds the keys that take the most room to the error of a session that is too large.
func withBiggest(d wire.Map, err error) error {
	type sized struct {
		key string
		n   int
	}
	var all []sized
	for k, v := range d.All() {
		all = append(all, sized{k, len(v)})
	}
	slices.SortStableFunc(all, func(a, b sized) int { return b.n - a.n })
	var parts []string
	for _, s := range all[:min(3, len(all))] {
		parts = append(parts, fmt.Sprintf("%q %d", s.key, s.n))
	}
	return fmt.Errorf("%w; the biggest keys (with their bytes): %s", err, strings.Join(parts, ", "))
}
