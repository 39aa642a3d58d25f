package cookies_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
)

// set gives the Set-Cookie fields of a response that sets cookies, or its failure.
func set(changes ...ring.Change) ([]string, error) {
	resp := ring.NoContent().With(changes...)
	return slices.Collect(resp.Header.All("Set-Cookie")), resp.Failure(ring.Request{})
}

const secret = "hunter2"

// strange are cookies that a browser refuses or changes.
var strange = map[string]http.Cookie{
	"no name":                  {},
	"a blank in the name":      {Name: "a b"},
	"an equals sign":           {Name: "a=b"},
	"a semicolon in the name":  {Name: "a;b"},
	"a line end in the name":   {Name: "a\r\nX: y"},
	"a name beyond ASCII":      {Name: "é"},
	"a line end in the Path":   {Path: "/\r\nX: y"},
	"a semicolon in the Path":  {Path: "/;HttpOnly"},
	"a Path beyond ASCII":      {Path: "/é"},
	"a relative Path":          {Path: "admin"},
	"a Path of a blank":        {Path: "/a "},
	"a long Path":              {Path: "/" + strings.Repeat("x", 1024)},
	"a line end in the Domain": {Domain: "example.com\r\nX: y"},
	"a semicolon in a Domain":  {Domain: "example.com;Path=/"},
	"a Domain of blanks":       {Domain: "example com"},
	"a Domain beyond ASCII":    {Domain: "exämple.com"},
	"a Domain with a last dot": {Domain: "example.com."},
	"a Domain that is a dot":   {Domain: "."},
	"a long Domain":            {Domain: strings.Repeat("a.", 600) + "com"},
	"too large":                {Value: secret + strings.Repeat("x", 4096)},
	"too large once encoded":   {Value: secret + strings.Repeat("é", 700)},
	"too large with quotes":    {Value: secret + strings.Repeat("x", 4096-len("c"+secret)), Quoted: true},
	"None without Secure":      {SameSite: http.SameSiteNoneMode},
	"an unknown SameSite":      {SameSite: 9},
	"Partitioned, not Secure":  {Partitioned: true},
	"Expires before 1601":      {Expires: time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)},
	"__Host- with a Domain":    {Name: "__Host-a", Secure: true, Path: "/", Domain: "example.com"},
	"__Host- without Path":     {Name: "__Host-a", Secure: true},
	"__Host- with a Path":      {Name: "__Host-a", Secure: true, Path: "/a"},
	"__Host- without Secure":   {Name: "__Host-a", Path: "/"},
	"__hOST- without Secure":   {Name: "__hOST-a", Path: "/"},
	"__Secure- without Secure": {Name: "__Secure-a"},
	"__SECURE- without Secure": {Name: "__SECURE-a"},
	"__Http- without HttpOnly": {Name: "__Http-a", Secure: true},
	"__Host-Http- for scripts": {Name: "__Host-Http-a", Secure: true, Path: "/"},
}

const days400 = 400 * 24 * time.Hour

var began = time.Now()

// breaksK2 says what is wrong with the way in which setCookie sets c: it must fail, and say which cookie but not its value, or
// a browser keeps exactly what c says.
func breaksK2(c http.Cookie, setCookie func(http.Cookie) ring.Change) error {
	fields, err := set(setCookie(c))
	if err != nil {
		switch text := err.Error(); {
		case len(fields) > 0:
			return fmt.Errorf("a failed response sets %q", fields)
		case !strings.HasPrefix(text, "cookies: ") || !strings.Contains(text, fmt.Sprintf("%.64q", c.Name)):
			return fmt.Errorf("the error %q doesn't name the cookie", text)
		case strings.Contains(text, secret):
			return errors.New("the error has the value")
		}
		return nil
	}
	if len(fields) != 1 {
		return fmt.Errorf("%d fields without a failure", len(fields))
	}
	kept, ok := store(fields[0])
	if !ok {
		return fmt.Errorf("a browser refuses %q", fields[0])
	}
	return differs(kept, c)
}

// differs compares what a browser has kept with what it was told.
func differs(kept, told http.Cookie) error {
	told.Domain = strings.ToLower(strings.TrimPrefix(told.Domain, "."))
	if told.Path == "" {
		told.Path = "/folder"
	}
	if told.SameSite == http.SameSiteDefaultMode {
		told.SameSite = 0
	}
	told.Expires = told.Expires.Truncate(time.Second)
	value := cookies.Unescape(kept.Value)
	expires := kept.Expires.Equal(told.Expires)
	if last := time.Now().Add(days400); told.Expires.After(began.Add(days400)) { // cut to that
		expires = !kept.Expires.Before(began.Add(days400-time.Second)) && !kept.Expires.After(last)
	}
	told.MaxAge = min(told.MaxAge, int(days400/time.Second))
	if value != told.Value {
		return fmt.Errorf("a browser keeps the value %q", value)
	}
	kept.Value, kept.Expires, kept.MaxAge = told.Value, told.Expires, max(kept.MaxAge, -1)
	told.MaxAge, told.Quoted = max(told.MaxAge, -1), false
	if !expires || fmt.Sprint(kept) != fmt.Sprint(told) {
		return fmt.Errorf("a browser keeps %+v", kept)
	}
	return nil
}

