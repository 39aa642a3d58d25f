package ringtest

import (
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheJarRefusesWhatABrowserRefuses(t *testing.T) {
	cases := []struct{ from, field, because string }{
		{"https://example.com/", "a=b\x01", "control character"},
		{"https://example.com/", "a=b\nc", "control character"},
		{"https://example.com/", "", "neither name nor value"},
		{"https://example.com/", " = ; Path=/", "neither name nor value"},
		{"https://example.com/", "a=" + strings.Repeat("x", 4096), "4096"},
		{"https://example.com/", "a=b; Domain=example.org", "example.org"},
		{"https://example.com/", "a=b; Domain=com", "domain com"},
		{"https://example.co.uk/", "a=b; Domain=co.uk", "co.uk"},
		{"https://example.com/", "a=b; Domain=www.example.com", "www.example.com"},
		{"https://1.2.3.4/", "a=b; Domain=3.4", "3.4"},
		{"http://example.com/", "a=b; Secure", "plain http"},
		{"http://192.168.0.7/", "__Host-a=b; Secure; Path=/", "plain http"},
		{"https://example.com/", "a=b; SameSite=None", "not Secure"},
		{"https://example.com/", "a=b; Partitioned", "not Secure"},
		{"https://example.com/", "__Secure-a=b", "Secure"},
		{"https://example.com/", "__secure-a=b", "Secure"},
		{"https://example.com/", "__Host-a=b; Path=/", "Secure"},
		{"https://example.com/", "__Host-a=b; Secure", "Path=/"},
		{"https://example.com/", "__Host-a=b; Secure; Path=/folder", "Path=/"},
		{"https://example.com/", "__Host-a=b; Secure; Path=/; Domain=example.com", "no Domain"},
		{"https://example.com/", "__Http-a=b; Secure; Path=/", "HttpOnly"},
		{"https://example.com/", "=__Host-a=b; Secure; Path=/", "no name"},
	}
	for _, c := range cases {
		var j jar
		err := j.take(noon, c.field, address(c.from), own)
		if err == nil || !strings.Contains(err.Error(), c.because) {
			t.Errorf("from %s, %.50q is refused because of %v; want … %s …", c.from, c.field, err, c.because)
		}
		if len(j.cookies) > 0 {
			t.Errorf("from %s, %.50q is refused and kept", c.from, c.field)
		}
	}
}

func TestTheJarSendsACookieWhereItBelongs(t *testing.T) {
	cases := []struct{ from, field, to, want string }{
		{"https://example.com/", "a=b", "https://example.com/", "a=b"},
		{"https://example.com/", "a=b", "https://EXAMPLE.com:8443/x", "a=b"},
		{"https://example.com/", "a=b", "http://example.com/", "a=b"},
		{"https://example.com/", "a=b", "https://www.example.com/", ""},
		{"https://example.com/", "a=b", "https://example.org/", ""},
		{"https://www.example.com/", "a=b; Domain=example.com", "https://example.com/", "a=b"},
		{"https://www.example.com/", "a=b; Domain=.Example.com", "https://api.example.com/", "a=b"},
		{"https://www.example.com/", "a=b; Domain=example.com", "https://badexample.com/", ""},
		{"https://www.example.com/", "a=b; Domain=", "https://api.example.com/", ""},
		{"http://localhost/", "a=b; Domain=localhost", "http://localhost/", "a=b"},
		{"http://127.0.0.1/", "a=b; Domain=127.0.0.1", "http://127.0.0.1/", "a=b"},
		{"https://example.com/", "a=b; Secure", "http://example.com/", ""},
		{"https://example.com/", "a=b; Secure", "https://example.com/", "a=b"},
		{"http://localhost:8080/", "__Host-a=b; Secure; Path=/", "http://localhost:8080/", "__Host-a=b"},
		{"http://127.0.0.1:8080/", "__Host-a=b; Secure; Path=/", "http://127.0.0.1/", "__Host-a=b"},
		{"http://[::1]/", "a=b; Secure", "http://[::1]/", "a=b"},
		{"https://example.com/", "__Http-a=b; Secure; HttpOnly", "https://example.com/", "__Http-a=b"},
		{"https://example.com/x/y", "a=b", "https://example.com/x/z", "a=b"},
		{"https://example.com/x/y", "a=b", "https://example.com/x", "a=b"},
		{"https://example.com/x/y", "a=b", "https://example.com/xz", ""},
		{"https://example.com/x/y", "a=b", "https://example.com/", ""},
		{"https://example.com/x", "a=b", "https://example.com/y", "a=b"},
		{"https://example.com/", "a=b; Path=/x", "https://example.com/x", "a=b"},
		{"https://example.com/", "a=b; Path=/x/", "https://example.com/x", ""},
		{"https://example.com/", "a=b; Path=/x/", "https://example.com/x/y", "a=b"},
		{"https://example.com/", "a=b; Path=x", "https://example.com/y", "a=b"},
		{"https://example.com/", "a=b; Path=/x; Path=/y", "https://example.com/y", "a=b"},
		{"https://example.com/", "a=b; path=/" + strings.Repeat("x", 1025), "https://example.com/", "a=b"},
		{"https://example.com/", "  a = b c ; HttpOnly", "https://example.com/", "a=b c"},
		{"https://example.com/", "a=b=c", "https://example.com/", "a=b=c"},
		{"https://example.com/", "a", "https://example.com/", "a"},
		{"https://example.com/", `a="b"`, "https://example.com/", `a="b"`},
		{"https://example.com/", "a=é", "https://example.com/", "a=é"},
		{"https://example.com/", "a=b; Max-Age=1", "https://example.com/", "a=b"},
		{"https://example.com/", "a=b; Max-Age=0", "https://example.com/", ""},
		{"https://example.com/", "a=b; Max-Age=-9", "https://example.com/", ""},
		{"https://example.com/", "a=b; Max-Age=0; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "https://example.com/", ""},
		{"https://example.com/", "a=b; Expires=Tue, 01 Jan 2030 12:00:01 GMT", "https://example.com/", "a=b"},
		{"https://example.com/", "a=b; Expires=Tue, 01 Jan 2030 12:00:00 GMT", "https://example.com/", ""},
		{"https://example.com/", "a=b; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "https://example.com/", ""},
		{"https://example.com/", "a=b; Expires=Mon, 01 Jan 0001 00:00:00 GMT", "https://example.com/", ""},
		{"https://example.com/", "a=b; Expires=soon; Max-Age=now", "https://example.com/", "a=b"},
	}
	for _, c := range cases {
		var j jar
		if err := j.take(noon, c.field, address(c.from), own); err != nil {
			t.Errorf("from %s, %q is refused: %v", c.from, c.field, err)
		}
		if got := j.header(noon, address(c.to), own); got != c.want {
			t.Errorf("from %s, %q is sent to %s as %q; want %q", c.from, c.field, c.to, got, c.want)
		}
	}
}

func TestACookieEndsByTheClockOfTheJar(t *testing.T) {
	var j jar
	u := address("https://example.com/")
	for _, f := range []string{"minute=1; Max-Age=60", "session=1", "ever=1; Max-Age=99999999999999999999"} {
		if err := j.take(noon, f, u, own); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{59 * time.Second, "minute=1; session=1; ever=1"},
		{time.Minute, "session=1; ever=1"},
		{400 * 24 * time.Hour, "session=1"}, // no server can ask for more
	} {
		if got := j.header(noon.Add(c.after), u, own); got != c.want {
			t.Errorf("after %v: %q; want %q", c.after, got, c.want)
		}
	}
}

func TestSameSiteDecidesWithWhichRequestsACookieGoes(t *testing.T) {
	u := address("https://example.com/")
	var j jar
	for _, f := range []string{"s=1; SameSite=Strict", "l=1; SameSite=Lax", "d=1", "u=1; SameSite=Whatever", "n=1; SameSite=None; Secure"} {
		if err := j.take(noon, f, u, own); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		relation
		after time.Duration
		want  string
	}{
		{strict, 0, "s=1; l=1; d=1; u=1; n=1"},
		{lax, 0, "l=1; d=1; u=1; n=1"},
		{unsafe, 0, "d=1; u=1; n=1"}, // young ones, for sign-on by POST from elsewhere
		{unsafe, youth, "n=1"},
		{cross, 0, "n=1"},
	} {
		if got := j.header(noon.Add(c.after), u, reach{relation: c.relation}); got != c.want {
			t.Errorf("relation %d after %v: %q; want %q", c.relation, c.after, got, c.want)
		}
	}
}

func TestAPartOfAForeignPageSetsSameSiteNoneOnly(t *testing.T) {
	u := address("https://example.com/")
	var j jar
	part := reach{relation: cross, top: "https://evil.example"}
	for _, f := range []string{"s=1; SameSite=Strict", "l=1; SameSite=Lax", "d=1"} {
		if err := j.take(noon, f, u, part); err == nil {
			t.Errorf("%q is kept", f)
		}
	}
	if err := j.take(noon, "n=1; SameSite=None; Secure", u, part); err != nil {
		t.Error(err)
	}
	// A form that another site sends navigates the tab: its answer may set anything.
	if err := j.take(noon, "l=1; SameSite=Lax", u, reach{relation: unsafe, navigation: true}); err != nil {
		t.Error(err)
	}
}

func TestAPartitionedCookieStaysInItsPartition(t *testing.T) {
	u := address("https://example.com/")
	var j jar
	here, there := reach{top: "https://example.com"}, reach{relation: cross, top: "https://other.example"}
	for _, r := range []reach{here, there} {
		if err := j.take(noon, "p="+r.top+"; SameSite=None; Secure; Partitioned", u, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []reach{here, there} {
		if got, want := j.header(noon, u, r), "p="+r.top; got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestPlainHTTPHidesNoSecureCookie(t *testing.T) {
	var j jar
	for _, c := range []struct {
		from, field string
		ok          bool
	}{
		{"https://example.com/", "a=1; Secure; Path=/x", true},
		{"http://example.com/", "a=2; Path=/x", false},
		{"http://www.example.com/", "a=2; Domain=example.com; Path=/x/y", false},
		{"http://example.com/", "a=2; Path=/", true},
		{"http://example.com/", "b=2; Path=/x", true},
		{"https://example.com/", "a=3; Path=/x", true},
	} {
		if err := j.take(noon, c.field, address(c.from), own); (err == nil) != c.ok {
			t.Errorf("%s from %s: %v", c.field, c.from, err)
		}
	}
	if got, want := j.header(noon, address("https://example.com/x"), own), "a=3; b=2; a=2"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

func TestLongerPathsComeFirstThenOlderCookies(t *testing.T) {
	var j jar
	u := address("https://example.com/x/y")
	for _, f := range []string{"a=1; Path=/", "b=1; Path=/x", "c=1; Path=/", "d=1; Path=/x", "a=2; Path=/"} {
		if err := j.take(noon, f, u, own); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := j.header(noon, u, own), "b=1; d=1; a=2; c=1"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

// Where both know the rule, the jar agrees with net/http/cookiejar whatever has been set before.
func TestTheJarAgreesWithCookiejar(t *testing.T) {
	hosts := rapid.SampledFrom([]string{"example.com", "www.example.com", "a.www.example.com", "example.org", "127.0.0.1"})
	paths := rapid.SampledFrom([]string{"/", "/x", "/x/", "/x/y", "/xy"})
	rapid.Check(t, func(t *rapid.T) {
		var mine jar
		theirs, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		// Theirs has no clock, so what ends has ended and what lasts lasts.
		now := time.Now()
		for i := range rapid.IntRange(1, 12).Draw(t, "number") {
			c := &http.Cookie{
				Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"), Value: strconv.Itoa(i),
				Path:   rapid.OneOf(rapid.Just(""), paths).Draw(t, "path"),
				Domain: rapid.OneOf(rapid.Just(""), hosts).Draw(t, "domain"),
				MaxAge: rapid.SampledFrom([]int{-1, 0, 3600}).Draw(t, "age"),
				Secure: rapid.Bool().Draw(t, "secure"),
			}
			if c.Domain != "" {
				c.Name += "d" // theirs takes a cookie of the host for one of the domain
			}
			u := address("https://" + hosts.Draw(t, "host") + paths.Draw(t, "set by"))
			theirs.SetCookies(u, []*http.Cookie{c})
			_ = mine.take(now, c.String(), u, own)
		}
		to := address(rapid.SampledFrom([]string{"https://", "http://"}).Draw(t, "scheme") + hosts.Draw(t, "to") + paths.Draw(t, "path"))
		if isTrustworthy(to) && to.Scheme == "http" {
			return // theirs doesn't trust the own machine
		}
		r := &http.Request{Header: http.Header{}}
		for _, c := range theirs.Cookies(to) {
			r.AddCookie(c)
		}
		got, want := strings.Split(mine.header(now, to, own), "; "), strings.Split(r.Header.Get("Cookie"), "; ")
		slices.Sort(got) // theirs orders cookies of one path by the second
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("to %s: %q; cookiejar sends %q", to, got, want)
		}
	})
}

func TestNoFieldBreaksTheJar(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "__Host-a", "__Secure-a", "=", ";", " ", "\t", "Path=/", "Domain=com", "domain=.", "Secure",
		"SameSite=None", "Max-Age=1", "Expires=", "Partitioned", "\x00", "é", `"`, ","})
	rapid.Check(t, func(t *rapid.T) {
		field := strings.Join(rapid.SliceOf(word).Draw(t, "field"), "")
		var j jar
		u := address("https://www.example.com/x")
		if err := j.take(noon, field, u, own); err != nil && len(j.cookies) != 0 {
			t.Fatalf("%q is refused and kept: %v", field, err)
		}
		sent := j.header(noon, u, own)
		if strings.ContainsAny(sent, ";\x00") {
			t.Fatalf("%q is sent as %q", field, sent)
		}
		if err := j.take(noon, field, u, own); err == nil && len(j.cookies) > 1 {
			t.Fatalf("%q is kept twice", field)
		}
	})
}
