package session

import (
	"errors"
	"fmt"

	"github.com/signet-go/signet/internal/wire"
)

// Counter names a number that parallel requests add to without losing anything: N times Add(1) give exactly N, whatever
// the order. A counter of 0 is the same as none.
//
//	const visits session.Counter = "visits"
type Counter string

var errOverflow = errors.New("a counter left the range of int64")

// Get returns the number; 0 if there is none or Lookup has an error.
func (k Counter) Get(s Session) int64 {
	n, _ := k.Lookup(s)
	return n
}

// Lookup returns the number. The error is ErrAbsent if there is none, and wraps ErrUndecodable if the name
// holds a value of another kind.
func (k Counter) Lookup(s Session) (int64, error) {
	raw := s.data.Get(string(k))
	if raw == "" {
		return 0, ErrAbsent
	}
	n, ok := counterOf(raw)
	if !ok {
		return 0, fmt.Errorf("%w: key %q is not a counter", ErrUndecodable, string(k))
	}
	return n, nil
}

// Add returns a session in which the counter is n higher. Over the range of int64, or over a value of another kind, the
// session carries an error instead.
func (k Counter) Add(s Session, n int64) Session {
	old, err := k.Lookup(s)
	if err != nil && err != ErrAbsent {
		return s.fail(string(k), err)
	}
	sum, ok := addInt(old, n)
	if !ok {
		return s.fail(string(k), errOverflow)
	}
	if sum == 0 {
		return s.drop(string(k))
	}
	var in, out [16]byte
	inner := wire.AppendInt(in[:0], sum)
	return s.put(string(k), append(wire.AppendKindHead(out[:0], wire.Counter, len(inner)), inner...), "")
}

// Delete returns a session without the counter: what a parallel request adds is counted from 0.
func (k Counter) Delete(s Session) Session { return s.drop(string(k)) }

func counterOf(raw string) (int64, bool) {
	k, inner, _ := wire.Unwrap(raw)
	if k != wire.Counter {
		return 0, false
	}
	return wire.Int64(inner)
}

func encodeCounter(n int64) string {
	if n == 0 {
		return ""
	}
	return wire.Wrap(wire.Counter, string(wire.AppendInt(nil, n)))
}

func addInt(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0) || b == 0
}

func subInt(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0) || b == 0
}
