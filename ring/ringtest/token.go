package ringtest

import (
	"html"
	"strings"
	"unicode/utf8"
)

// Not encoding/xml, even when it isn't strict: it stops at what browsers read without blinking, such as a < in a script.

// A token is a piece of HTML: a text, or a tag. Comments and the like are no tokens.
type token struct {
	text       string
	tag        string // lower case; "" for a text
	end        bool
	attributes map[string]string
}

// has reports whether the tag has an attribute, be it empty.
func (t token) has(name string) bool {
	_, ok := t.attributes[name]
	return ok
}

// A tokenizer cuts HTML into tokens. Anything is HTML: there are no errors.
type tokenizer struct {
	rest string
	raw  string // element whose content is text up to its end tag, whatever that looks like
}

// next returns the next token, and false at the end.
func (z *tokenizer) next() (token, bool) {
	for z.rest != "" {
		if z.raw != "" {
			if t, ok := z.rawText(); ok {
				return t, true
			}
			continue
		}
		if z.rest[0] != '<' {
			text := z.until(strings.IndexByte(z.rest, '<'))
			return token{text: html.UnescapeString(text)}, true
		}
		switch {
		case strings.HasPrefix(z.rest, "<!--"):
			z.comment()
		case strings.HasPrefix(z.rest, "<!"), strings.HasPrefix(z.rest, "<?"):
			z.through(strings.IndexByte(z.rest, '>'))
		case len(z.rest) > 1 && isLetter(z.rest[1]):
			return z.startTag(), true
		case len(z.rest) > 2 && z.rest[1] == '/' && isLetter(z.rest[2]):
			t := z.startTag()
			t.end = true
			return t, true
		case strings.HasPrefix(z.rest, "</"):
			z.through(strings.IndexByte(z.rest, '>'))
		default:
			z.rest = z.rest[1:]
			return token{text: "<"}, true
		}
	}
	return token{}, false
}

// until takes what is before index i, or everything if i is negative.
func (z *tokenizer) until(i int) string {
	if i < 0 {
		i = len(z.rest)
	}
	s := z.rest[:i]
	z.rest = z.rest[i:]
	return s
}

// through skips what is up to index i, or everything if i is negative.
func (z *tokenizer) through(i int) {
	z.until(i)
	if z.rest != "" {
		z.rest = z.rest[1:]
	}
}

// comment skips one. "<!-->" is a whole one.
func (z *tokenizer) comment() {
	z.rest = z.rest[len("<!"):]
	if i := strings.Index(z.rest, "-->"); i >= 0 {
		z.rest = z.rest[i+len("-->"):]
		return
	}
	z.rest = ""
}

// rawText takes the content of an element such as script, if there is any.
func (z *tokenizer) rawText() (token, bool) {
	element := z.raw
	z.raw = ""
	text := z.until(endOf(element, z.rest))
	if element == "textarea" || element == "title" {
		text = html.UnescapeString(text)
	}
	return token{text: text}, text != ""
}

// endOf is where the end tag of an element stands in s, or -1.
func endOf(element, s string) int {
	for i := 0; ; {
		at := strings.Index(s[i:], "</")
		if at < 0 {
			return -1
		}
		i += at
		after := i + len("</") + len(element)
		if after >= len(s) {
			return -1
		}
		if strings.EqualFold(s[i+len("</"):after], element) && (isSpace(s[after]) || s[after] == '/' || s[after] == '>') {
			return i
		}
		i += len("</")
	}
}

// startTag takes a tag of either kind.
func (z *tokenizer) startTag() token {
	z.rest = z.rest[1:]
	end := z.rest[0] == '/'
	if end {
		z.rest = z.rest[1:]
	}
	name := strings.ToLower(z.until(strings.IndexFunc(z.rest, func(r rune) bool { return endsName(r) })))
	t := token{tag: name, attributes: map[string]string{}}
	for {
		z.rest = strings.TrimLeft(z.rest, " \t\n\f\r/")
		if z.rest == "" {
			break
		}
		if z.rest[0] == '>' {
			z.rest = z.rest[1:]
			break
		}
		if key, value := z.attribute(); !t.has(key) {
			t.attributes[key] = value
		}
	}
	if !end && isRaw(name) {
		z.raw = name
	}
	return t
}

// attribute takes a name, and a value if there is one. It always takes something.
func (z *tokenizer) attribute() (key, value string) {
	from := 1 // the first may be an =
	i := strings.IndexFunc(z.rest[from:], func(r rune) bool { return endsName(r) || r == '=' })
	if i >= 0 {
		i += from
	}
	key = strings.ToLower(z.until(i))
	after := strings.TrimLeft(z.rest, " \t\n\f\r")
	if !strings.HasPrefix(after, "=") {
		return key, ""
	}
	z.rest = strings.TrimLeft(after[1:], " \t\n\f\r")
	if z.rest != "" && (z.rest[0] == '"' || z.rest[0] == '\'') {
		quote := z.rest[0]
		z.rest = z.rest[1:]
		value = z.until(strings.IndexByte(z.rest, quote))
		z.rest = strings.TrimPrefix(z.rest, string(quote))
	} else {
		value = z.until(strings.IndexFunc(z.rest, func(r rune) bool { return r == '>' || isBlank(r) }))
	}
	return key, unescapeAttribute(value)
}

// unescapeAttribute leaves the & of an address alone: in an attribute, &copy=1 is no copyright sign.
func unescapeAttribute(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		n := 1
		for i+n < len(s) && (isLetter(s[i+n]) || isDigit(s[i+n]) || s[i+n] == '#') {
			n++
		}
		ref := s[i : i+n]
		s = s[i+n:]
		b.WriteString(unescapeReference(ref, &s))
	}
}

// unescapeReference is what a reference stands for that is followed by rest.
func unescapeReference(ref string, rest *string) string {
	if strings.HasPrefix(*rest, ";") {
		*rest = (*rest)[1:]
		return html.UnescapeString(ref + ";")
	}
	plain := html.UnescapeString(ref)
	if strings.HasPrefix(ref, "&#") || utf8.RuneCountInString(plain) == 1 && !strings.HasPrefix(*rest, "=") {
		return plain
	}
	return ref
}

// isRaw reports whether the content of an element is text and no HTML.
func isRaw(name string) bool {
	switch name {
	case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes":
		return true
	}
	return false
}

func endsName(r rune) bool { return r == '>' || r == '/' || isBlank(r) }

func isBlank(r rune) bool { return r < 0x80 && isSpace(byte(r)) }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
