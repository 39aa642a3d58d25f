package cookies_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"pgregory.net/rapid"
)

// serve hands f a request as it comes from net/http, with these Cookie lines.
func serve(f func(ring.Request), lines ...string) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = lines
	ring.Handler(func(req ring.Request) ring.Response {
		f(req)
		return ring.NoContent()
	}).ServeHTTP(httptest.NewRecorder(), r)
}

func TestRawYieldsEveryValueInOrder(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  []string
	}{
		{nil, nil},
		{[]string{""}, nil},
		{[]string{"sid"}, nil},
		{[]string{"sid="}, []string{""}},
		{[]string{"sid=1"}, []string{"1"}},
		{[]string{"sid=1; sid=2", "sid=3"}, []string{"1", "2", "3"}},
		{[]string{"a=b;sid=1;;  ; sid \t= 2 ;=3;sid"}, []string{"1", "2"}},
		{[]string{"SID=1; xsid=2; sidx=3"}, nil},
		{[]string{`sid="a b"; sid=%41=; sid=` + "\x00\xff"}, []string{`"a b"`, "%41=", "\x00\xff"}},
	} {
		serve(func(req ring.Request) {
			if got := slices.Collect(cookies.Raw(req.Header, "sid")); !slices.Equal(got, c.want) {
				t.Errorf("%q: values %q; want %q", c.lines, got, c.want)
			}
		}, c.lines...)
		h := ring.HeaderOf(http.Header{"Cookie": c.lines})
		if got := slices.Collect(cookies.Raw(h, "sid")); !slices.Equal(got, c.want) {
			t.Errorf("%q in a header of its own: values %q; want %q", c.lines, got, c.want)
		}
	}
}

func TestRawStopsWhenAsked(t *testing.T) {
	serve(func(req ring.Request) {
		n := 0
		for range cookies.Raw(req.Header, "a") {
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d values after a break; want 1", n)
		}
	}, "a=1; a=2", "a=3")
}

func TestRawAllocatesNothing(t *testing.T) {
	serve(func(req ring.Request) {
		bytes := 0
		got := testing.AllocsPerRun(100, func() {
			for _, name := range [...]string{"sid", "other", "absent"} {
				for value := range cookies.Raw(req.Header, name) {
					bytes += len(value)
				}
			}
		})
		if got != 0 {
			t.Errorf("%v allocations; want 0", got)
		}
		if bytes == 0 {
			t.Error("no value was read")
		}
	}, "a=b; sid=0123456789; other=x", "sid=abc")
}

// Raw looks for the name, From takes the pairs apart: they have to agree.
func TestRawFindsWhatTakingThePairsApartFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`([ab]{0,3}[ =;\t]{0,3}){0,8}`).Draw(t, "line")
		name := rapid.StringMatching(`[ab]{1,2}`).Draw(t, "name")
		h := ring.Header{}.Add("Cookie", line)
		var want []string
		for n, value := range cookies.From(ring.Request{Header: h}).Pairs() {
			if n == name {
				want = append(want, value)
			}
		}
		if got := slices.Collect(cookies.Raw(h, name)); !slices.Equal(got, want) {
			t.Fatalf("%q in %q: %q; want %q", name, line, got, want)
		}
	})
}
