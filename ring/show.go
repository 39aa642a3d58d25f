package ring

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/signet-go/signet/internal/funcs"
)

// What the methods String return is for the failure of a test: everything that Equal compares, a line for each. Two
// values that are not equal read differently, so that cmp.Diff doesn't look further: it would print tokens. A log has
// what print.go says, as fmt and slog prefer the methods Format and LogValue.

// longestShown is the length up to which the value of a cookie, or of another field that may open something, is shown.
// A token of package stores is longer, and so is a sealed session.
const longestShown = 31

var fingerprints = maphash.MakeSeed()

// shownSecret returns a secret as a test may show it: a long one as a fingerprint that means nothing to another process.
func shownSecret(s string) string {
	if len(s) <= longestShown {
		return s
	}
	return fmt.Sprintf("%s(%016x)", mask, maphash.String(fingerprints, s))
}

// shown returns the value of a field as a test may show it.
func (f Field) shown() string {
	switch {
	case masked(f.Name, f.Value) == f.Value, f.Name == "Location", f.Name == "Content-Location", f.Name == "Referer", f.Name == "Refresh":
		return f.Value
	case f.Name == "Set-Cookie":
		pair, attributes, has := strings.Cut(f.Value, ";")
		if has {
			attributes = ";" + attributes
		}
		return shownPair(pair) + attributes
	case f.Name == "Cookie":
		pairs := strings.Split(f.Value, ";")
		for i, pair := range pairs {
			pairs[i] = shownPair(pair)
		}
		return strings.Join(pairs, ";")
	}
	return shownSecret(f.Value)
}

func shownPair(pair string) string {
	name, value, has := strings.Cut(pair, "=")
	if !has {
		return shownSecret(pair)
	}
	return name + "=" + shownSecret(value)
}

// String returns the fields, a line for each, sorted by name. It is for the failures of tests. Secrets of 32 bytes and
// more are shown as a fingerprint.
func (h Header) String() string {
	var b strings.Builder
	for _, f := range h.byName() {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.shown())
	}
	return b.String()
}

// byName returns the fields, sorted by name. Those of one name stay in order.
func (h Header) byName() []Field {
	return slices.SortedStableFunc(slices.Values(h.owned().fields), func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
}

// String returns all that Equal compares, a line for each: status, error, header, body and attached values, such as
// changes of a session. It is for the failures of tests and may show what a page shows; a token of a session is never in
// it. What fmt and slog print is [Response.Format].
func (r Response) String() string {
	var b strings.Builder
	switch {
	case r.Status != 0:
		fmt.Fprintf(&b, "status: %d %s\n", r.Status, http.StatusText(r.Status))
	case r.pending == nil:
		b.WriteString("status: none\n")
	}
	if r.pending != nil {
		b.WriteString("placeholder\n")
		for _, c := range r.pending.then {
			fmt.Fprintf(&b, "then: %v\n", funcs.Of(c))
		}
	}
	if r.Err != nil {
		writeLines(&b, "error", r.Err.Error())
	}
	b.WriteString(r.Header.String())
	b.WriteString(r.Body.String())
	b.WriteString(loggedKey.Drop(r.Values).String())
	return b.String()
}

// String returns all that Equal compares, a line for each. It is for the failures of tests; a token of a session is
// never in it. What fmt and slog print is [Request.Format].
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL.String())
	fmt.Fprintf(&b, "scheme: %s\nhost: %s\nfrom: %s\n", r.Scheme, r.Host, r.RemoteAddr)
	b.WriteString(r.Header.String())
	if body := r.body.shown(); body != "" {
		writeLines(&b, "body", body)
	}
	b.WriteString(r.Values.String())
	return b.String()
}

// String returns the text, or what the body is made of, each line after "body: ". It is for the failures of tests.
func (b Body) String() string {
	kind, text := b.shown()
	if kind == "" && text == "" {
		return ""
	}
	var s strings.Builder
	writeLines(&s, strings.TrimSpace("body "+kind), text)
	return s.String()
}

// writeLines writes each line of a text after a name. That the last one doesn't end is shown by nothing, that there is
// an empty line after it by an empty one.
func writeLines(b *strings.Builder, name, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(b, "%s: %s\n", name, line)
	}
}

// shown returns the kind of a body, "" for a text, and what it is made of. Two bodies are equal if both are.
func (b Body) shown() (kind, text string) {
	switch source := b.source.(type) {
	case nil:
		return "", b.text
	case *handedBody:
		return source.body.shown()
	case *readerBody:
		if text, ok := unread(source.Reader); ok {
			return "to be read", text
		}
		return "reader", nameOf(source.Reader)
	case streamBody:
		return "stream", funcs.Of(source).String()
	case fileBody:
		return "file", source.name + " in " + nameOf(source.fsys)
	case foreignBody:
		return "handler", nameOf(source.handler) + "\n" + source.req.String()
	}
	return "handler that runs", nameOf(b.source)
}

// shown returns the body as far as it is known. Two bodies are equal if that is.
func (in *input) shown() string {
	if in == nil {
		return ""
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.whole && in.err == nil:
		return string(in.data)
	case in.whole:
		return "unreadable: " + in.err.Error()
	}
	if text, ok := unread(in.src); ok && in.streamer == nil {
		return text
	}
	return nameOf(in)
}

// unread returns what r has left, if that can be known without reading from it.
func unread(r io.Reader) (string, bool) {
	switch r := r.(type) {
	case *strings.Reader:
		return rest(r, r.Size(), r.Len())
	case *bytes.Reader:
		return rest(r, r.Size(), r.Len())
	case *bytes.Buffer:
		return r.String(), true
	}
	return "", false
}

func rest(r io.ReaderAt, size int64, left int) (string, bool) {
	b := make([]byte, left)
	n, _ := r.ReadAt(b, size-int64(left))
	return string(b), n == left
}

// nameOf names what can't be compared by its content. Two names are equal if both are one function, pointer or map,
// or equal values of a comparable type.
func nameOf(x any) string {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Func:
		return fmt.Sprintf("%T %v", x, funcs.Of(x))
	case reflect.Pointer, reflect.Map, reflect.Chan:
		return fmt.Sprintf("%T at %p", x, v.UnsafePointer())
	}
	return fmt.Sprintf("%T %#v", x, x)
}

// String returns the attached values, sorted by the names of their keys, each line after the name of the key. A value
// with a method String is shown by that. It is for the failures of tests.
func (v Values) String() string {
	var all []string
	for e := v.first; e != nil; e = e.info().next {
		var b strings.Builder
		if text := strings.TrimSuffix(e.shown(), "\n"); text != "" {
			writeLines(&b, e.info().key.name, text)
		}
		all = append(all, b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

func (n *node[T]) shown() string {
	if v := reflect.ValueOf(&n.value).Elem(); v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	for _, x := range [...]any{&n.value, n.value} {
		switch x := x.(type) {
		case fmt.Stringer:
			return x.String()
		case string:
			return strconv.Quote(x)
		}
	}
	return fmt.Sprintf("%+v", n.value)
}

// Format writes the names of the keys, whatever the verb is.
func (v Values) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, v.printed()) }

// LogValue is what [Values.Format] writes.
func (v Values) LogValue() slog.Value { return slog.StringValue(v.printed()) }

func (v Values) printed() string {
	var names []string
	for e := v.first; e != nil; e = e.info().next {
		names = append(names, e.info().key.name)
	}
	return "Values{" + strings.Join(names, ", ") + "}"
}
