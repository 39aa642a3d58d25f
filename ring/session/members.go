package session

import (
	"fmt"
	"iter"
	"slices"

	"github.com/signet-go/signet/internal/wire"
)

// Members names a set. What parallel requests add and remove is all added and removed. An empty set is the same as none.
//
//	const starred session.Members[int] = "starred"
type Members[T comparable] string

// Has reports whether v is in the set. It is false if Lookup has an error, so if "not in the set" is what opens a door,
// as with a set of those who are banned, use Lookup.
func (k Members[T]) Has(s Session, v T) bool {
	raw, err := encodeMember(v)
	if err != nil {
		return false
	}
	all, _ := membersOf(s.data.Get(string(k)))
	_, ok := slices.BinarySearch(all, raw)
	return ok
}

// Lookup reports whether v is in the set; without a set it is not. The error wraps ErrUndecodable if the name holds a
// value of another kind or has members of another type.
func (k Members[T]) Lookup(s Session, v T) (bool, error) {
	raw := s.data.Get(string(k))
	if raw == "" {
		return false, nil
	}
	all, ok := membersOf(raw)
	if !ok {
		return false, fmt.Errorf("%w: key %q is not a set", ErrUndecodable, string(k))
	}
	for _, m := range all {
		if _, err := decode[T](m); err != nil {
			return false, fmt.Errorf("%w: key %q: %w", ErrUndecodable, string(k), err)
		}
	}
	member, err := encodeMember(v)
	if err != nil {
		return false, fmt.Errorf("session: key %q: %w", string(k), err)
	}
	_, found := slices.BinarySearch(all, member)
	return found, nil
}

// All yields the members in the order of their encoding: strings by length, then by alphabet. Members that are no T
// are left out; see Lookup.
func (k Members[T]) All(s Session) iter.Seq[T] {
	return func(yield func(T) bool) {
		all, _ := membersOf(s.data.Get(string(k)))
		for _, m := range all {
			if v, err := decode[T](m); err == nil && !yield(v) {
				return
			}
		}
	}
}

// Len returns the number of members.
func (k Members[T]) Len(s Session) int {
	all, _ := membersOf(s.data.Get(string(k)))
	return len(all)
}

// Add returns a session whose set has the members vs too. If one of them can't be told from others by its encoding, as a
// struct with unexported fields can't, the session carries an error instead.
func (k Members[T]) Add(s Session, vs ...T) Session {
	return k.edit(s, vs, func(all, vs []string) []string {
		all = append(all, vs...)
		slices.Sort(all)
		return slices.Compact(all)
	})
}

// Remove returns a session whose set lacks the members vs.
func (k Members[T]) Remove(s Session, vs ...T) Session {
	return k.edit(s, vs, func(all, vs []string) []string {
		slices.Sort(vs)
		return slices.DeleteFunc(all, func(m string) bool {
			_, gone := slices.BinarySearch(vs, m)
			return gone
		})
	})
}

// edit makes the set what f makes of its members and vs, all encoded.
func (k Members[T]) edit(s Session, vs []T, f func(all, vs []string) []string) Session {
	raw := s.data.Get(string(k))
	all, ok := membersOf(raw)
	if raw != "" && !ok {
		return s.fail(string(k), fmt.Errorf("%w: not a set", ErrUndecodable))
	}
	encoded := make([]string, 0, len(vs))
	for _, v := range vs {
		m, err := encodeMember(v)
		if err != nil {
			return s.fail(string(k), err)
		}
		encoded = append(encoded, m)
	}
	return s.keep(string(k), encodeMembers(f(all, encoded)))
}

// Delete returns a session without the set.
func (k Members[T]) Delete(s Session) Session { return s.drop(string(k)) }

// membersOf reads a set as a new slice; it refuses what is out of order, as merging relies on it.
func membersOf(raw string) ([]string, bool) {
	k, inner, _ := wire.Unwrap(raw)
	if k != wire.Members || inner == "" || !wire.IsArray(inner) {
		return nil, false
	}
	all := wire.Children(inner)
	for i := 1; i < len(all); i++ {
		if all[i] <= all[i-1] {
			return nil, false
		}
	}
	return all, true
}

func encodeMembers(all []string) string {
	if len(all) == 0 {
		return ""
	}
	b := wire.AppendArrayHead(nil, len(all))
	for _, m := range all {
		b = append(b, m...)
	}
	return wire.Wrap(wire.Members, string(b))
}
