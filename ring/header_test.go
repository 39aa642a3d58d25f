package ring_test

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
)

func fieldsOf(h ring.Header) []ring.Field {
	var fs []ring.Field
	for name, value := range h.Fields() {
		fs = append(fs, ring.Field{Name: name, Value: value})
	}
	return fs
}

func TestH1_HeaderAgreesWithASliceAndNeverChanges(t *testing.T) {
	names := []string{"A", "a", "Content-Type", "content-type", "Set-Cookie", "X-B"}
	type state struct {
		h     ring.Header
		model []ring.Field
	}
	rapid.Check(t, func(t *rapid.T) {
		borrowed := http.Header{"A": {"0", "1"}, "X-B": {"2"}}
		all := []state{{}, {ring.HeaderOf(borrowed), []ring.Field{{Name: "A", Value: "0"}, {Name: "A", Value: "1"}, {Name: "X-B", Value: "2"}}}}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			from := all[rapid.IntRange(0, len(all)-1).Draw(t, "from")]
			raw := rapid.SampledFrom(names).Draw(t, "name")
			name, value := textproto.CanonicalMIMEHeaderKey(raw), rapid.StringN(0, 3, 9).Draw(t, "value")
			next := state{model: slices.Clone(from.model)}
			is := func(f ring.Field) bool { return f.Name == name }
			switch rapid.SampledFrom([]string{"set", "add", "del"}).Draw(t, "op") {
			case "set":
				next.h = from.h.Set(raw, value)
				if i := slices.IndexFunc(next.model, is); i >= 0 {
					next.model[i].Value = value
					next.model = append(next.model[:i+1:i+1], slices.DeleteFunc(slices.Clone(next.model[i+1:]), is)...)
				} else {
					next.model = append(next.model, ring.Field{Name: name, Value: value})
				}
			case "add":
				next.h = from.h.Add(raw, value)
				next.model = append(next.model, ring.Field{Name: name, Value: value})
			case "del":
				next.h = from.h.Del(raw)
				next.model = slices.DeleteFunc(next.model, is)
			}
			all = append(all, next)
		}
		for _, s := range all {
			if got := fieldsOf(s.h); !slices.Equal(got, s.model) {
				t.Fatalf("fields %v; want %v", got, s.model)
			}
			if s.h.Len() != len(s.model) || !s.h.Equal(ring.Header{}.AddAll(s.model...)) {
				t.Fatalf("%v has length %d or isn't equal to itself", s.model, s.h.Len())
			}
			for _, raw := range names {
				var want []string
				for _, f := range s.model {
					if f.Name == textproto.CanonicalMIMEHeaderKey(raw) {
						want = append(want, f.Value)
					}
				}
				first, has := s.h.Lookup(raw)
				if got := slices.Collect(s.h.All(raw)); !slices.Equal(got, want) || has != (len(want) > 0) || has && first != want[0] || s.h.Get(raw) != first {
					t.Fatalf("%s: %q, first %q; want %q", raw, got, first, want)
				}
				if !slices.Equal(s.h.HTTP().Values(raw), want) {
					t.Fatalf("HTTP has %q; want %q", s.h.HTTP().Values(raw), want)
				}
			}
		}
	})
}

func TestH1_HeaderSharesNothingWithTheMapsAroundIt(t *testing.T) {
	m := http.Header{"A": {"1"}}
	h := ring.HeaderOf(m)
	m.Set("A", "2")
	h.HTTP().Set("A", "3")
	if got := h.Get("a"); got != "1" {
		t.Errorf("A is %q; want 1", got)
	}

	var served ring.Header
	get(ring.Handler(func(req ring.Request) ring.Response {
		served = req.Header
		req.Header.HTTP().Set("X", "changed")
		return ring.Text(req.Header.Set("X", "mine").Get("X"))
	}), "/")
	if _, has := served.Lookup("X"); has {
		t.Error("the header of the request has changed")
	}
}

func TestHeaderStopsYieldingWhenAsked(t *testing.T) {
	h := ring.HeaderOf(http.Header{"A": {"1", "2"}, "B": {"3"}})
	for range h.Fields() {
		break
	}
	for v := range h.All("A") {
		if v != "1" {
			t.Errorf("yielded %q after a break", v)
		}
		break
	}
	get(ring.Handler(func(req ring.Request) ring.Response { // the same for a header as it was served
		for range req.Header.Set("A", "1").All("A") {
			break
		}
		for range req.Header.All("A") {
			break
		}
		return ring.NoContent()
	}), "/")
}

func TestAControlCharacterAnywhereIsFound(t *testing.T) {
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				value := []byte(strings.Repeat("\u00e9", length))[:length]
				value[at] = byte(c)
				h := ring.Header{}.Add("X", string(value))
				want := c < ' ' && c != '\t' || c == 0x7f
				if got := ring.Text("").With(func(r ring.Response) ring.Response { r.Header = h; return r }).Failure(ring.Request{}) != nil; got != want {
					t.Fatalf("%q can't be sent: %v; want %v", value, got, want)
				}
			}
		}
	}
}
