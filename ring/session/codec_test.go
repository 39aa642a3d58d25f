package session

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/signet-go/signet/internal/wire"
)

type node struct {
	Name string
	Next *node
	Any  any
}

// What contains itself would overflow the stack inside of msgpack, which ends the process.
func TestAValueThatContainsItselfIsRefused(t *testing.T) {
	var pointer any
	pointer = &pointer
	slice := make([]any, 10)
	for i := range slice {
		slice[i] = slice
	}
	table := map[string]any{}
	table["self"] = table
	list := &node{Name: "a"}
	list.Next = &node{Name: "b", Next: list}
	hidden := &node{}
	hidden.Any = hidden
	for name, s := range map[string]Session{
		"pointer":   Key[any]("k").Set(Session{}, pointer),
		"slice":     Key[[]any]("k").Set(Session{}, slice),
		"map":       Key[map[string]any]("k").Set(Session{}, table),
		"list":      Key[*node]("k").Set(Session{}, list),
		"interface": Key[node]("k").Set(Session{}, *hidden),
		"bound":     Bound[any]("k").Set(Session{}, pointer),
	} {
		if err := s.Err(); err == nil || !strings.Contains(err.Error(), `"k"`) || !strings.Contains(err.Error(), "contains itself") {
			t.Errorf("%s: %v; want an error that names the key", name, err)
		}
	}
}

func TestAValueNestsUpToTheLimit(t *testing.T) {
	nested := func(depth int) any {
		var v any = 1
		for range depth {
			v = &[]any{v}
		}
		return v
	}
	// The session is a map, which is the first level.
	if err := Key[any]("k").Set(Session{}, nested(wire.MaxDepth-1)).Err(); err != nil {
		t.Errorf("%d levels: %v", wire.MaxDepth-1, err)
	}
	if err := Key[any]("k").Set(Session{}, nested(wire.MaxDepth)).Err(); !errors.Is(err, errTooDeep) {
		t.Errorf("%d levels: %v; want %v", wire.MaxDepth, err, errTooDeep)
	}
}

func TestWideValuesOfAnyTypeAreNotTakenForCycles(t *testing.T) {
	wide := make([]any, 10_000)
	for i := range wide {
		wide[i] = []any{i, nil}
	}
	if err := Key[[]any]("k").Set(Session{}, wide).Err(); err != nil {
		t.Error(err)
	}
}

// sameNumbersPairByPair is what sameNumbers replaced: it compares each entry of one map with each of the other.
func sameNumbersPairByPair(a, b string) bool {
	if n, ok := wire.Int(a); ok {
		m, isInt := wire.Int(b)
		return !isInt || n == m
	}
	as, bs := wire.Children(a), wire.Children(b)
	if wire.IsMap(a) && wire.IsMap(b) {
		integers := true
		for j := 0; j < len(bs); j += 2 {
			_, ok := wire.Int(bs[j])
			integers = integers && ok
		}
		for i := 0; i < len(as); i += 2 {
			found := false
			for j := 0; j < len(bs); j += 2 {
				if as[i] == bs[j] {
					found = true
					if !sameNumbersPairByPair(as[i+1], bs[j+1]) {
						return false
					}
				}
			}
			if _, isInt := wire.Int(as[i]); isInt && !found && integers {
				return false
			}
		}
		return true
	}
	if wire.IsMap(a) != wire.IsMap(b) || wire.IsArray(a) != wire.IsArray(b) {
		return true
	}
	for i := range min(len(as), len(bs)) {
		if !sameNumbersPairByPair(as[i], bs[i]) {
			return false
		}
	}
	return true
}

