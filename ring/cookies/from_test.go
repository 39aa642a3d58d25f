package cookies_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
)

// requestOf is a request with these Cookie lines.
func requestOf(lines ...string) ring.Request {
	req := ring.NewRequest("GET", "/", nil)
	for _, line := range lines {
		req.Header = req.Header.Add("Cookie", line)
	}
	return req
}

func TestK1_AnyTextComesBack(t *testing.T) {
	comesBack := func(t interface{ Fatalf(string, ...any) }, values ...string) {
		var line []string
		for i, value := range values {
			field, err := cookies.String(http.Cookie{Name: fmt.Sprint("c", i), Value: value})
			if err != nil {
				t.Fatalf("%q: %v", value, err)
			}
			kept, ok := store(field)
			if !ok {
				t.Fatalf("%q: a browser refuses %q", value, field)
			}
			line = append(line, kept.Name+"="+kept.Value)
		}
		got := cookies.From(requestOf(strings.Join(line, "; ")))
		for i, want := range values {
			if value, ok := got.Lookup(fmt.Sprint("c", i)); !ok || value != want {
				t.Fatalf("%q came back as %q, %v", want, value, ok)
			}
		}
	}
	comesBack(t, "", " ", `"`, `""`, `"quoted"`, "%", "%41", "100%", "+", "a=b; c", "a\r\nb", "\x00\x7f", "\u2028é😀", "\xff\xfe", `\`, ",")
	rapid.Check(t, func(t *rapid.T) {
		comesBack(t, rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		})), 1, 4).Draw(t, "values")...)
	})
}

// hides says which good cookie is not found beside a bad pair.
func hides(bad string, lookup func(req ring.Request, name string) string) error {
	for _, lines := range [][]string{
		{"first=1; " + bad + "; last=2"},
		{"first=1;" + bad + ";last=2"},
		{"first=1", bad, "last=2"},
		{bad + ";first=1", "last=2;" + bad},
	} {
		req := requestOf(lines...)
		if first, last := lookup(req, "first"), lookup(req, "last"); first != "1" || last != "2" {
			return fmt.Errorf("%q: %q and %q; want 1 and 2", lines, first, last)
		}
	}
	return nil
}

var badPairs = []string{
	"", " ", "=", "==", "=x", "x", ";;;", " ; ", "a b=c", "a\tb=c", "(=)", "a=\"", `a="b`, "a=b c", "a=b,c", `a=\`, "a=%", "a=%zz",
	"a=\x00", "a=\xff\xfe", "é=é", "\x00", "$Version=1", "first", "last", strings.Repeat("x", 1<<20), strings.Repeat("a=b; ", 1e5),
	strings.Repeat(";", 1<<16), strings.Repeat("=", 1<<16),
}

func lookup(req ring.Request, name string) string { return cookies.From(req).Get(name) }

func TestK1_AMalformedPairHidesNoOther(t *testing.T) {
	for _, bad := range badPairs {
		if err := hides(bad, lookup); err != nil {
			t.Errorf("%.80v", err)
		}
	}
}

// The check above is worth something only if it finds what the parsers of net/http lose.
func TestK1_IsBrokenByNetHTTP(t *testing.T) {
	strict := func(req ring.Request, name string) string {
		for line := range req.Header.All("Cookie") {
			all, err := http.ParseCookie(line)
			if err != nil {
				continue
			}
			for _, c := range all {
				if c.Name == name {
					return c.Value
				}
			}
		}
		return ""
	}
	lost := 0
	for _, bad := range badPairs {
		if hides(bad, strict) != nil {
			lost++
		}
	}
	if lost < len(badPairs)/2 {
		t.Errorf("http.ParseCookie fails the check for %d of %d pairs only", lost, len(badPairs))
	}
}

func TestLookupGivesTheFirstAndAllGivesEach(t *testing.T) {
	c := cookies.From(requestOf("a=1; b=%C3%A9; a=2", "=x; a", `a="3 %"; empty=`))
	if got, want := slices.Collect(c.All("a")), []string{"1", "2", "3 %"}; !slices.Equal(got, want) {
		t.Errorf("All %q; want %q", got, want)
	}
	for range c.All("a") {
		break
	}
	if v, ok := c.Lookup("a"); v != "1" || !ok {
		t.Errorf("Lookup %q, %v; want the first", v, ok)
	}
	if v, ok := c.Lookup("empty"); v != "" || !ok {
		t.Errorf("an empty cookie: %q, %v; want it to be there", v, ok)
	}
	if v, ok := c.Lookup("absent"); v != "" || ok {
		t.Errorf("an absent cookie: %q, %v", v, ok)
	}
	if v := c.Get("b"); v != "é" {
		t.Errorf("Get %q; want é", v)
	}
	var got []string
	for name, value := range c.Pairs() {
		got = append(got, name+" "+value)
	}
	if want := []string{"a 1", "b é", "a 2", "a 3 %", "empty "}; !slices.Equal(got, want) {
		t.Errorf("Pairs %q; want %q", got, want)
	}
	for range c.Pairs() {
		break
	}
	if len(maps.Collect(cookies.Cookies{}.Pairs())) > 0 || (cookies.Cookies{}).Get("a") != "" {
		t.Error("the zero Cookies isn't empty")
	}
}

func TestLookupAllocatesForWhatIsEscapedOnly(t *testing.T) {
	serve(func(req ring.Request) {
		for name, want := range map[string]float64{"plain": 0, "absent": 0, "escaped": 1} {
			if got := testing.AllocsPerRun(100, func() { _, _ = cookies.From(req).Lookup(name) }); got != want {
				t.Errorf("%s: %v allocations; want %v", name, got, want)
			}
		}
	}, "x=y; plain=0123456789; escaped=%41%42", "z=1")
}

func FuzzFrom(f *testing.F) {
	for _, bad := range badPairs {
		if len(bad) < 1000 {
			f.Add(bad, "a")
		}
	}
	f.Add(`a=1; a="%41"; b=2`, "a")
	f.Fuzz(func(t *testing.T, line, name string) {
		req := requestOf(line)
		var want []string
		for pair := range strings.SplitSeq(line, ";") {
			n, value, found := strings.Cut(pair, "=")
			if n = strings.Trim(n, " \t"); found && n != "" && n == name {
				want = append(want, strings.Trim(value, " \t"))
			}
		}
		if got := slices.Collect(cookies.Raw(req.Header, name)); !slices.Equal(got, want) {
			t.Fatalf("Raw %q; want %q", got, want)
		}
		for i, raw := range want {
			want[i] = cookies.Unescape(raw)
		}
		c := cookies.From(req)
		if got := slices.Collect(c.All(name)); !slices.Equal(got, want) {
			t.Fatalf("All %q; want %q", got, want)
		}
		var paired []string
		for n, value := range c.Pairs() {
			if n == name {
				paired = append(paired, value)
			}
		}
		if !slices.Equal(paired, want) {
			t.Fatalf("Pairs %q; want %q", paired, want)
		}
		if err := hides(line, func(req ring.Request, name string) string {
			var last string // the line may have one of this name before
			for value := range cookies.From(req).All(name) {
				last = value
				if value == "1" || value == "2" {
					break
				}
			}
			return last
		}); err != nil && !strings.Contains(line, "first") && !strings.Contains(line, "last") {
			t.Fatal(err)
		}
		if got := cookies.Unescape(cookies.Escape(line)); got != line {
			t.Fatalf("%q came back as %q", line, got)
		}
	})
}

func TestCookiesCompare(t *testing.T) {
	secret := strings.Repeat("s", 40)
	from := func(header string) cookies.Cookies {
		return cookies.From(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", header))
	}
	a := from("theme=dark; sid=" + secret)
	if diff := cmp.Diff(a, from("theme=dark; sid="+secret)); diff != "" {
		t.Error(diff)
	}
	for _, other := range []string{"theme=light; sid=" + secret, "sid=" + secret + "; theme=dark", "theme=dark; sid=" + secret + "1", ""} {
		if diff := cmp.Diff(a, from(other)); diff == "" || strings.Contains(diff, secret) || a.String() == from(other).String() {
			t.Errorf("the difference from %q is empty or has a secret: %q", other, diff)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", a, a, a, a); strings.Contains(s, "dark") || !strings.Contains(s, "theme") {
		t.Errorf("cookies print as %s", s)
	}
}
