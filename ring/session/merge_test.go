package session

import (
	"flag"
	"fmt"
	"maps"
	"testing"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
	"pgregory.net/rapid"
)

// A model of a session: plain keys as strings, counters as numbers, sets as sets.
type model struct {
	plain map[string]string
	count map[string]int64
	set   map[string]map[int]bool
}

func drawModel(t *rapid.T, label string) model {
	m := model{map[string]string{}, map[string]int64{}, map[string]map[int]bool{}}
	for _, k := range []string{"a", "b", "c"} {
		if rapid.Bool().Draw(t, label+k) {
			m.plain[k] = rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, label+k+"v")
		}
		if n := rapid.Int64Range(-2, 2).Draw(t, label+k+"n"); n != 0 {
			m.count["n"+k] = n
		}
		for _, e := range rapid.SliceOfDistinct(rapid.IntRange(0, 3), func(i int) int { return i }).Draw(t, label+k+"s") {
			if m.set["s"+k] == nil {
				m.set["s"+k] = map[int]bool{}
			}
			m.set["s"+k][e] = true
		}
	}
	return m
}

func (m model) session() Session {
	var s Session
	for k, v := range m.plain {
		s = Key[string](k).Set(s, v)
	}
	for k, n := range m.count {
		s = Counter(k).Add(s, n)
	}
	for k, es := range m.set {
		for e := range es {
			s = Members[int](k).Add(s, e)
		}
	}
	return s
}

// merged is the model's own merge, key by key, without looking at bytes.
func merged(base, mine, theirs model) model {
	out := model{map[string]string{}, map[string]int64{}, map[string]map[int]bool{}}
	for _, k := range []string{"a", "b", "c"} {
		b, hadB := base.plain[k]
		v, hadM := mine.plain[k]
		if v == b && hadM == hadB {
			v, hadM = theirs.plain[k]
		}
		if hadM {
			out.plain[k] = v
		}
		if n := theirs.count["n"+k] + mine.count["n"+k] - base.count["n"+k]; n != 0 {
			out.count["n"+k] = n
		}
		s := maps.Clone(theirs.set["s"+k])
		if s == nil {
			s = map[int]bool{}
		}
		for e := range 4 {
			was, is := base.set["s"+k][e], mine.set["s"+k][e]
			if is && !was {
				s[e] = true
			}
			if was && !is {
				delete(s, e)
			}
		}
		if len(s) > 0 {
			out.set["s"+k] = s
		}
	}
	return out
}

func checkMerge(merge func(base, mine, theirs wire.Map) (wire.Map, error)) func(*rapid.T) {
	return func(t *rapid.T) {
		b, m, th := drawModel(t, "base"), drawModel(t, "mine"), drawModel(t, "theirs")
		got, err := merge(b.session().data, m.session().data, th.session().data)
		if err != nil {
			t.Fatal(err)
		}
		want := merged(b, m, th).session()
		if !got.Equal(want.data) {
			t.Fatalf("merged to %s; want %s", Session{data: got}, want)
		}
		if back, err := stores.ParseData(got.Bytes(), 0); err != nil || !wire.Map(back).Equal(got) {
			t.Fatalf("what was merged does not parse: %v", err)
		}
	}
}

func TestC1_C2_C3_MergeIsThatOfTheModel(t *testing.T) { rapid.Check(t, checkMerge(merge)) }

func TestC1_C2_C3_TheModelCatchesABrokenMerge(t *testing.T) {
	for name, broken := range map[string]func(base, mine, theirs wire.Map) (wire.Map, error){
		"the whole session of the later commit wins": func(_, mine, _ wire.Map) (wire.Map, error) { return mine, nil },
		"a two-way merge that brings deleted keys back": func(_, mine, theirs wire.Map) (wire.Map, error) {
			return merge(wire.Map{}, mine, theirs)
		},
		"counters are plain": func(base, mine, theirs wire.Map) (wire.Map, error) {
			var b wire.Builder
			for k := range wire.Union(base, mine, theirs) {
				v := mine.Get(k)
				if v == base.Get(k) {
					v = theirs.Get(k)
				}
				if v != "" {
					b.Add(k, v)
				}
			}
			return b.Map(), nil
		},
	} {
		if !fails(t, checkMerge(broken)) {
			t.Errorf("the model does not notice that %s", name)
		}
	}
}

