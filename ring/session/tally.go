package session

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/signet-go/signet/ring"
)

// Tally names a counter for each member, such as the quantities of a cart. Parallel requests add to it without losing
// anything, to the same member too. A member at 0 is the same as none.
//
//	const cart session.Tally[string] = "cart"
type Tally[K comparable] string

// Get returns the number of a member; 0 where there is none.
func (k Tally[K]) Get(s Session, member K) int64 {
	raw, err := encodeMember(member)
	if err != nil {
		return 0
	}
	all, _ := tallyOf(s.data.get(string(k)))
	if i, ok := findCount(all, raw); ok {
		return all[i].n
	}
	return 0
}

// Lookup reports whether there is a tally: nil where it has a member, ErrAbsent where it has none, an error that wraps
// ErrUndecodable where the name holds a value of another kind or with members of another type.
func (k Tally[K]) Lookup(s Session) error {
	raw := s.data.get(string(k))
	if raw == "" {
		return ErrAbsent
	}
	all, ok := tallyOf(raw)
	if !ok {
		return fmt.Errorf("%w: key %q is not a tally", ErrUndecodable, string(k))
	}
	for _, c := range all {
		if _, err := decode[K](c.member); err != nil {
			return fmt.Errorf("%w: key %q: %w", ErrUndecodable, string(k), err)
		}
	}
	return nil
}

// All yields the members with their numbers, in the order of their encoding: strings by length, then by alphabet.
// Members that are no K are left out; see Lookup.
func (k Tally[K]) All(s Session) iter.Seq2[K, int64] {
	return func(yield func(K, int64) bool) {
		all, _ := tallyOf(s.data.get(string(k)))
		for _, c := range all {
			if m, err := decode[K](c.member); err == nil && !yield(m, c.n) {
				return
			}
		}
	}
}

// Len returns the number of members.
func (k Tally[K]) Len(s Session) int {
	all, _ := tallyOf(s.data.get(string(k)))
	return len(all)
}

// Add gives a session in which member counts n more.
func (k Tally[K]) Add(s Session, member K, n int64) Session {
	name, err := encodeMember(member)
	if err != nil {
		return s.fail(string(k), err)
	}
	raw := s.data.get(string(k))
	all, ok := tallyOf(raw)
	if raw != "" && !ok {
		return s.fail(string(k), fmt.Errorf("%w: not a tally", ErrUndecodable))
	}
	i, had := findCount(all, name)
	sum := n
	if had {
		if sum, ok = addInt(all[i].n, n); !ok {
			return s.fail(string(k), errOverflow)
		}
	}
	all = slices.Clone(all)
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

// By is Add as a change of a response.
func (k Tally[K]) By(member K, n int64) ring.Change {
	return Update(func(s Session) Session { return k.Add(s, member, n) })
}

// Remove gives a session in which member counts 0: what a parallel request adds to it stays.
func (k Tally[K]) Remove(s Session, member K) Session {
	return k.Add(s, member, -k.Get(s, member))
}

// Delete gives a session without the tally.
func (k Tally[K]) Delete(s Session) Session { return s.drop(string(k)) }

// keep puts an encoded value, or drops the key where it is "".
func (s Session) keep(key, value string) Session {
	if value == "" {
		return s.drop(key)
	}
	return s.put(key, nil, value)
}

// A count is one member of a tally, encoded, and its number.
type count struct {
	member string
	n      int64
}

func byMember(a, b count) int { return strings.Compare(a.member, b.member) }

func findCount(all []count, member string) (int, bool) {
	return slices.BinarySearchFunc(all, count{member: member}, byMember)
}

// tallyOf reads a tally; it refuses what is out of order, as merging relies on it.
func tallyOf(raw string) ([]count, bool) {
	k, inner, _ := unwrap(raw)
	if k != tally || inner == "" || !isMap(inner) {
		return nil, false
	}
	kids := childrenOf(inner)
	all := make([]count, 0, len(kids)/2)
	for i := 0; i+1 < len(kids); i += 2 {
		n, ok := int64At(kids[i+1])
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
	b := appendMapHead(nil, len(all))
	for _, c := range all {
		b = appendInt(append(b, c.member...), c.n)
	}
	return wrap(tally, string(b))
}