func TestNumbersAreComparedAsPairByPair(t *testing.T) {
	scalar := rapid.OneOf(rapid.Just[any]("x"), rapid.Just[any](nil), rapid.Map(rapid.IntRange(0, 3), func(n int) any { return n }))
	value := func() *rapid.Generator[any] {
		list := rapid.Map(rapid.SliceOfN(scalar, 0, 3), func(v []any) any { return v })
		numbers := rapid.Map(rapid.MapOfN(rapid.IntRange(0, 4), scalar, 0, 4), func(v map[int]any) any { return v })
		names := rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b"}), rapid.OneOf(scalar, list, numbers), 0, 2),
			func(v map[string]any) any { return v })
		return rapid.OneOf(scalar, list, numbers, names)
	}()
	rapid.Check(t, func(t *rapid.T) {
		x, y := value.Draw(t, "x"), value.Draw(t, "y")
		a, err := marshal(&x)
		if err != nil {
			t.Fatal(err)
		}
		b, err := marshal(&y)
		if err != nil {
			t.Fatal(err)
		}
		var c comparison
		if got, want := c.sameNumbers(a, b), sameNumbersPairByPair(a, b); got != want {
			t.Errorf("%v and %v: %t; want %t", x, y, got, want)
		}
	})
}

// looksAt counts the values that are looked at to compare v with itself.
func looksAt[T any](t *testing.T, v T) int {
	stored, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	back, err := marshal(&v) // in the order of another iteration
	if err != nil {
		t.Fatal(err)
	}
	var c comparison
	if !c.sameNumbers(stored, back) {
		t.Error("the same map differs")
	}
	return c.looks
}

// A visitor can fill a map: reading it back must cost in proportion to its entries.
func TestReadingAMapLooksAtEachEntryAFewTimes(t *testing.T) {
	looks := func(n int) int {
		numbers, names := map[int]int{}, map[string]int{}
		for i := range n {
			numbers[i], names[fmt.Sprint(i)] = 1, 1
		}
		return looksAt(t, numbers) + looksAt(t, names)
	}
	few, many := looks(1000), looks(8000)
	if many > 9*few {
		t.Errorf("%d looks at 1000 entries, %d at 8000; want a multiple", few, many)
	}
}

func TestAnIntegerThatDoesNotFitIsUndecodable(t *testing.T) {
	s := Key[map[int]int]("k").Set(Session{}, map[int]int{1: 2, 300: 4})
	if _, err := Key[map[int8]int]("k").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a key of 300 in an int8: %v", err)
	}
	s = Key[map[int]int]("k").Set(Session{}, map[int]int{1: 300})
	if _, err := Key[map[int]int8]("k").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a value of 300 in an int8: %v", err)
	}
}

func TestMethodsOfAPointerEncode(t *testing.T) {
	u, err := url.Parse("https://example.org/a?b=c")
	if err != nil {
		t.Fatal(err)
	}
	const link Key[url.URL] = "link"
	s := link.Set(Session{}, *u)
	if got, err := link.Lookup(s); err != nil || got.String() != u.String() || s.Err() != nil {
		t.Errorf("%v, %v, %v; want %v", got, err, s.Err(), u)
	}
	type page struct {
		Home  url.URL
		Links []url.URL
		Addr  netip.Addr
	}
	want := page{*u, []url.URL{*u}, netip.MustParseAddr("::1")}
	s = Key[page]("page").Set(Session{}, want)
	if got, err := Key[page]("page").Lookup(s); err != nil || got.Links[0] != *u || got.Home != *u || got.Addr != want.Addr {
		t.Errorf("%v, %v, %v", got, err, s.Err())
	}
}

type opaque struct{ name string }

type half struct {
	Name string
	id   int
}

