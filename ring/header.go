package ring

import (
	"iter"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// A Field is one header field. Names are canonical, as "Content-Type".
type Field struct{ Name, Value string }

// Header is an immutable list of fields in order; the zero Header is empty. Methods that change it return a new Header.
// Names are matched without regard to case.
//
// The header of a served request keeps net/http's own map until it is changed, so reading copies nothing; net/http
// does not keep the order of fields, so there they are ordered by name.
type Header struct {
	fields   []Field
	borrowed http.Header // instead of fields; never written to
	bad      bool        // a field can't be sent; each is checked once, when it is added
}

// HeaderOf returns the fields of m, ordered by name. It copies m.
func HeaderOf(m http.Header) Header { return Header{borrowed: m}.owned() }

// canonicalName is textproto.CanonicalMIMEHeaderKey, which has less to look at if the name is canonical already.
func canonicalName(s string) string {
	if isFrequent(s) {
		return s
	}
	upper := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z':
			if upper {
				return textproto.CanonicalMIMEHeaderKey(s)
			}
		case 'A' <= c && c <= 'Z':
			if !upper {
				return textproto.CanonicalMIMEHeaderKey(s)
			}
		case c != '-' && (c < '0' || c > '9'):
			return textproto.CanonicalMIMEHeaderKey(s)
		}
		upper = c == '-'
	}
	return s
}

// isFrequent reports whether a name is one that layers ask for all the time; it is canonical and can be sent.
func isFrequent(s string) bool {
	switch s {
	case "Cookie", "Set-Cookie", "Content-Type", "Cache-Control", "Vary", "Location", "Clear-Site-Data", "Sec-Fetch-Mode", "Sec-Purpose":
		return true
	}
	return false
}

// Get returns the first value of name, or "".
func (h Header) Get(name string) string {
	v, _ := h.Lookup(name)
	return v
}

// Lookup returns the first value of name, and whether there is one.
func (h Header) Lookup(name string) (string, bool) {
	name = canonicalName(name)
	if h.borrowed != nil {
		if vs := h.borrowed[name]; len(vs) > 0 {
			return vs[0], true
		}
		return "", false
	}
	for _, f := range h.fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// All yields the values of name in order.
func (h Header) All(name string) iter.Seq[string] {
	name = canonicalName(name)
	return func(yield func(string) bool) {
		if h.borrowed != nil {
			for _, v := range h.borrowed[name] {
				if !yield(v) {
					return
				}
			}
			return
		}
		for _, f := range h.fields {
			if f.Name == name && !yield(f.Value) {
				return
			}
		}
	}
}

// Fields yields all fields in order.
func (h Header) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h.owned().fields {
			if !yield(f.Name, f.Value) {
				return
			}
		}
	}
}

// Len returns the number of fields.
func (h Header) Len() int {
	if h.borrowed == nil {
		return len(h.fields)
	}
	n := 0
	for _, vs := range h.borrowed {
		n += len(vs)
	}
	return n
}

// Set returns a header in which name has this one value, at the place of the first it had, else at the end.
func (h Header) Set(name, value string) Header {
	name = canonicalName(name)
	old := h.owned()
	fields := make([]Field, 0, len(old.fields)+1)
	done := false
	for _, f := range old.fields {
		if f.Name != name {
			fields = append(fields, f)
		} else if !done {
			fields, done = append(fields, Field{name, value}), true
		}
	}
	if !done {
		fields = append(fields, Field{name, value})
	}
	if old.bad { // perhaps it was the one that is replaced
		return checked(fields)
	}
	return Header{fields: fields, bad: !Field{name, value}.sendable()}
}

// Add returns a header with one more value of name, at the end.
func (h Header) Add(name, value string) Header { return h.AddAll(Field{name, value}) }

// AddAll returns a header with more fields at the end, at the cost of one copy.
func (h Header) AddAll(more ...Field) Header {
	old := h.owned()
	fields := make([]Field, 0, len(old.fields)+len(more))
	fields = append(fields, old.fields...)
	bad := old.bad
	for _, f := range more {
		if !isFrequent(f.Name) {
			f.Name = canonicalName(f.Name)
			bad = bad || !isToken(f.Name)
		}
		bad = bad || hasControl(f.Value)
		fields = append(fields, f)
	}
	return Header{fields: fields, bad: bad}
}

// Del returns a header without name.
func (h Header) Del(name string) Header {
	if _, had := h.Lookup(name); !had {
		return h
	}
	name = canonicalName(name)
	old := h.owned()
	fields := slices.DeleteFunc(slices.Clone(old.fields), func(f Field) bool { return f.Name == name })
	if old.bad {
		return checked(fields)
	}
	return Header{fields: fields}
}

// checked is a header of fields that have not been looked at.
func checked(fields []Field) Header {
	return Header{fields: fields, bad: slices.ContainsFunc(fields, func(f Field) bool { return !f.sendable() })}
}

// HTTP returns the fields as a new http.Header.
func (h Header) HTTP() http.Header {
	if h.borrowed != nil {
		return h.borrowed.Clone()
	}
	m := make(http.Header, len(h.fields))
	for _, f := range h.fields {
		m[f.Name] = append(m[f.Name], f.Value)
	}
	return m
}

// Equal reports whether both have the same fields. As in HTTP, the order counts for the values of one name only.
func (h Header) Equal(other Header) bool {
	if n := len(h.fields); n > 0 && n == len(other.fields) && &h.fields[0] == &other.fields[0] {
		return true // of one making, as nobody writes to fields
	}
	return slices.Equal(h.byName(), other.byName())
}

func (h Header) owned() Header {
	if h.borrowed == nil {
		return h
	}
	if len(h.borrowed) == 0 {
		return Header{}
	}
	fields := make([]Field, 0, len(h.borrowed))
	for _, name := range namesOf(h.borrowed) {
		for _, v := range h.borrowed[name] {
			fields = append(fields, Field{canonicalName(name), v})
		}
	}
	return checked(fields)
}

// namesOf returns the names in m, sorted.
func namesOf(m http.Header) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// invalid returns the name of the first field that must not be sent, or "".
func (h Header) invalid() string {
	h = h.owned()
	if !h.bad {
		return ""
	}
	for _, f := range h.fields {
		if !f.sendable() && f.Name != "" {
			return f.Name
		}
	}
	return `""`
}

func (f Field) sendable() bool { return isToken(f.Name) && !hasControl(f.Value) }

// hasControl finds what a value must not contain: HTTP/1 would send it or make it a blank, HTTP/2 drops the field.
func hasControl(s string) bool {
	for len(s) >= 8 { // a token, or a sealed session, is long
		if mayHaveControl(s[:8]) && hasControlAt(s[:8]) {
			return true
		}
		s = s[8:]
	}
	return hasControlAt(s)
}

func hasControlAt(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// mayHaveControl looks at eight bytes at once. It is true wherever one of them is a control character, a tab included,
// and sometimes beside one.
func mayHaveControl(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	b := s[:8]
	v := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	del := v ^ 0x7f*ones // 0 if the byte is 0x7f
	return ((v-0x20*ones)&^v|(del-ones)&^del)&tops != 0
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

// tokenByte are the bytes that the name of a field may have.
var tokenByte = func() (ok [256]bool) {
	for c := '!'; c < 0x7f; c++ {
		ok[c] = !strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	}
	return ok
}()
