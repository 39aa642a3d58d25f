package session

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/signet-go/signet/internal/wire"
)

// Tally names a counter for each member, such as the quantities of a cart. Parallel requests add to it without losing
// anything, to the same member too. A member at 0 is the same as none.
//
//	const cart session.Tally[string] = "cart"
type Tally[K comparable] string

// Get returns the number of a member; 0 if there is none or Lookup has an error.
func (k Tally[K]) Get(s Session, member K) int64 {
	raw, err := encodeMember(member)
	if err != nil {
		return 0
	}
	all, _ := tallyOf(s.data.Get(string(k)))
	if i, ok := findCount(all, raw); ok {
		return all[i].n
	}
	return 0
}

// Lookup returns the number of a member. The error is ErrAbsent if there is none, and wraps ErrUndecodable if the name
// holds a value of another kind or has members of another type.
func (k Tally[K]) Lookup(s Session, member K) (int64, error) {
	raw := s.data.Get(string(k))
	if raw == "" {
		return 0, ErrAbsent
	}
	all, ok := tallyOf(raw)
	if !ok {
		return 0, fmt.Errorf("%w: key %q is not a tally", ErrUndecodable, string(k))
	}
	for _, c := range all {
		if _, err := decode[K](c.member); err != nil {
			return 0, fmt.Errorf("%w: key %q: %w", ErrUndecodable, string(k), err)
		}
	}
	name, err := encodeMember(member)
	if err != nil {
		return 0, fmt.Errorf("session: key %q: %w", string(k), err)
	}
	if i, ok := findCount(all, name); ok {
		return all[i].n, nil
	}
	return 0, ErrAbsent
}

// All yields the members with their numbers, in the order of their encoding: strings by length, then by alphabet.
// Members that are no K are left out; see Lookup.
func (k Tally[K]) All(s Session) iter.Seq2[K, int64] {
	return func(yield func(K, int64) bool) {
		all, _ := tallyOf(s.data.Get(string(k)))
		for _, c := range all {
			if m, err := decode[K](c.member); err == nil && !yield(m, c.n) {
				return
			}
		}
	}
}

// Len returns the number of members.
func (k Tally[K]) Len(s Session) int {
	all, _ := tallyOf(s.data.Get(string(k)))
	return len(all)
}

// Add returns a session in which member counts n more. Over the range of int64, over a value of another kind, and for a
// member that can't be told from others by its encoding, such as a struct with unexported fields, the session carries
// an error instead.
func (k Tally[K]) Add(s Session, member K, n int64) Session {
	return k.count(s, member, func(old int64) (int64, bool) { return addInt(old, n) })
}

// count makes the number of a member what f says.
func (k Tally[K]) count(s Session, member K, f func(old int64) (int64, bool)) Session {
	name, err := encodeMember(member)
	if err != nil {
		return s.fail(string(k), err)
	}
	raw := s.data.Get(string(k))
	all, ok := tallyOf(raw)
	if raw != "" && !ok {
		return s.fail(string(k), fmt.Errorf("%w: not a tally", ErrUndecodable))
	}
	i, had := findCount(all, name)
	var old int64
	if had {
		old = all[i].n
	}
	sum, ok := f(old)
	if !ok {
		return s.fail(string(k), errOverflow)
	}
	switch {
	case sum == 0 && had:
		all = slices.Delete(all, i, i+1)
	case sum == 0:
		return s
	case had:
		all[i].n = sum
	default:
		all = slices.Insert(all, i, count{name, sum})
	}
	return s.keep(string(k), encodeTally(all))
}

// Remove returns a session in which member counts 0: what a parallel request adds to it stays.
func (k Tally[K]) Remove(s Session, member K) Session {
	return k.count(s, member, func(int64) (int64, bool) { return 0, true })
}

// Delete returns a session without the tally.
func (k Tally[K]) Delete(s Session) Session { return s.drop(string(k)) }

// A count is one member of a tally, encoded, and its number.
type count struct {
	member string
	n      int64
}

func byMember(a, b count) int { return strings.Compare(a.member, b.member) }

func findCount(all []count, member string) (int, bool) {
	return slices.BinarySearchFunc(all, count{member: member}, byMember)
}

// tallyOf reads a tally as a new slice; it refuses what is out of order, as merging relies on it.
func tallyOf(raw string) ([]count, bool) {
	k, inner, _ := wire.Unwrap(raw)
	if k != wire.Tally || inner == "" || !wire.IsMap(inner) {
		return nil, false
	}
	kids := wire.Children(inner)
	all := make([]count, 0, len(kids)/2)
	for i := 0; i+1 < len(kids); i += 2 {
		n, ok := wire.Int64(kids[i+1])
		if !ok || i > 0 && kids[i] <= kids[i-2] {
			return nil, false
		}
		all = append(all, count{kids[i], n})
	}
	return all, true
}

func encodeTally(all []count) string {
	if len(all) == 0 {
		return ""
	}
	b := wire.AppendMapHead(nil, len(all))
	for _, c := range all {
		b = wire.AppendInt(append(b, c.member...), c.n)
	}
	return wire.Wrap(wire.Tally, string(b))
}