// fails reports whether some generated input makes the property fail.
func fails(t *testing.T, property func(*rapid.T)) bool {
	t.Helper()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		before := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = flag.Set(name, before) }()
	}
	v := &verdict{TB: t}
	rapid.Check(v, property)
	return v.failed
}

// verdict is a test that remembers instead of failing.
type verdict struct {
	rapid.TB
	failed bool
}

func (v *verdict) Errorf(string, ...any) { v.failed = true }
func (v *verdict) Fatalf(string, ...any) { v.failed = true }
func (v *verdict) Error(...any)          { v.failed = true }
func (v *verdict) Fatal(...any)          { v.failed = true }
func (v *verdict) Fail()                 { v.failed = true }
func (v *verdict) FailNow()              { v.failed = true }
func (v *verdict) Failed() bool          { return v.failed }
func (v *verdict) Logf(string, ...any)   {}
func (v *verdict) Log(...any)            {}

func TestC2_MergeOfACounterThatBothSidesRaisedAlike(t *testing.T) {
	const n Counter = "n"
	base := n.Add(Session{}, 5)
	side := n.Add(base, 1)
	got, err := merge(base.data, side.data, side.data)
	if err != nil || n.Get(Session{data: got}) != 7 {
		t.Errorf("5, +1 and +1 gave %d, %v; want 7", n.Get(Session{data: got}), err)
	}
}

func TestC2_DeletingACounterIsSubtractingWhatWasThere(t *testing.T) {
	const n Counter = "n"
	base := n.Add(Session{}, 5)
	for _, order := range [][2]Session{{n.Delete(base), n.Add(base, 1)}, {n.Add(base, 1), n.Delete(base)}} {
		got, err := merge(base.data, order[0].data, order[1].data)
		if err != nil || n.Get(Session{data: got}) != 1 {
			t.Errorf("5, deleted and +1 gave %d, %v; want 1", n.Get(Session{data: got}), err)
		}
	}
}

func TestC2_ANameThatChangesKindIsAPlainChange(t *testing.T) {
	base := Counter("k").Add(Session{}, 5)
	text := Key[string]("k").Set(base.Clear(), "text")
	got, _ := merge(base.data, text.data, Counter("k").Add(base, 1).data)
	if Key[string]("k").Get(Session{data: got}) != "text" {
		t.Errorf("got %s; want the later commit's text", Session{data: got})
	}
}

func TestC2_ACounterDoesNotWrapAround(t *testing.T) {
	const n Counter = "n"
	const big = 1<<63 - 1
	s := n.Add(Session{}, big)
	if n.Add(s, 1).Err() == nil {
		t.Error("Add over the range of int64 is no error")
	}
	base := Session{}
	if _, err := merge(base.data, n.Add(base, big).data, n.Add(base, big).data); err == nil {
		t.Error("a merge over the range of int64 is no error")
	}
}

func TestC2_ATallyMergesEachMember(t *testing.T) {
	const cart Tally[string] = "cart"
	base := cart.Add(cart.Add(Session{}, "ink", 2), "pen", 1)
	mine := cart.Remove(cart.Add(base, "ink", 1), "pen")
	theirs := cart.Add(cart.Add(base, "pen", 3), "nib", 1)
	got, err := merge(base.data, mine.data, theirs.data)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"ink": 3, "pen": 3, "nib": 1}
	if have := maps.Collect(cart.All(Session{data: got})); !maps.Equal(have, want) {
		t.Errorf("cart %v; want %v", have, want)
	}
}

func ExampleTally() {
	const cart Tally[string] = "cart"
	var s Session
	s = cart.Add(s, "ink", 2)
	s = cart.Add(s, "pen", 1)
	s = cart.Add(s, "pen", -1)
	for item, n := range cart.All(s) {
		fmt.Println(n, item)
	}
	// Output: 2 ink
}
