package session

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/signet-go/signet/internal/wire"
)

// encode returns the canonical encoding of v: equal values have equal bytes, whatever order a map is iterated in.
func encode[T any](v T) (s string, err error) { return encodeAt(v, 1) }

// memberDepth is how deep a member of a tally or a set lies. Members are told apart by their encoding alone.
const memberDepth = 2

func encodeMember[T any](v T) (string, error) { return encodeAt(v, memberDepth) }

func encodeAt[T any](v T, depth int) (s string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = "", fmt.Errorf("the encoder panicked: %v", p)
		}
	}()
	t := traitsOf(reflect.TypeFor[T]())
	in := inspector{member: depth == memberDepth}
	if err := in.checkType(t); err != nil {
		return "", err
	}
	if t.unbounded {
		if err := in.look(reflect.ValueOf(&v).Elem(), 0); err != nil {
			return "", err
		}
	}
	if s, err = marshal(&v); err != nil {
		return "", err
	}
	end, err := wire.Walk(s, 0, depth, false)
	switch {
	case err == wire.ErrNested:
		return "", errTooDeep
	case err != nil:
		return "", err
	case end != len(s):
		return "", errors.New("a custom encoder wrote more than one value")
	}
	if t.unordered {
		s = string(wire.AppendSorted(make([]byte, 0, len(s)), s))
	}
	if t.reread { // it may encode to something that can't be decoded again
		if _, err := decode[T](s); err != nil {
			return "", fmt.Errorf("it could not be read back: %w", err)
		}
	}
	return s, nil
}

// marshal returns what msgpack makes of *v, with times as they are stored. It encodes through the pointer because a
// type's own encoder may have a pointer receiver, as that of url.URL has.
func marshal[T any](v *T) (string, error) {
	var out capped
	enc := msgpack.GetEncoder()
	defer msgpack.PutEncoder(enc)
	enc.Reset(&out)
	enc.UseCompactInts(true)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	retype(out.b, wire.ExtTime, wire.ExtZoned)
	return string(out.b), nil
}

// decode is the inverse of encode, for bytes that have been walked.
func decode[T any](s string) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			var zero T
			v, err = zero, fmt.Errorf("the decoder panicked: %v", p)
		}
	}()
	if t, is := any(&v).(*time.Time); is { // msgpack's own shortcut for it doesn't know zones
		var ok bool
		if *t, ok = timeOf(s); !ok {
			return v, errors.New("not a time")
		}
		return v, nil
	}
	src := &source{}
	src.Reset(forMsgpack(s))
	dec := msgpack.GetDecoder()
	defer msgpack.PutDecoder(dec)
	dec.Reset(src)
	dec.UseLooseInterfaceDecoding(true)
	if err := dec.Decode(&v); err != nil {
		var zero T
		return zero, err
	}
	if traitsOf(reflect.TypeFor[T]()).integers {
		if err := checkNumbers(s, v); err != nil {
			var zero T
			return zero, err
		}
	}
	return v, nil
}

// checkNumbers finds integers that did not fit: msgpack decodes 300 into an int8 as 44, without an error.
func checkNumbers[T any](s string, v T) error {
	back, err := marshal(&v)
	if err != nil {
		return err
	}
	if c := (comparison{}); back != s && !c.sameNumbers(s, back) {
		return errors.New("a number does not fit its type")
	}
	return nil
}

// A comparison looks for integers that differ. It counts the values that it looks at: as a visitor may have filled a
// map, they must not be more than a multiple of what there is.
type comparison struct{ looks int }

// sameNumbers reports whether no integer of a differs from the one in its place in b. What only one of them has is a
// field that was added or removed, and doesn't matter.
func (c *comparison) sameNumbers(a, b string) bool {
	c.looks++
	if n, ok := wire.Int(a); ok {
		m, isInt := wire.Int(b)
		return !isInt || n == m
	}
	switch {
	case wire.IsMap(a) && wire.IsMap(b):
		return c.sameInMaps(wire.Children(a), wire.Children(b))
	case wire.IsArray(a) && wire.IsArray(b):
		as, bs := wire.Children(a), wire.Children(b)
		for i := range min(len(as), len(bs)) {
			if !c.sameNumbers(as[i], bs[i]) {
				return false
			}
		}
	}
	return true
}

// sameInMaps is sameNumbers for maps, as keys and values in turn. A key that is an integer has to be in both: a
// truncated one is another key.
func (c *comparison) sameInMaps(as, bs []string) bool {
	values := make(map[string]string, len(bs)/2)
	integers := true // all keys of b are
	for j := 0; j+1 < len(bs); j += 2 {
		c.looks++
		values[bs[j]] = bs[j+1]
		if _, ok := wire.Int(bs[j]); !ok {
			integers = false
		}
	}
	for i := 0; i+1 < len(as); i += 2 {
		c.looks++
		v, found := values[as[i]]
		if found && !c.sameNumbers(as[i+1], v) {
			return false
		}
		if _, isInt := wire.Int(as[i]); isInt && !found && integers {
			return false
		}
	}
	return true
}
