package flash

import (
	"strconv"
	"strings"
	"time"

	"github.com/signet-go/signet/internal/inline"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

const (
	prefix   = ".flash:"
	bindTime = 10 * time.Second
	lifeTime = 5 * time.Minute

	maxWaiting = 16      // messages in a session
	maxBytes   = 4 << 10 // of messages that wait, if there are several
)

// A message is one flash on its way. In the session it is a key of its own, named by the time it was set and an id.
type message struct {
	key     session.Key[string]
	content content
	until   instant // when nobody will come for it any more
	to      target
}

// A content is the wire form of a stores.Data whose only key is that of the message.
type content string

// A target is the request that a message belongs to; the zero target is the next top-level navigation.
type target struct {
	until instant
	path  string
	kind
}

// An instant is a time in milliseconds since 1970, as the session has it.
type instant int64

func at(t time.Time) instant { return instant(t.UnixMilli()) }

// isAfter reports whether t is before it.
func (i instant) isAfter(t time.Time) bool { return at(t) < i }

// appendName appends the key of the i-th message of a response: ascending in time.
func appendName(b []byte, info session.Information, i int) []byte {
	b = append(b, prefix...)
	b = hex(b, uint64(info.Now.UnixNano()), 16)
	b = hex(b, uint64(i), 2)
	return info.AppendID(b)
}

func hex(b []byte, v uint64, width int) []byte {
	var digits [16]byte
	d := strconv.AppendUint(digits[:0], v, 16)
	for range width - len(d) {
		b = append(b, '0')
	}
	return append(b, d...)
}

// pack returns the message, the i-th of its response, as it lies in the session.
func (m *message) pack(info session.Information, i int) entry {
	var room [64]byte
	name := appendName(room[:0], info, i)
	var b strings.Builder
	b.Grow(len(name) + m.size())
	b.Write(name)
	m.write(&b)
	both := b.String() // key and text in one allocation
	return entry{session.Key[string](both[:len(name)]), both[len(name):]}
}

// text returns the message as it lies under its key: two times in milliseconds and hexadecimal, the lengths of the
// target's path, mode and dest, those three, and the content.
func (m *message) text() string {
	var b strings.Builder
	b.Grow(m.size())
	m.write(&b)
	return b.String()
}

func (m *message) size() int {
	return 64 + len(m.to.path) + len(m.to.mode) + len(m.to.dest) + len(m.content)
}

func (m *message) write(b *strings.Builder) {
	var room [17]byte
	for _, n := range [5]int64{int64(m.until), int64(m.to.until), int64(len(m.to.path)), int64(len(m.to.mode)), int64(len(m.to.dest))} {
		b.Write(append(strconv.AppendInt(room[:0], n, 16), ' '))
	}
	b.WriteString(m.to.path)
	b.WriteString(m.to.mode)
	b.WriteString(m.to.dest)
	b.WriteString(string(m.content))
}

func unpack(key session.Key[string], s string) (message, bool) {
	var n [5]int64
	for i := range n {
		digits, rest, ok := strings.Cut(s, " ")
		v, err := strconv.ParseInt(digits, 16, 64)
		if !ok || err != nil || v < 0 {
			return message{}, false
		}
		n[i], s = v, rest
	}
	m := message{key: key, until: instant(n[0]), to: target{until: instant(n[1])}}
	for i, part := range [3]*string{&m.to.path, &m.to.mode, &m.to.dest} {
		size := n[2+i]
		if size > int64(len(s)) {
			return message{}, false
		}
		*part, s = s[:size], s[size:]
	}
	m.content = content(s)
	return m, true
}

// value returns the content as one of type T under the key k, and whether it is one.
func value[T any](c content, k Key[T]) (T, bool) {
	d, err := stores.ParseData(string(c), len(c))
	if err != nil {
		var zero T
		return zero, false
	}
	v, err := session.Key[T](k).Lookup(session.Of(d))
	return v, err == nil
}

type (
	messages = inline.List[message]
	entries  = inline.List[entry]
)

// An arrivals is what a request has: the messages that arrived for it, nil for none.
type arrivals struct{ list *messages }

// A sendings is what a response has: the messages that it sends, in order.
type sendings struct{ list inline.List[content] }

// with returns the messages with one more.
func (s sendings) with(c content) sendings { return sendings{s.list.With(c)} }

// A givens is what a request has for the response at hand: its elements are of type given.
type givens struct{ list inline.List[any] }

// A given is a message for the response at hand.
type given[T any] struct {
	key   Key[T]
	value T
}

// An entry is a message as the session stores it: its key and its text.
type entry struct {
	key  session.Key[string]
	text string
}

// same reports whether both have the same messages.
func same(a, b *messages) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if a.At(i).key != b.At(i).key {
			return false
		}
	}
	return true
}
