package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
)

// sessionOf returns a session with the keys, each with its name as the value.
func sessionOf(keys ...string) Session {
	var s Session
	for _, k := range keys {
		s = Key[string](k).Set(s, k)
	}
	return s
}

func TestReservedKeysAreNoValues(t *testing.T) {
	s := sessionOf("-", "/", "a", ".flash:1", ".", ".z")
	if got := slices.Collect(s.Keys()); !slices.Equal(got, []string{"-", "/", "a"}) {
		t.Errorf("Keys %q", got)
	}
	if s.Len() != 3 {
		t.Errorf("Len %d; want 3", s.Len())
	}
	if got := s.String(); got != `{"-":"-","/":"/","a":"a"}` {
		t.Errorf("String %s", got)
	}
	if got := s.LogValue().String(); got != "[keys=3]" {
		t.Errorf("LogValue %s", got)
	}
	if got := slices.Collect(s.KeysWith(".flash:")); !slices.Equal(got, []string{".flash:1"}) {
		t.Errorf("KeysWith of a reserved prefix: %q", got)
	}
	if !s.Equal(sessionOf("a", "/", "-")) || s.Equal(sessionOf("a", "-", ".")) {
		t.Error("Equal looks at reserved keys, or not at others")
	}
	empty := s.Clear()
	if empty.Len() != 0 || !slices.Equal(slices.Collect(empty.KeysWith(".")), []string{".", ".flash:1", ".z"}) {
		t.Errorf("Clear leaves %q and %q", slices.Collect(empty.Keys()), slices.Collect(empty.KeysWith(".")))
	}
	if empty.Data().Len() != 3 {
		t.Errorf("%d keys are stored; want 3", empty.Data().Len())
	}
}

func TestReservedKeysAmongAnyOthers(t *testing.T) {
	names := rapid.SliceOfDistinct(rapid.StringMatching(`[-./a-c]{1,3}`), func(s string) string { return s })
	rapid.Check(t, func(t *rapid.T) {
		pad := make([]string, rapid.SampledFrom([]int{0, 20}).Draw(t, "more keys")) // the latter has an index
		for i := range pad {
			pad[i] = fmt.Sprintf("x%02d", i)
		}
		a, b := sessionOf(append(pad, names.Draw(t, "a")...)...), sessionOf(append(pad, names.Draw(t, "b")...)...)
		of := func(d wire.Map, want bool) map[string]string {
			m := map[string]string{}
			for k, v := range d.All() {
				if strings.HasPrefix(k, ".") == want {
					m[k] = v
				}
			}
			return m
		}
		d := a.data
		if valuesIn(d) != len(of(d, false)) {
			t.Fatalf("%d values; want %d", valuesIn(d), len(of(d, false)))
		}
		if got := maps.Collect(onlyReserved(d).All()); !maps.Equal(got, of(d, true)) {
			t.Fatalf("reserved %q; want %q", got, of(d, true))
		}
		if got := maps.Collect(withoutReserved(d).All()); !maps.Equal(got, of(d, false)) {
			t.Fatalf("others %q; want %q", got, of(d, false))
		}
		if got, want := sameValues(d, b.data), maps.Equal(of(d, false), of(b.data, false)); got != want {
			t.Fatalf("same values: %v; want %v", got, want)
		}
	})
}

func TestS5_WhatReplacesAllValuesKeepsReservedKeys(t *testing.T) {
	const waiting, sent, old, mine Key[string] = ".waiting", ".sent", "old", "mine"
	scratch := mine.Set(Session{}, "new")
	for name, s := range map[string]func(r *resolver, v wire.Map) wire.Map{
		"Set":     func(r *resolver, v wire.Map) wire.Map { return r.set(&scratch, v) },
		"Update":  func(r *resolver, v wire.Map) wire.Map { return r.dataOf(scratch, v) },
		"Set one": func(r *resolver, v wire.Map) wire.Map { s := sent.Set(scratch, "x"); return r.set(&s, v) },
	} {
		came := waiting.Set(old.Set(Session{}, "value"), "message")
		r := &resolver{arrival: &arrival{origin: origin{rec: &stores.Record{Data: stores.Data(came.data)}}}}
		got := Session{data: s(r, came.data)}
		if r.err != nil || got.String() != `{"mine":"new"}` || waiting.Get(got) != "message" {
			t.Errorf("%s: %s, %q, %v", name, got, waiting.Get(got), r.err)
		}
		if name == "Set one" && sent.Get(got) != "x" {
			t.Errorf("%s: its own reserved key is lost", name)
		}
	}
}
