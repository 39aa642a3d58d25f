package session

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
)

func TestDataIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{}
		var s Session
		var steps []Session
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k := rapid.StringMatching(`[a-c]{1,2}|x{40}`).Draw(t, "key")
				v := rapid.String().Draw(t, "value")
				s, want[k] = Key[string](k).Set(s, v), v
			},
			"delete": func(t *rapid.T) {
				k := rapid.StringMatching(`[a-c]{1,2}`).Draw(t, "key")
				s = Key[string](k).Delete(s)
				delete(want, k)
			},
			"": func(t *rapid.T) {
				if got := slices.Collect(s.Keys()); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
					t.Fatalf("keys %q; want those of %q", got, want)
				}
				for k, v := range want {
					if got := Key[string](k).Get(s); got != v {
						t.Fatalf("%q is %q; want %q", k, got, v)
					}
				}
				back, err := stores.ParseData(s.data.Bytes(), 1<<20)
				if err != nil || !reflect.DeepEqual(wire.Map(back), s.data) {
					t.Fatalf("the wire form does not come back: %v", err)
				}
				steps = append(steps, s)
			},
		})
		for _, old := range steps { // nothing has changed behind their backs
			if _, err := stores.ParseData(old.data.Bytes(), 1<<20); err != nil {
				t.Fatalf("an older value is damaged: %v", err)
			}
		}
	})
}

func TestDataOfManyKeysKeepsItsOrder(t *testing.T) {
	var s Session
	for i := range 1000 {
		s = Key[int](fmt.Sprintf("key%04d", (i*7)%1000)).Set(s, i)
	}
	if s.Len() != 1000 || !slices.IsSorted(slices.Collect(s.Keys())) {
		t.Fatalf("%d keys, sorted: %v", s.Len(), slices.IsSorted(slices.Collect(s.Keys())))
	}
	for i := range 1000 {
		if got := Key[int](fmt.Sprintf("key%04d", (i*7)%1000)).Get(s); got != i {
			t.Fatalf("key %d is %d", i, got)
		}
	}
	if got := slices.Collect(s.KeysWith("key001")); len(got) != 10 || got[0] != "key0010" {
		t.Errorf("keys with a prefix: %q", got)
	}
}

func TestDataIsMessagePackForAnybody(t *testing.T) {
	s := Key[string]("name").Set(Key[int]("n").Set(Session{}, -300), "Zoë")
	var got map[string]any
	if err := msgpack.Unmarshal(s.data.Bytes()[1:], &got); err != nil {
		t.Fatal(err)
	}
	if got["name"] != "Zoë" || got["n"] != int16(-300) {
		t.Errorf("another reader sees %v", got)
	}
}

type profile struct {
	Name  string
	Tags  []string
	Since time.Time
	More  map[int]string
}

func TestAnyValueRoundTrips(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 123456789, time.UTC)
	roundTrip(t, "text")
	roundTrip(t, "")
	roundTrip(t, strings.Repeat("long ", 20000))
	roundTrip(t, 0)
	roundTrip(t, math.MaxInt64)
	roundTrip(t, math.MinInt64)
	roundTrip(t, int8(-7))
	roundTrip(t, uint64(math.MaxUint64))
	roundTrip(t, true)
	roundTrip(t, false)
	roundTrip(t, 3.25)
	roundTrip(t, float32(1.5))
	roundTrip(t, []byte{0, 255})
	roundTrip(t, []byte(nil))
	roundTrip(t, []string{"a", "b"})
	roundTrip(t, map[string]int{"one": 1})
	roundTrip(t, map[int]int{1: 2, 3: 4})
	roundTrip(t, now)
	roundTrip(t, profile{"Ann", []string{"x"}, now, map[int]string{1: "one"}})
	roundTrip(t, &profile{Name: "Ann", Since: now})
	roundTrip(t, map[string]any{"n": int64(1), "s": "x", "l": []any{"y"}})
}

func roundTrip[T any](t *testing.T, v T) {
	t.Helper()
	s := Key[T]("k").Set(Session{}, v)
	if s.Err() != nil {
		t.Errorf("%T: %v", v, s.Err())
		return
	}
	d, err := stores.ParseData(s.data.Bytes(), 1<<20)
	if err != nil {
		t.Errorf("%T: %v", v, err)
		return
	}
	got, err := Key[T]("k").Lookup(Of(d))
	if err != nil || !cmp.Equal(got, v) {
		t.Errorf("%T: got %v, %v; want %v", v, got, err, v)
	}
}

