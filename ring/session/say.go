package session

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/signet-go/signet/internal/funcs"
	"github.com/signet-go/signet/internal/wire"
)

// What a response says about a session as people read it, for tests that compare responses. Two changes are equal if
// they read the same, so nothing that makes a difference may be left out here, and no token may be shown.

// Equal reports whether both say the same about the session.
func (cs *changes) Equal(other *changes) bool { return cs.String() == other.String() }

// String returns a line for each change: first those of the session as a whole, then those of its values, by key.
func (cs *changes) String() string {
	lines := cs.intent.lines()
	var group []saying // between two that may be about any key
	flush := func() {
		slices.SortStableFunc(group, func(a, b saying) int { return cmp.Compare(a.key, b.key) })
		for _, s := range group {
			lines = append(lines, s.line)
		}
		group = nil
	}
	for i := range cs.ops.Len() {
		for _, s := range cs.ops.At(i).sayings() {
			if s.key == "" {
				flush()
			}
			group = append(group, s)
			if s.key == "" {
				flush()
			}
		}
	}
	flush()
	return strings.Join(lines, "\n")
}

func (i *intent) lines() (lines []string) {
	for _, said := range []struct {
		is   bool
		line string
	}{
		{i.delete, "delete"}, {i.discard, "discard"}, {i.renew, "renew"}, {i.login, "log in " + strconv.Quote(i.owner)},
		{i.lifetime, i.limits.String()},
	} {
		if said.is {
			lines = append(lines, said.line)
		}
	}
	return lines
}

// String returns the limits: 0s stands for that of Options, and a negative one for none.
func (l lifetime) String() string {
	text := fmt.Sprintf("lifetime idle %v, absolute %v", l.idle, l.absolute)
	if l.persistent {
		text += ", persistent"
	}
	return text
}

func (o *op) sayings() []saying {
	switch o.kind {
	case opSet:
		return o.s.sayings()
	case opUpdate:
		return []saying{o.update.says()}
	default:
		return []saying{{"", "attempt by " + funcs.Of(o.attempt).String()}}
	}
}

// sayings returns what Set says about the session: what distinguishes it from the one it was derived from.
func (s *Session) sayings() (all []saying) {
	base := wire.Map{}
	if s.from == nil {
		all = append(all, saying{"", "replace all values"})
	} else {
		base = wire.Map(s.from.rec.Data)
	}
	if s.err != nil {
		all = append(all, saying{"", "set what fails: " + s.err.Error()})
	}
	for key := range wire.Union(base, s.data, wire.Map{}) {
		old, now := base.Get(key), s.data.Get(key)
		switch {
		case old == now:
		case old == "":
			all = append(all, saying{key, "set " + keyText(key) + " = " + valueText(now)})
		default:
			all = append(all, saying{key, "set " + keyText(key) + " = " + valueText(now) + ", was " + valueText(old)})
		}
	}
	if all == nil {
		all = []saying{{"", "set no value"}}
	}
	return all
}

// said returns what a change of a kind says about the only key of s, which is what it makes of an empty session.
func said(verb string, s Session) saying {
	if s.err != nil {
		return saying{"", verb + " what fails: " + s.err.Error()}
	}
	for key, value := range s.data.All() {
		return saying{key, verb + " " + keyText(key) + " = " + valueText(value)}
	}
	return saying{"", verb + " nothing"}
}

// Equal reports whether both are of the same session with the same values. When the requests came makes no difference.
func (a *arrival) Equal(other *arrival) bool { return a.String() == other.String() }

// Equal is that of arrival.
func (a *arrivalWithRecord) Equal(other *arrivalWithRecord) bool {
	return a.arrival.Equal(&other.arrival)
}

// String returns the state, the owner and the handle, and a line for each value.
func (a *arrival) String() string {
	lines := []string{a.state.String()}
	if r := a.rec; r.Owner != "" {
		lines[0] += ", owner " + strconv.Quote(r.Owner)
	}
	if a.rec.Handle != (Handle{}) {
		lines[0] += ", handle " + a.rec.Handle.String()
	}
	for key, value := range wire.Map(a.rec.Data).All() {
		lines = append(lines, keyText(key)+" = "+valueText(value))
	}
	return strings.Join(lines, "\n")
}
