package wire

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The names make maps below and above the size from which they have an index.
var names = rapid.StringMatching(`[a-c]{1,3}|x{40}`)

func TestAMapAgreesWithAGoMapAndNeverChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{}
		var m Map
		type step struct {
			m    Map
			text string
		}
		var steps []step
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, v := names.Draw(t, "key"), rapid.StringN(0, 300, 300).Draw(t, "value")
				m, want[k] = m.Put(k, AppendStringHead(nil, len(v)), v), v
			},
			"delete": func(t *rapid.T) {
				k := names.Draw(t, "key")
				m = m.Delete(k)
				delete(want, k)
			},
			"": func(t *rapid.T) {
				got := map[string]string{}
				var keys []string
				for k, v := range m.All() {
					keys = append(keys, k)
					got[k], _ = String(v)
				}
				if !maps.Equal(got, want) || !slices.IsSorted(keys) || m.Len() != len(want) {
					t.Fatalf("%q, %d of them; want %q", got, m.Len(), want)
				}
				if back, err := Parse(m.Text(), 1<<20); err != nil || !reflect.DeepEqual(back, m) {
					t.Fatalf("%x does not come back: %v", m.Text(), err)
				}
				steps = append(steps, step{m, string(m.Bytes())})
			},
		})
		for _, s := range steps {
			if s.m.Text() != s.text {
				t.Fatalf("a map has changed from %x to %x", s.text, s.m.Text())
			}
		}
	})
}

func TestAUnionHasTheKeysOfAllThreeOnce(t *testing.T) {
	of := func(keys []string) (m Map) {
		for _, k := range keys {
			m = m.Put(k, []byte{0xc0}, "")
		}
		return m
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.SliceOf(names).Draw(t, "a"), rapid.SliceOf(names).Draw(t, "b"), rapid.SliceOf(names).Draw(t, "c")
		want := slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b, c))))
		if got := slices.Collect(Union(of(a), of(b), of(c))); !slices.Equal(got, want) {
			t.Fatalf("%q; want %q", got, want)
		}
	})
}