func TestK2_WhatABrowserRefusesIsAFailure(t *testing.T) {
	for name, c := range strange {
		t.Run(name, func(t *testing.T) {
			if c.Name == "" && name != "no name" {
				c.Name = "c"
			}
			if c.Value == "" {
				c.Value = secret
			}
			if err := breaksK2(c, cookies.Set); err != nil {
				t.Error(err)
			}
			if _, err := set(cookies.Set(c)); err == nil {
				t.Error("set without a failure")
			}
			if cookies.Check(c) == nil {
				t.Error("Check finds nothing")
			}
			if s, err := cookies.String(c); err == nil || s != "" {
				t.Errorf("String gives %q, %v", s, err)
			}
		})
	}
}

func TestK2_WhatIsSetIsKept(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,20}`), rapid.Just(strings.Repeat("é", 900)))
	rapid.Check(t, func(t *rapid.T) {
		c := http.Cookie{
			Name:        rapid.OneOf(rapid.SampledFrom([]string{"a", "__Host-a", "__host-a", "__Secure-a", "__HTTP-a", "__Host-Http-a"}), text).Draw(t, "name"),
			Value:       text.Draw(t, "value"),
			Quoted:      rapid.Bool().Draw(t, "quoted"),
			Path:        rapid.OneOf(rapid.SampledFrom([]string{"", "/", "/a b/c=d"}), text).Draw(t, "path"),
			Domain:      rapid.SampledFrom([]string{"", "example.com", ".Example.com"}).Draw(t, "domain"),
			MaxAge:      rapid.OneOf(rapid.IntRange(-2, 2), rapid.Int()).Draw(t, "age"),
			Secure:      rapid.Bool().Draw(t, "secure"),
			HttpOnly:    rapid.Bool().Draw(t, "http only"),
			Partitioned: rapid.Bool().Draw(t, "partitioned"),
			SameSite:    http.SameSite(rapid.IntRange(-1, 6).Draw(t, "same site")),
		}
		if rapid.Bool().Draw(t, "expires") {
			c.Expires = time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "at"), 0)
		}
		if err := breaksK2(c, cookies.Set); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
	})
}

// The check above is worth something only if it finds what net/http does: it drops what it dislikes and sends the rest.
func TestK2_IsBrokenByNetHTTP(t *testing.T) {
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	trusting := func(c http.Cookie) ring.Change { return ring.AddHeader("Set-Cookie", c.String()) }
	for name, c := range strange {
		if c.Name == "" && name != "no name" {
			c.Name = "c"
		}
		if err := breaksK2(c, trusting); err == nil && name != "a Domain that is a dot" {
			t.Errorf("%s: http.Cookie.String passes the check", name)
		}
	}
	for _, value := range []string{"é", "a;b", `"`, "100%25", "a\r\nb"} {
		if err := breaksK2(http.Cookie{Name: "c", Value: value}, trusting); err == nil {
			t.Errorf("%q: http.Cookie.String passes the check", value)
		}
	}
}

func TestK2_TwoCookiesOfOneNameAreAFailure(t *testing.T) {
	one := cookies.Set(http.Cookie{Name: "a", Value: "1"})
	for name, changes := range map[string][]ring.Change{
		"set twice":             {one, cookies.Set(http.Cookie{Name: "a", Value: "2", Path: "/other"})},
		"set and deleted":       {one, cookies.Delete(http.Cookie{Name: "a"})},
		"set beside the header": {ring.AddHeader("set-cookie", " a =1"), one},
	} {
		fields, err := set(changes...)
		if err == nil || len(fields) > 0 || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: %q, %v; want a failure that names the cookie", name, fields, err)
		}
	}
	fields, err := set(one, cookies.Set(http.Cookie{Name: "A", Value: "2"}), cookies.Set(http.Cookie{Name: "aa", Value: "3"}))
	if want := []string{"a=1", "A=2", "aa=3"}; err != nil || !slices.Equal(fields, want) {
		t.Errorf("other names: %q, %v; want %q", fields, err, want)
	}
}

func TestAFailedResponseStaysAsItIs(t *testing.T) {
	broken := errors.New("broken")
	resp := ring.Fail(broken).With(cookies.Set(http.Cookie{Name: "a", Value: "1"}), cookies.Set(http.Cookie{}))
	if !errors.Is(resp.Err, broken) || len(slices.Collect(resp.Header.All("Set-Cookie"))) > 0 {
		t.Errorf("error %v, header %v; want the first error and no cookie", resp.Err, resp.Header)
	}
}