func TestATypeOfWhichNothingIsStoredIsRefused(t *testing.T) {
	for name, s := range map[string]Session{
		"itself":       Key[opaque]("k").Set(Session{}, opaque{"a"}),
		"inside":       Key[map[string][]*opaque]("k").Set(Session{}, nil),
		"in any":       Key[any]("k").Set(Session{}, opaque{"a"}),
		"in a list":    Key[[]any]("k").Set(Session{}, []any{1, &opaque{"a"}}),
		"a member":     Members[opaque]("k").Add(Session{}, opaque{"a"}),
		"in a member":  Members[any]("k").Add(Session{}, opaque{"a"}),
		"a tally":      Tally[opaque]("k").Add(Session{}, opaque{"a"}, 1),
		"half":         Members[half]("k").Add(Session{}, half{"a", 1}),
		"half a tally": Tally[half]("k").Add(Session{}, half{"a", 1}, 1),
	} {
		if s.Err() == nil || s.Len() != 0 {
			t.Errorf("%s: %v, %v; want an error", name, s, s.Err())
		}
	}
	if s := Key[half]("k").Set(Session{}, half{"a", 1}); s.Err() != nil || Key[half]("k").Get(s).Name != "a" {
		t.Errorf("exported fields beside others: %v, %v", s, s.Err())
	}
	if s := Members[struct{}]("k").Add(Session{}, struct{}{}); s.Err() != nil {
		t.Errorf("a struct without fields has nothing to lose: %v", s.Err())
	}
}

func TestMembersAndTalliesThatCanNotBeReadSaySo(t *testing.T) {
	const (
		banned Members[int]    = "banned"
		names  Members[string] = "banned"
	)
	s := names.Add(Session{}, "Ann")
	if in, err := banned.Lookup(s, 1); in || !errors.Is(err, ErrUndecodable) {
		t.Errorf("a set of strings: %t, %v; want an error", in, err)
	}
	if in, err := banned.Lookup(Key[string]("banned").Set(Session{}, "Ann"), 1); in || !errors.Is(err, ErrUndecodable) {
		t.Errorf("no set: %t, %v; want an error", in, err)
	}
	if in, err := banned.Lookup(Session{}, 1); in || err != nil {
		t.Errorf("nothing: %t, %v", in, err)
	}
	if in, err := names.Lookup(s, "Ann"); !in || err != nil {
		t.Errorf("Ann: %t, %v", in, err)
	}
	if in, err := names.Lookup(s, "Bob"); in || err != nil {
		t.Errorf("Bob: %t, %v", in, err)
	}

	const (
		cart   Tally[int]    = "cart"
		counts Tally[string] = "cart"
	)
	s = counts.Add(Session{}, "tea", 2)
	if n, err := cart.Lookup(s, 1); n != 0 || !errors.Is(err, ErrUndecodable) {
		t.Errorf("a tally of strings: %d, %v; want an error", n, err)
	}
	if n, err := counts.Lookup(s, "tea"); n != 2 || err != nil {
		t.Errorf("tea: %d, %v", n, err)
	}
	if n, err := counts.Lookup(s, "milk"); n != 0 || err != ErrAbsent {
		t.Errorf("milk: %d, %v", n, err)
	}
}

func TestATallyAtTheSmallestNumberIsRemoved(t *testing.T) {
	const cart Tally[string] = "cart"
	s := cart.Remove(cart.Add(Session{}, "x", math.MinInt64), "x")
	if s.Err() != nil || cart.Get(s, "x") != 0 || s.Len() != 0 {
		t.Errorf("%v, %v", s, s.Err())
	}
}

func TestMembersAreEditedAllAtOnce(t *testing.T) {
	const set Members[int] = "set"
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.IntRange(-3, 300), 0, 8)
		want := map[int]bool{}
		s := Session{}
		for range 3 {
			add, remove := few.Draw(t, "add"), few.Draw(t, "remove")
			s = set.Remove(set.Add(s, add...), remove...)
			for _, v := range add {
				want[v] = true
			}
			for _, v := range remove {
				delete(want, v)
			}
		}
		got := map[int]bool{}
		for v := range set.All(s) {
			got[v] = true
		}
		if diff := cmp.Diff(want, got); diff != "" || set.Len(s) != len(want) || s.Err() != nil {
			t.Errorf("%v\n%s", s.Err(), diff)
		}
	})
}
