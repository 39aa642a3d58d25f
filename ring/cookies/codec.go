package cookies

import (
	"net/http"
	"strings"

	"github.com/signet-go/signet/ring"
)

// A Codec says how values are written into cookies and read from them. The zero Codec is that of the package's
// functions: [Escape] and [Unescape]. Its methods are those functions with another encoding:
//
//	var form = cookies.Codec{Encode: url.QueryEscape, Decode: url.QueryUnescape}
type Codec struct {
	// Encode may give what a cookie can carry: visible ASCII without quotes, comma, semicolon and backslash.
	// What it gives besides is an error of Set. Nil is Escape.
	Encode func(string) string

	// Decode reads what Encode gave. A value for which it returns an error is passed over. Nil is Unescape.
	Decode func(string) (string, error)
}

// From returns the cookies that came with a request.
func (k Codec) From(req ring.Request) Cookies { return Cookies{req.Header, k.Decode} }

// String returns the Set-Cookie field of c, or the error that [Codec.Set] would fail with.
func (k Codec) String(c http.Cookie) (string, error) {
	if k.Encode == nil {
		c.Value = Escape(c.Value)
	} else {
		c.Value = k.Encode(c.Value)
	}
	if err := check(&c); err != nil {
		return "", err
	}
	shorten(&c)
	return c.String(), nil
}

// Escape writes as %XX each byte that a cookie can't carry, and the percent sign. Most values stay as they are.
func Escape(value string) string {
	n := 0
	for i := 0; i < len(value); i++ {
		if mustEscape(value[i]) {
			n++
		}
	}
	if n == 0 {
		return value
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(value) + 2*n)
	for i := 0; i < len(value); i++ {
		if c := value[i]; mustEscape(c) {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Unescape reads what [Escape] wrote, and does what it can with what others wrote: a percent sign without two hex digits
// stands for itself, quotes around the whole are left out, a plus sign is a plus sign.
func Unescape(value string) string {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		value = value[1 : n-1]
	}
	i := strings.IndexByte(value, '%')
	if i < 0 {
		return value
	}
	var b strings.Builder
	b.Grow(len(value))
	for i >= 0 {
		b.WriteString(value[:i])
		if c, ok := unhex(value[i+1:]); ok {
			b.WriteByte(c)
			value = value[i+3:]
		} else {
			b.WriteByte('%')
			value = value[i+1:]
		}
		i = strings.IndexByte(value, '%')
	}
	b.WriteString(value)
	return b.String()
}

// isOctet reports whether RFC 6265 lets a value have c.
func isOctet(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
}

func mustEscape(c byte) bool { return !isOctet(c) || c == '%' }

func unhex(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, ok1 := digit(s[0])
	lo, ok2 := digit(s[1])
	return hi<<4 | lo, ok1 && ok2
}

func digit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
