package stores

import (
	"time"

	"github.com/signet-go/signet/internal/wire"
)

// A Body is what a [Row] has of a session that no table looks at: its data, its verifiers and the times that nothing is found by.
// A table of bytes stores Bytes and returns BodyOf. A table of values returns the Body that it was given, and nothing is encoded nor
// decoded. Body is an immutable value; the zero Body has no keys, and no token opens it. It is safe for concurrent use.
type Body struct {
	// A table in memory keeps a Body for each session, so times are nanoseconds and what most sessions lack is elsewhere.
	data     wire.Map // if more is unread, what BodyOf was given
	verifier [32]byte
	created  int64
	more     *more // nil if all of it is zero
}

// more is the part of a Body that only a session has to which somebody has logged in, or that is otherwise special.
type more struct {
	previous               [32]byte
	authenticated, renewed int64
	limits                 *limits // nil if all of it is zero
	persistent             bool
}

type limits struct {
	previousUntil  int64
	idle, absolute time.Duration
}

// unread marks a Body that comes from bytes. Row.Record decodes it.
var unread = new(more)

// maxBody bounds the bytes of a Body that is decoded. Package session decides what a sensible size is.
const maxBody = 1<<24 - 1

// BodyOf returns the body of which a table has stored the Bytes. It copies bytes, but not a string. It does not look at them: bytes
// that are no session's are an error of the Store, and hide nothing from its List.
func BodyOf[T string | []byte](b T) Body { return Body{data: wire.Unchecked(string(b)), more: unread} }

// Bytes returns the body as bytes to store: the data, then a MessagePack array of the other fields. Times are nanoseconds since 1970 in
// UTC. Absent times and absent verifiers are nil.
func (b Body) Bytes() []byte {
	if b.more == unread {
		return []byte(b.data.UncheckedText())
	}
	var rec Record
	b.into(&rec)
	return appendBody(make([]byte, 0, rec.Data.Size()+bodySize), &rec)
}

// newBody returns the body of a record.
func newBody(r *Record) Body {
	b := Body{data: wire.Map(r.Data), verifier: r.Verifier, created: nanos(r.Created)}
	m := more{previous: r.Previous, authenticated: nanos(r.Authenticated), renewed: nanos(r.Renewed), persistent: r.Persistent}
	if l := (limits{nanos(r.PreviousUntil), r.Idle, r.Absolute}); l != (limits{}) {
		m.limits = new(l)
	}
	if m != (more{}) {
		b.more = new(m) // allocated for those alone that have it
	}
	return b
}

// into sets the fields of a record that a body has. A body of bytes is decoded.
func (b *Body) into(r *Record) error {
	if b.more == unread {
		text := b.data.UncheckedText()
		end, err := parseBody(text, maxBody, r)
		if err == nil && end != len(text) {
			err = wire.LeftOver(len(text) - end)
		}
		return err
	}
	r.Data, r.Verifier, r.Created = Data(b.data), b.verifier, moment(b.created)
	if m := b.more; m != nil {
		r.Previous, r.Persistent = m.previous, m.persistent
		r.Authenticated, r.Renewed = moment(m.authenticated), moment(m.renewed)
		if l := m.limits; l != nil {
			r.PreviousUntil, r.Idle, r.Absolute = moment(l.previousUntil), l.idle, l.absolute
		}
	}
	return nil
}

// nanos returns a time as nanoseconds since 1970; 0 stands for the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

const (
	bodyFields = 9
	bodySize   = 128 // bytes that the fields of a body take besides its data, at most
)

// appendBody appends what a body has of a record.
func appendBody(b []byte, r *Record) []byte {
	b = append(b, r.Data.Text()...)
	b = wire.AppendArrayHead(b, bodyFields)
	b = appendHash(b, r.Verifier)
	b = appendHash(b, r.Previous)
	for _, t := range []time.Time{r.PreviousUntil, r.Created, r.Authenticated, r.Renewed} {
		b = appendTime(b, t)
	}
	b = wire.AppendInt(b, int64(r.Idle))
	b = wire.AppendInt(b, int64(r.Absolute))
	if r.Persistent {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

// parseBody is the inverse of appendBody. It returns where the body ends. It walks the text once and trusts no length in it.
func parseBody(text string, max int, r *Record) (end int, err error) {
	if err := wire.CheckFormat(text, max); err != nil {
		return 0, err
	}
	data, p, err := wire.ParseMap(text)
	if err != nil {
		return 0, err
	}
	r.Data = Data(data)
	f := fields{s: text, p: p}
	f.array(bodyFields)
	f.bin(r.Verifier[:])
	f.bin(r.Previous[:])
	for _, t := range []*time.Time{&r.PreviousUntil, &r.Created, &r.Authenticated, &r.Renewed} {
		*t = f.time()
	}
	r.Idle, r.Absolute = time.Duration(f.int()), time.Duration(f.int())
	r.Persistent = f.next() == "\xc3"
	return f.p, f.err
}

func appendHash(b []byte, h [32]byte) []byte {
	if h == [32]byte{} {
		return append(b, 0xc0)
	}
	return wire.AppendBin(b, h[:])
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0xc0)
	}
	return wire.AppendInt(b, t.UnixNano())
}
