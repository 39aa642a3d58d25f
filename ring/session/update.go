package session

import "github.com/signet-go/signet/ring"

// What each kind of key can say in a response. All of these are an [Update]: they work on the newest value, and beside
// [Delete], which acts first, on the empty session.

// Put is a change of a response that sets the key to v in the newest session, as [Update] does: it also applies after a
// conflict, and beside [Delete], where it begins a new session with this value.
func (k Key[T]) Put(v T) ring.Change {
	return Update(func(s Session) Session { return k.Set(s, v) })
}

// Change is a change of a response that sets the key to what f makes of its newest value (the zero value if it is
// absent). After a conflict f runs again, so it should be pure. A value that can't be decoded is a failed response. It
// is an [Update]: beside [Delete], f gets the zero value, and what it returns begins a new session.
func (k Key[T]) Change(f func(T) T) ring.Change {
	return Update(func(s Session) Session {
		v, err := k.Lookup(s)
		if err != nil && err != ErrAbsent {
			return s.fail(string(k), err)
		}
		return k.Set(s, f(v))
	})
}

// Put is a change of a response that sets the key to v in the newest session, as [Update] does: it also applies after a
// conflict, and beside [Delete], where it begins a new session with this value.
func (k Bound[T]) Put(v T) ring.Change {
	return Update(func(s Session) Session { return k.Set(s, v) })
}

// By is Add as a change of a response: With(visits.By(1)). It is an [Update]: it
// adds to the newest value, and beside [Delete] it begins a new session.
func (k Counter) By(n int64) ring.Change {
	return Update(func(s Session) Session { return k.Add(s, n) })
}

// By is Add as a change of a response. It is an [Update]: it adds to the newest value, and beside [Delete] it begins a
// new session.
func (k Tally[K]) By(member K, n int64) ring.Change {
	return Update(func(s Session) Session { return k.Add(s, member, n) })
}

// With is Add as a change of a response. It is an [Update]: it adds to the newest value, and beside [Delete] it begins a
// new session.
func (k Members[T]) With(vs ...T) ring.Change {
	return Update(func(s Session) Session { return k.Add(s, vs...) })
}

// Without is Remove as a change of a response. It is an [Update]: it takes from the newest value, and beside [Delete]
// it finds nothing.
func (k Members[T]) Without(vs ...T) ring.Change {
	return Update(func(s Session) Session { return k.Remove(s, vs...) })
}