func TestS1_EqualValuesHaveEqualBytes(t *testing.T) {
	for range 100 {
		if n := unequal(encode[map[int]map[string]int]); n != "" {
			t.Fatal(n)
		}
	}
}

func TestS1_AnEncoderThatDoesNotOrderMapsIsCaught(t *testing.T) {
	for range 1000 {
		if unequal(func(v map[int]map[string]int) (string, error) {
			b, err := msgpack.Marshal(v)
			return string(b), err
		}) != "" {
			return
		}
	}
	t.Error("msgpack's own order passes for canonical")
}

func unequal(encode func(map[int]map[string]int) (string, error)) string {
	make := func() map[int]map[string]int {
		m := map[int]map[string]int{}
		for i := range 20 {
			m[i] = map[string]int{"a": i, "b": i, "c": i, "d": i}
		}
		return m
	}
	a, errA := encode(make())
	b, errB := encode(make())
	if errA != nil || errB != nil {
		return fmt.Sprint(errA, errB)
	}
	if a != b {
		return "two encodings of one map differ"
	}
	return ""
}

func TestS1_SettingAnEqualValueIsTheSameSession(t *testing.T) {
	k := Key[map[int]string]("m")
	s := k.Set(Session{}, map[int]string{1: "a", 2: "b", 3: "c"})
	again := k.Set(s, map[int]string{3: "c", 1: "a", 2: "b"})
	if !s.Equal(again) {
		t.Error("an equal map is a change")
	}
	allocs := testing.AllocsPerRun(100, func() {
		s = Key[int]("n").Set(s, 7)
	})
	if allocs > 0 {
		t.Errorf("setting an equal number costs %v allocations", allocs)
	}
}

func TestAValueSetCanNotBeChangedFromOutside(t *testing.T) {
	tags := []string{"a"}
	raw := []byte("abc")
	s := Key[[]string]("tags").Set(Session{}, tags)
	s = Key[[]byte]("raw").Set(s, raw)
	tags[0], raw[0] = "changed", 'X'
	Key[[]byte]("raw").Get(s)[1] = 'Y'
	if Key[[]string]("tags").Get(s)[0] != "a" || string(Key[[]byte]("raw").Get(s)) != "abc" {
		t.Errorf("the session is %s", s)
	}
}

func TestANumberThatDoesNotFitIsNoNumber(t *testing.T) {
	s := Key[int]("n").Set(Session{}, 300)
	s = Key[int]("neg").Set(s, -1)
	s = Key[[]int]("list").Set(s, []int{1, 300})
	s = Key[struct{ N int }]("struct").Set(s, struct{ N int }{300})
	s = Key[map[int]bool]("map").Set(s, map[int]bool{300: true})
	if _, err := Key[int8]("n").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("300 as int8: %v", err)
	}
	if _, err := Key[uint]("neg").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("-1 as uint: %v", err)
	}
	if v, err := Key[[]int8]("list").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("300 in an []int8: %v, %v", v, err)
	}
	if v, err := Key[struct{ N int8 }]("struct").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("300 in a struct's int8: %v, %v", v, err)
	}
	if v, err := Key[map[int8]bool]("map").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("300 as a map's int8 key: %v, %v", v, err)
	}
	if v, err := Key[struct{ N, New int }]("struct").Lookup(s); err != nil || v.N != 300 {
		t.Errorf("a struct with a new field: %v, %v", v, err)
	}
	if _, err := Key[string]("n").Lookup(s); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a number as string: %v", err)
	}
	if _, err := Key[string]("absent").Lookup(s); err != ErrAbsent {
		t.Errorf("absent: %v", err)
	}
}

type loop struct{ Next *loop }

