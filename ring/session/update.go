package session

import (
	"github.com/signet-go/signet/internal/funcs"
	"github.com/signet-go/signet/ring"
)

// What each kind of key can say in a response. All of these are an [Update]: they work on the newest value, and beside
// [Delete], which acts first, on the empty session. Each is a type of its own instead of a function, so that two of them
// can be compared, and read by people.

// Put is a change of a response that sets the key to v in the newest session, as [Update] does: it also applies after a
// conflict, and beside [Delete], where it begins a new session with this value.
func (k Key[T]) Put(v T) ring.Change { return Slot{}.update(put[T]{k, v}) }

type put[T any] struct {
	key   Key[T]
	value T
}

func (u put[T]) apply(s Session) Session { return u.key.Set(s, u.value) }

func (u put[T]) says() saying { return said("put", u.apply(Session{})) }

// Change is a change of a response that sets the key to what f makes of its newest value (the zero value if it is
// absent). After a conflict f runs again, so it should be pure. A value that can't be decoded is a failed response. It
// is an [Update]: beside [Delete], f gets the zero value, and what it returns begins a new session.
func (k Key[T]) Change(f func(T) T) ring.Change { return Slot{}.update(changed[T]{k, f}) }

type changed[T any] struct {
	key Key[T]
	f   func(T) T
}

func (u changed[T]) apply(s Session) Session {
	v, err := u.key.Lookup(s)
	if err != nil && err != ErrAbsent {
		return s.fail(string(u.key), err)
	}
	return u.key.Set(s, u.f(v))
}

func (u changed[T]) says() saying {
	return saying{string(u.key), "change " + keyText(string(u.key)) + " by " + funcs.Of(u.f).String()}
}

// Put is a change of a response that sets the key to v in the newest session, as [Update] does: it also applies after a
// conflict, and beside [Delete], where it begins a new session with this value.
func (k Bound[T]) Put(v T) ring.Change { return Slot{}.update(putBound[T]{k, v}) }

type putBound[T any] struct {
	key   Bound[T]
	value T
}

func (u putBound[T]) apply(s Session) Session { return u.key.Set(s, u.value) }

func (u putBound[T]) says() saying { return said("put", u.apply(Session{})) }

// By is Add as a change of a response: With(visits.By(1)). It is an [Update]: it
// adds to the newest value, and beside [Delete] it begins a new session.
func (k Counter) By(n int64) ring.Change { return Slot{}.update(added{k, n}) }

type added struct {
	key Counter
	n   int64
}

func (u added) apply(s Session) Session { return u.key.Add(s, u.n) }

func (u added) says() saying { return said("add", u.apply(Session{})) }

// By is Add as a change of a response. It is an [Update]: it adds to the newest value, and beside [Delete] it begins a
// new session.
func (k Tally[K]) By(member K, n int64) ring.Change { return Slot{}.update(addedTo[K]{k, member, n}) }

type addedTo[K comparable] struct {
	key    Tally[K]
	member K
	n      int64
}

func (u addedTo[K]) apply(s Session) Session { return u.key.Add(s, u.member, u.n) }

func (u addedTo[K]) says() saying { return said("add", u.apply(Session{})) }

// With is Add as a change of a response. It is an [Update]: it adds to the newest value, and beside [Delete] it begins a
// new session.
func (k Members[T]) With(vs ...T) ring.Change { return Slot{}.update(joining[T]{k, vs}) }

type joining[T comparable] struct {
	key     Members[T]
	members []T
}

func (u joining[T]) apply(s Session) Session { return u.key.Add(s, u.members...) }

func (u joining[T]) says() saying { return said("add", u.apply(Session{})) }

// Without is Remove as a change of a response. It is an [Update]: it takes from the newest value, and beside [Delete]
// it finds nothing.
func (k Members[T]) Without(vs ...T) ring.Change { return Slot{}.update(leaving[T]{k, vs}) }

type leaving[T comparable] struct {
	key     Members[T]
	members []T
}

func (u leaving[T]) apply(s Session) Session { return u.key.Remove(s, u.members...) }

func (u leaving[T]) says() saying { return said("remove", u.key.Add(Session{}, u.members...)) }
