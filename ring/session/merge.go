package session

import (
	"fmt"
	"maps"
	"slices"

	"github.com/signet-go/signet/internal/wire"
)

// merge is the three-way merge: what distinguishes mine from base, applied to theirs. Keys that only one side changed
// are as that side has them; a plain key that both changed is mine, as mine commits later; mergeable kinds merge. A key
// that mine deleted stays deleted; base is needed to tell a deletion from a key that mine never had.
func merge(base, mine, theirs wire.Map) (wire.Map, error) {
	switch {
	case mine.Equal(base):
		return theirs, nil
	case theirs.Equal(base):
		return mine, nil
	}
	b := wire.NewBuilder(mine.Size() + theirs.Size())
	for key := range wire.Union(base, mine, theirs) {
		v, err := mergeValue(base.Get(key), mine.Get(key), theirs.Get(key))
		if err != nil {
			return wire.Map{}, fmt.Errorf("session: key %q: %w", key, err)
		}
		if v != "" {
			b.Add(key, v)
		}
	}
	return b.Map(), nil
}

// mergeValue merges one key; "" stands for absent.
func mergeValue(base, mine, theirs string) (string, error) {
	switch {
	case mine == base:
		return theirs, nil
	case theirs == base:
		return mine, nil
	}
	switch commonKind(base, mine, theirs) {
	case wire.Counter:
		return mergeCounter(base, mine, theirs)
	case wire.Tally:
		return mergeTally(base, mine, theirs)
	case wire.Members:
		return mergeMembers(base, mine, theirs)
	}
	return mine, nil
}

// commonKind is the mergeable kind of all values that are there, or plain.
func commonKind(values ...string) wire.Kind {
	k := wire.Kind(-1)
	for _, v := range values {
		if v == "" {
			continue
		}
		has := wire.KindOf(v)
		if k >= 0 && has != k {
			return wire.Plain
		}
		k = has
	}
	return k
}

func mergeCounter(base, mine, theirs string) (string, error) {
	var n [3]int64
	for i, v := range []string{base, mine, theirs} {
		if v == "" {
			continue
		}
		var ok bool
		if n[i], ok = counterOf(v); !ok {
			return mine, nil // not made by us: nothing to add up
		}
	}
	sum, err := shifted(n[0], n[1], n[2])
	return encodeCounter(sum), err
}

// shifted is theirs moved by what took base to mine.
func shifted(base, mine, theirs int64) (int64, error) {
	if d, ok := subInt(mine, base); ok {
		if sum, ok := addInt(theirs, d); ok {
			return sum, nil
		}
	}
	return 0, errOverflow
}

func mergeTally(base, mine, theirs string) (string, error) {
	var sides [3]map[string]int64
	names := map[string]bool{}
	for i, v := range []string{base, mine, theirs} {
		all, ok := tallyOf(v)
		if v != "" && !ok {
			return mine, nil
		}
		sides[i] = make(map[string]int64, len(all))
		for _, c := range all {
			sides[i][c.member] = c.n
			names[c.member] = true
		}
	}
	var out []count
	for _, name := range slices.Sorted(maps.Keys(names)) {
		n, err := shifted(sides[0][name], sides[1][name], sides[2][name])
		if err != nil {
			return "", err
		}
		if n != 0 {
			out = append(out, count{name, n})
		}
	}
	return encodeTally(out), nil
}

func mergeMembers(base, mine, theirs string) (string, error) {
	var sides [3][]string
	for i, v := range []string{base, mine, theirs} {
		var ok bool
		if sides[i], ok = membersOf(v); v != "" && !ok {
			return mine, nil
		}
	}
	in := func(side int, m string) bool {
		_, ok := slices.BinarySearch(sides[side], m)
		return ok
	}
	var out []string
	for _, m := range sides[2] {
		if !in(0, m) || in(1, m) { // unless mine removed it
			out = append(out, m)
		}
	}
	for _, m := range sides[1] {
		if !in(0, m) && !in(2, m) {
			out = append(out, m)
		}
	}
	slices.Sort(out)
	return encodeMembers(out), nil
}
