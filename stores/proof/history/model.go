package history

import (
	"fmt"
	"math"

	"github.com/anishathalye/porcupine"
)

// state is a record, or none where the version is 0.
type state struct {
	version, content uint64
	renewed          bool
	expires          int64
}

func (s state) String() string {
	if s.version == 0 {
		return "none"
	}
	return fmt.Sprintf("%x expires %d", s.version, s.expires)
}

// step returns the states that the record may be in after o, none if o can't have happened in s.
func (o Operation) step(s state) []state {
	switch o.Kind {
	case Load:
		return o.load(s)
	case Save:
		return o.save(s)
	case Touch:
		return o.touch(s)
	case Delete:
		return o.maybe(s, state{})
	}
	return o.sweep(s)
}

func (o Operation) load(s state) []state {
	switch o.Answer {
	case OK:
		if s != (state{o.Version, o.Content, o.Renewed, o.Expires}) {
			return nil
		}
	case NotFound:
		if s.version != 0 {
			return nil
		}
	case Conflict:
		return nil
	}
	return []state{s}
}

func (o Operation) save(s state) []state {
	after := state{o.Version, o.Content, o.Renewed, o.Expires}
	switch o.Answer {
	case OK:
		if s.version != o.Seen {
			return nil
		}
		return []state{after}
	case Conflict:
		if s.version == o.Seen || s.version == 0 {
			return nil
		}
	case NotFound:
		if s.version != 0 || o.Seen == 0 {
			return nil
		}
	case Unknown:
		if s.version == o.Seen {
			return []state{s, after}
		}
	}
	return []state{s}
}

func (o Operation) touch(s state) []state {
	after := s
	if s.version != 0 && s.version == o.Seen && s.expires < o.Expires {
		after.expires = o.Expires
	}
	return o.maybe(s, after)
}

// sweep may leave what has expired for later, but takes nothing else.
func (o Operation) sweep(s state) []state {
	if s.version == 0 || s.expires >= o.Expires {
		return []state{s}
	}
	return []state{s, {}}
}

// maybe is what becomes of s by a call that does something, if it was made.
func (o Operation) maybe(s, after state) []state {
	switch o.Answer {
	case OK:
		return []state{after}
	case Unknown:
		return []state{s, after}
	}
	return nil
}

// model is the sequential model of one record.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			byRecord := map[int][]porcupine.Operation{}
			for _, o := range history {
				n := o.Input.(Operation).Record
				byRecord[n] = append(byRecord[n], o)
			}
			var parts [][]porcupine.Operation
			for _, p := range byRecord {
				parts = append(parts, p)
			}
			return parts
		},
		Init: func() []any { return []any{state{}} },
		Step: func(s, input, _ any) []any {
			var next []any
			for _, n := range input.(Operation).step(s.(state)) {
				next = append(next, n)
			}
			return next
		},
		Equal:             func(a, b any) bool { return a == b },
		DescribeOperation: func(input, _ any) string { return input.(Operation).String() },
		DescribeState:     func(s any) string { return s.(state).String() },
	}
	return m.ToModel()
}

// events makes operations what the checker reads. One whose outcome is unknown may still happen after all others.
func events(ops []Operation) []porcupine.Operation {
	var all []porcupine.Operation
	for _, o := range ops {
		end := o.Return
		if o.Answer == Unknown {
			end = math.MaxInt64
		}
		all = append(all, porcupine.Operation{ClientId: o.Process*1000 + o.Caller, Input: o, Call: o.Call, Return: end})
	}
	return all
}