func TestAFailureClosesTheBodyAndKeepsTheValues(t *testing.T) {
	key := ring.NewKey[int]("number")
	body := &closer{Reader: strings.NewReader("never sent")}
	resp := ring.Read("text/plain", body)
	resp.Values = key.Put(resp.Values, 7)
	resp = resp.With(cookies.Set(http.Cookie{Name: "a b"}))
	if n, _ := key.Get(resp.Values); resp.Status != 500 || !body.closed || n != 7 {
		t.Errorf("status %d, closed %v, value %d; want 500, true, 7", resp.Status, body.closed, n)
	}
	if text, _ := resp.Body.Text(); text != "500 Internal Server Error\n" {
		t.Errorf("the client is told %q", text)
	}
}

func TestAPlaceholderThatFailsStaysOne(t *testing.T) {
	resp := ring.Placeholder().With(cookies.Set(http.Cookie{Name: "a b"}))
	if !resp.IsPlaceholder() || resp.Err == nil {
		t.Fatalf("placeholder %v, error %v; want a placeholder with an error", resp.IsPlaceholder(), resp.Err)
	}
	if settled := resp.Settle(ring.Text("fine")); settled.Err == nil || settled.Status != 500 {
		t.Errorf("settled as %d, %v; want a failure", settled.Status, settled.Err)
	}
}

type closer struct {
	io.Reader
	closed bool
}

func (c *closer) Close() error {
	c.closed = true
	return nil
}

func TestDeleteRepeatsWhatBrowsersFindACookieBy(t *testing.T) {
	fields, err := set(cookies.Delete(http.Cookie{
		Name: "a", Value: secret + strings.Repeat("x", 5000), Path: "/p", Domain: "example.com", MaxAge: 1 << 40,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true,
	}))
	want := "a=; Path=/p; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=None; Partitioned"
	if err != nil || !slices.Equal(fields, []string{want}) {
		t.Errorf("%q, %v; want %q", fields, err, want)
	}
	if _, err := set(cookies.Delete(http.Cookie{Name: "__Host-a"})); err == nil {
		t.Error("a Delete that a browser refuses is no failure")
	}
}

func TestACodecReplacesTheEncoding(t *testing.T) {
	form := cookies.Codec{Encode: url.QueryEscape, Decode: url.QueryUnescape}
	fields, err := set(form.Set(http.Cookie{Name: "a", Value: "x y&é"}))
	if want := []string{"a=x+y%26%C3%A9"}; err != nil || !slices.Equal(fields, want) {
		t.Errorf("%q, %v; want %q", fields, err, want)
	}
	serve(func(req ring.Request) {
		got := slices.Collect(form.From(req).All("a"))
		if want := []string{"x y&é", "last"}; !slices.Equal(got, want) {
			t.Errorf("values %q; want %q", got, want)
		}
	}, fields[0]+"; a=100%", "a=last")
	plain := cookies.Codec{Encode: func(s string) string { return s }}
	if _, err := plain.String(http.Cookie{Name: "a", Value: secret + "; Domain=com"}); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("what a codec may not give: %v; want an error without the value", err)
	}
	if _, err := (cookies.Codec{Encode: func(s string) string { return hex.EncodeToString([]byte(s)) }}).String(http.Cookie{Name: "a", Value: ";"}); err != nil {
		t.Error(err)
	}
}

func TestStringCostsOneString(t *testing.T) {
	c := http.Cookie{Name: "__Host-a", Value: "0123456789", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if n := testing.AllocsPerRun(100, func() { _, _ = cookies.String(c) }); n != 1 {
		t.Errorf("%v allocations; want 1", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = cookies.Check(c) }); n != 0 {
		t.Errorf("Check: %v allocations; want 0", n)
	}
}

func TestK2_ALifeOfOver400DaysIsCutToThat(t *testing.T) {
	for name, c := range map[string]http.Cookie{
		"MaxAge":                    {MaxAge: int(days400/time.Second) + 1},
		"more than a browser reads": {MaxAge: math.MaxInt},
		"Expires":                   {Expires: time.Now().Add(days400 + time.Hour)},
		"the year 9999":             {Expires: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		c.Name, c.Value = "c", "x"
		if err := cookies.Check(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		fields, err := set(cookies.Set(c))
		if err != nil || len(fields) != 1 {
			t.Errorf("%s: %q, %v", name, fields, err)
			continue
		}
		sent, err := http.ParseSetCookie(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case c.MaxAge > 0 && sent.MaxAge != int(days400/time.Second):
			t.Errorf("%s: Max-Age=%d", name, sent.MaxAge)
		case c.MaxAge == 0 && (sent.Expires.Before(began.Add(days400-time.Second)) || sent.Expires.After(time.Now().Add(days400))):
			t.Errorf("%s: Expires=%v", name, sent.Expires)
		}
	}
}
