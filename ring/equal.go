package ring

import (
	"reflect"
	"slices"

	"github.com/signet-go/signet/internal/funcs"
)

// Requests and responses are values, so tests of a program compare them: with cmp.Diff, which uses the methods below, or
// with ringtest.Diff.

// Equal reports whether both responses answer the same: status, header, body and attached values are equal, and the
// errors have the same text. Whether a failure has been logged makes no difference.
//
// A function is equal to itself only, as nothing else is known of it. That holds for a stream, for the handler of
// [FromHTTP], for a change of a session that a function computes, and for what is to be done to a [Placeholder]. A
// declared function is always the same one. A function literal that captures variables is another one each time it is
// evaluated.
func (r Response) Equal(other Response) bool {
	return r.Status == other.Status && r.Header.Equal(other.Header) && r.Body.Equal(other.Body) &&
		sameError(r.Err, other.Err) && r.pending.equal(other.pending) &&
		loggedKey.Drop(r.Values).Equal(loggedKey.Drop(other.Values))
}

func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Error() == b.Error()
}

func (p *pending) equal(other *pending) bool {
	if p == nil || other == nil {
		return p == other
	}
	return slices.EqualFunc(p.then, other.then, func(a, b Change) bool { return funcs.Of(a) == funcs.Of(b) })
}

// Equal reports whether both requests ask the same: their fields and their bodies are equal. Contexts are not compared.
// Two bodies are equal if they are one, as in copies of a request, or if their content is known and the same: a
// body that has been read by Form, JSON or Bytes, or that comes from a strings.Reader, a bytes.Reader or a bytes.Buffer.
// Nothing is read to compare them.
func (r Request) Equal(other Request) bool {
	return r.Method == other.Method && r.Scheme == other.Scheme && r.Host == other.Host && r.RemoteAddr == other.RemoteAddr &&
		reflect.DeepEqual(r.URL, other.URL) && r.Header.Equal(other.Header) && r.body.shown() == other.body.shown() &&
		r.Values.Equal(other.Values)
}

// Equal reports whether both bodies are written alike. Two texts are equal if they have the same bytes, and two files if
// they have one name in one file system. Two readers are equal if they are one, or if both are a strings.Reader, a
// bytes.Reader or a bytes.Buffer and have the same left to read; nothing is read from them. A stream is equal to one of
// the same function, and the body of [FromHTTP] to one of the same handler and an equal request. Bodies of different
// kinds are not equal, even if a client would get the same bytes.
func (b Body) Equal(other Body) bool {
	kind, text := b.shown()
	otherKind, otherText := other.shown()
	return kind == otherKind && text == otherText
}

// Equal reports whether both have equal values under the same keys, in whatever order they were attached. Values of a
// type with a method Equal are compared by that, others as reflect.DeepEqual does.
func (v Values) Equal(other Values) bool {
	n := 0
	for e := v.first; e != nil; e = e.info().next {
		n++
		if theirs := other.entry(e.info().key); theirs == nil || !e.equal(theirs) {
			return false
		}
	}
	for e := other.first; e != nil; e = e.info().next {
		n--
	}
	return n == 0
}

// equal reports whether two entries of one key have equal values.
func (n *node[T]) equal(other entry) bool {
	theirs := &other.(*node[T]).value
	if mine, ok := any(&n.value).(interface{ Equal(T) bool }); ok {
		return mine.Equal(*theirs)
	}
	if mine, ok := any(&n.value).(interface{ Equal(*T) bool }); ok { // T may be one that must not be copied
		return mine.Equal(theirs)
	}
	if v := reflect.ValueOf(&n.value).Elem(); v.Kind() == reflect.Pointer && !v.IsNil() {
		if mine, ok := any(n.value).(interface{ Equal(T) bool }); ok {
			return mine.Equal(*theirs)
		}
	}
	return reflect.DeepEqual(&n.value, theirs)
}