func TestAValueThatCanNotBeEncodedIsAnErrorThatNamesTheKey(t *testing.T) {
	endless := &loop{}
	endless.Next = endless
	deep := any(1)
	for range 20 {
		deep = []any{deep}
	}
	for name, s := range map[string]Session{
		"channel":   Key[chan int]("key1").Set(Session{}, make(chan int)),
		"function":  Key[func()]("key1").Set(Session{}, func() {}),
		"endless":   Key[*loop]("key1").Set(Session{}, endless),
		"deep":      Key[any]("key1").Set(Session{}, deep),
		"huge":      Key[string]("key1").Set(Session{}, strings.Repeat("x", maxValue+1)),
		"session":   Key[Session]("key1").Set(Session{}, Session{}),
		"no return": Key[any]("key1").Set(Session{}, map[int]string{1: "a"}),
	} {
		if s.Err() == nil || !strings.Contains(s.Err().Error(), `"key1"`) {
			t.Errorf("%s: %v", name, s.Err())
		}
	}
	if err := Key[int]("").Set(Session{}, 1).Err(); err == nil {
		t.Error("a key without a name is no error")
	}
	if err := Key[int](strings.Repeat("k", 256)).Set(Session{}, 1).Err(); err == nil {
		t.Error("a key of 256 bytes is no error")
	}
}

func TestASessionCanBeReadByPeople(t *testing.T) {
	s := Key[string]("name").Set(Session{}, "Ann")
	s = Counter("n").Add(s, 3)
	s = Tally[string]("cart").Add(s, "ink", 2)
	s = Members[int]("set").Add(s, 2, 1)
	s = Key[[]byte]("raw").Set(s, []byte{1})
	s = Key[time.Time]("at").Set(s, time.Unix(0, 0).UTC())
	s = Key[map[int]bool]("m").Set(s, map[int]bool{1: true})
	want := `{"at":"1970-01-01T00:00:00Z","cart":{"ink":2},"m":{"1":true},"n":3,"name":"Ann","raw":"AQ==","set":[1,2]}`
	if got := s.String(); got != want {
		t.Errorf("JSON %s; want %s", got, want)
	}
	if d := cmp.Diff(s, Key[string]("name").Set(s, "Bob")); !strings.Contains(d, `"name":"Bob"`) && !strings.Contains(d, "Bob") {
		t.Errorf("the difference does not show what differs:\n%s", d)
	}
	if d := cmp.Diff(s, s); d != "" {
		t.Errorf("a difference to itself: %s", d)
	}
}

func FuzzParseData(f *testing.F) {
	s := Key[string]("name").Set(Counter("n").Add(Session{}, 3), "Ann")
	f.Add(s.data.Bytes())
	f.Add(Key[profile]("p").Set(Tally[int]("t").Add(Session{}, 1, 1), profile{Name: "x"}).data.Bytes())
	east := time.Date(2024, 2, 29, 23, 30, 0, 1, time.FixedZone("", 2*60*60))
	f.Add(Key[[]time.Time]("ts").Set(Key[time.Time]("t").Set(Session{}, east), []time.Time{east, east.UTC()}).data.Bytes())
	f.Add([]byte("\x01\x81\xa1k\xdd\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := stores.ParseData(b, 4096)
		if err != nil {
			return
		}
		s := Of(d)
		_ = s.String()
		for k := range s.Keys() {
			_, _ = Key[string](k).Lookup(s)
			_, _ = Key[any](k).Lookup(s)
			_, _ = Key[profile](k).Lookup(s)
			_, _ = Key[map[string]any](k).Lookup(s)
			_, _ = Key[[]time.Time](k).Lookup(s)
			if at, err := Key[time.Time](k).Lookup(s); err == nil {
				if back := Key[time.Time](k).Get(Key[time.Time](k).Set(Session{}, at)); !back.Equal(at) || offsetOf(back) != offsetOf(at) {
					t.Fatalf("%v comes back as %v", at, back)
				}
			}
			_ = Counter(k).Get(s)
			_ = Tally[string](k).Get(s, "x")
			_ = Members[int](k).Len(s)
		}
		back, err := stores.ParseData(d.Bytes(), 8192)
		if err != nil || !back.Equal(d) {
			t.Fatalf("%x does not come back: %v", d.Bytes(), err)
		}
		if m, err := merge(wire.Map(d), wire.Map{}, Counter("n").Add(s, 1).data); err == nil {
			if _, err := stores.ParseData(m.Bytes(), 8192); err != nil {
				t.Fatalf("a merge does not parse: %v", err)
			}
		}
	})
}
