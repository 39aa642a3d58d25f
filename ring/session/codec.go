package session

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// maxValue bounds one encoded value. It also ends the encoding of a value that contains itself.
const maxValue = 256 << 10

var errTooBig = fmt.Errorf("a value of more than %d bytes, or one that contains itself", maxValue)

// capped collects what the encoder writes, up to maxValue.
type capped struct{ b []byte }

func (c *capped) Write(p []byte) (int, error) {
	if len(c.b)+len(p) > maxValue {
		return 0, errTooBig
	}
	c.b = append(c.b, p...)
	return len(p), nil
}

func (c *capped) WriteByte(p byte) error {
	if len(c.b) >= maxValue {
		return errTooBig
	}
	c.b = append(c.b, p)
	return nil
}

// encode gives the canonical encoding of v: equal values have equal bytes, whatever order a map is walked in.
func encode[T any](v T) (s string, err error) { return encodeAt(v, 1) }

// encodeMember is encode for a member of a tally or a set, which lies one level deeper.
func encodeMember[T any](v T) (string, error) { return encodeAt(v, 2) }

func encodeAt[T any](v T, depth int) (s string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = "", fmt.Errorf("the encoder panicked: %v", p)
		}
	}()
	var out capped
	enc := msgpack.GetEncoder()
	defer msgpack.PutEncoder(enc)
	enc.Reset(&out)
	enc.UseCompactInts(true)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	s = string(out.b)
	end, err := walk(s, 0, depth, false)
	if err != nil {
		return "", err
	}
	if end != len(s) {
		return "", errors.New("a custom encoder wrote more than one value")
	}
	t := traitsOf(reflect.TypeFor[T]())
	if t.unordered {
		s = string(canonical(make([]byte, 0, len(s)), s))
	}
	if t.open { // what an interface holds may be encoded and yet not be decodable again
		if _, err := decode[T](s); err != nil {
			return "", fmt.Errorf("it could not be read back: %w", err)
		}
	}
	return s, nil
}

// decode is the inverse of encode, for bytes that have been walked.
func decode[T any](s string) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			var zero T
			v, err = zero, fmt.Errorf("the decoder panicked: %v", p)
		}
	}()
	dec := msgpack.GetDecoder()
	defer msgpack.PutDecoder(dec)
	dec.Reset(strings.NewReader(s))
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

// checkNumbers finds integers that did not fit: msgpack turns 300 into an int8 of 44 without a word.
func checkNumbers[T any](s string, v T) error {
	var out capped
	enc := msgpack.GetEncoder()
	defer msgpack.PutEncoder(enc)
	enc.Reset(&out)
	enc.UseCompactInts(true)
	if err := enc.Encode(v); err != nil {
		return err
	}
	back := string(out.b)
	if back != s && !sameNumbers(s, back) {
		return errors.New("a number does not fit its type")
	}
	return nil
}

// sameNumbers reports whether no integer of a differs from the one in its place in b. What only one of them has is of
// no interest: a field that was added or removed.
func sameNumbers(a, b string) bool {
	if n, ok := intAt(a); ok {
		m, isInt := intAt(b)
		return !isInt || n == m
	}
	as, bs := childrenOf(a), childrenOf(b)
	if isMap(a) && isMap(b) {
		for i := 0; i+1 < len(as); i += 2 {
			for j := 0; j+1 < len(bs); j += 2 {
				if as[i] == bs[j] && !sameNumbers(as[i+1], bs[j+1]) {
					return false
				}
			}
		}
		return mapKeysFit(as, bs)
	}
	if isMap(a) || isMap(b) {
		return true
	}
	for i := range min(len(as), len(bs)) {
		if !sameNumbers(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// mapKeysFit reports whether integer keys survived: a truncated one is another key.
func mapKeysFit(as, bs []string) bool {
	for i := 0; i < len(as); i += 2 {
		if _, ok := intAt(as[i]); !ok {
			continue
		}
		found := false
		for j := 0; j < len(bs) && !found; j += 2 {
			_, isInt := intAt(bs[j])
			found = as[i] == bs[j] || !isInt
		}
		if !found {
			return false
		}
	}
	return true
}

func isMap(s string) bool { return s[0] >= 0x80 && s[0] <= 0x8f || s[0] == 0xde || s[0] == 0xdf }

func isArray(s string) bool { return s[0] >= 0x90 && s[0] <= 0x9f || s[0] == 0xdc || s[0] == 0xdd }

// childrenOf returns the values of an array, or the keys and values of a map in turn, of bytes that have been walked.
func childrenOf(s string) []string {
	var n, head int
	var err error
	switch {
	case isMap(s):
		n, head, err = mapHead(s, 0)
		n *= 2
	case isArray(s):
		n, head, err = arrayHead(s, 0)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	out := make([]string, 0, n)
	for p := head; len(out) < n; {
		end, err := walk(s, p, 0, false)
		if err != nil {
			return nil
		}
		out = append(out, s[p:end])
		p = end
	}
	return out
}

// canonical appends s with the entries of every map ordered by their encoded keys.
func canonical(b []byte, s string) []byte {
	kids := childrenOf(s)
	switch {
	case isMap(s):
		type pair struct{ key, value string }
		pairs := make([]pair, 0, len(kids)/2)
		for i := 0; i+1 < len(kids); i += 2 {
			pairs = append(pairs, pair{string(canonical(nil, kids[i])), kids[i+1]})
		}
		slices.SortStableFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
		b = appendMapHead(b, len(pairs))
		for _, p := range pairs {
			b = canonical(append(b, p.key...), p.value)
		}
		return b
	case isArray(s):
		b = appendArrayHead(b, len(kids))
		for _, k := range kids {
			b = canonical(b, k)
		}
		return b
	}
	return append(b, s...)
}

// traits are what the codec has to mind about a type.
type traits struct {
	unordered bool // contains a map or an interface: its encoding has no fixed order
	open      bool // contains an interface
	integers  bool // contains an integer, which the codec may truncate
}

var knownTraits sync.Map // reflect.Type to traits

func traitsOf(t reflect.Type) traits {
	if known, ok := knownTraits.Load(t); ok {
		return known.(traits)
	}
	var tr traits
	collect(t, &tr, map[reflect.Type]bool{})
	knownTraits.Store(t, tr)
	return tr
}

func collect(t reflect.Type, tr *traits, seen map[reflect.Type]bool) {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		tr.unordered = true
		collect(t.Key(), tr, seen)
		collect(t.Elem(), tr, seen)
	case reflect.Interface:
		tr.unordered, tr.open = true, true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			collect(t.Elem(), tr, seen)
		}
	case reflect.Struct:
		for i := range t.NumField() {
			collect(t.Field(i).Type, tr, seen)
		}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr, reflect.Int, reflect.Int64:
		tr.integers = true
	}
	if t.Kind() != reflect.Interface && (t.Implements(customEncoder) || reflect.PointerTo(t).Implements(customEncoder)) {
		tr.unordered = true
	}
}

var customEncoder = reflect.TypeFor[msgpack.CustomEncoder]()
