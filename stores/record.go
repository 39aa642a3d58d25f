package stores

import (
	"fmt"
	"math"
	"time"

	"github.com/signet-go/signet/internal/wire"
)

// A Record is a session as a Store loads and saves it. The times are those of the caller's clock.
type Record struct {
	Handle        Handle // under which it is stored; the key, so a table need not store it again
	Data          Data
	Version       uint64    // drawn at random by each write; never 0
	Verifier      [32]byte  // SHA-256 of the token's secret half
	Previous      [32]byte  // the verifier before the last renewal
	PreviousUntil time.Time // until when Previous is accepted as well; Keep leaves it zero, which is never
	Owner         string    // "" for an anonymous session
	Created       time.Time
	Authenticated time.Time     // the last log-in; zero for an anonymous session
	Renewed       time.Time     // when Verifier replaced Previous; zero if it never did
	Seen          time.Time     // the last write or touch
	Expires       time.Time     // when it is dead unless something happens
	Idle          time.Duration // limits of its own, by Lifetime; 0 for those of Options
	Absolute      time.Duration
	Persistent    bool // the cookie outlives the browser session
}

// IsEmpty reports whether the record has neither keys nor an owner, and so is no session any more. Such a record expires within a
// minute.
func (r Record) IsEmpty() bool { return r.Data.Len() == 0 && r.Owner == "" }

// Start returns when the absolute lifetime began: at the last log-in, or at the creation if there was none.
func (r *Record) Start() time.Time {
	if !r.Authenticated.IsZero() && r.Authenticated.After(r.Created) {
		return r.Authenticated
	}
	return r.Created
}

const recordFields = 14

// Bytes returns all of the record in one piece: Data.Bytes, then a MessagePack array of the other fields. Times are nanoseconds since
// 1970 in UTC. Absent times and absent verifiers are nil.
func (r Record) Bytes() []byte {
	data := r.Data.Text()
	b := make([]byte, 0, len(data)+len(r.Owner)+176)
	b = append(b, data...)
	b = wire.AppendArrayHead(b, recordFields)
	b = wire.AppendUint(b, r.Version)
	b = wire.AppendBin(b, r.Handle[:])
	b = appendHash(b, r.Verifier)
	b = appendHash(b, r.Previous)
	b = appendTime(b, r.PreviousUntil)
	b = append(wire.AppendStringHead(b, len(r.Owner)), r.Owner...)
	for _, t := range []time.Time{r.Created, r.Authenticated, r.Renewed, r.Seen, r.Expires} {
		b = appendTime(b, t)
	}
	b = wire.AppendInt(b, int64(r.Idle))
	b = wire.AppendInt(b, int64(r.Absolute))
	if r.Persistent {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
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

// ParseRecord is the inverse of Bytes, with the checks and the errors of [ParseData]. max bounds all of the bytes; 0 means
// 64 KiB and room for the other fields.
func ParseRecord(b []byte, max int) (Record, error) {
	if max <= 0 {
		max = wire.DefaultMax + 1024
	}
	if err := wire.CheckFormat(b, max); err != nil {
		return Record{}, err
	}
	text := string(b)
	data, p, err := wire.ParseMap(text)
	if err != nil {
		return Record{}, err
	}
	n, head, err := wire.ArrayHead(text, p)
	if err != nil {
		return Record{}, err
	}
	if n != recordFields {
		return Record{}, fmt.Errorf("%w: %d fields", ErrUndecodable, n)
	}
	r := Record{Data: Data(data)}
	f := fields{s: text, p: p + head}
	r.Version = f.uint()
	f.bin(r.Handle[:])
	f.bin(r.Verifier[:])
	f.bin(r.Previous[:])
	r.PreviousUntil = f.time()
	r.Owner = f.str()
	for _, t := range []*time.Time{&r.Created, &r.Authenticated, &r.Renewed, &r.Seen, &r.Expires} {
		*t = f.time()
	}
	r.Idle, r.Absolute = time.Duration(f.int()), time.Duration(f.int())
	r.Persistent = f.next() == "\xc3"
	switch {
	case f.err != nil:
		return Record{}, f.err
	case f.p != len(text):
		return Record{}, wire.LeftOver(len(text) - f.p)
	}
	return r, nil
}

// fields reads the fields of a record one after the other, up to the first error.
type fields struct {
	s   string
	p   int
	err error
}

func (f *fields) next() string {
	if f.err != nil {
		return ""
	}
	end, err := wire.Walk(f.s, f.p, 1, false)
	if err != nil {
		f.err = err
		return ""
	}
	v := f.s[f.p:end]
	f.p = end
	return v
}

func (f *fields) bad(what string) {
	if f.err == nil {
		f.err = fmt.Errorf("%w: no %s at byte %d", ErrUndecodable, what, f.p)
	}
}

func (f *fields) uint() uint64 {
	n, ok := wire.Int(f.next())
	if !ok || n.Negative {
		f.bad("number")
	}
	return n.Bits
}

func (f *fields) int() int64 {
	n, ok := wire.Int64(f.next())
	if !ok {
		f.bad("number")
	}
	return n
}

func (f *fields) str() string {
	s, ok := wire.String(f.next())
	if !ok {
		f.bad("string")
	}
	return s
}

// bin fills dst. It leaves dst unchanged if the field is nil.
func (f *fields) bin(dst []byte) {
	v := f.next()
	if v == "\xc0" {
		return
	}
	if len(v) != 2+len(dst) || v[0] != 0xc4 || int(v[1]) != len(dst) {
		f.bad(fmt.Sprintf("%d bytes", len(dst)))
		return
	}
	copy(dst, v[2:])
}

func (f *fields) time() time.Time {
	v := f.next()
	if v == "\xc0" {
		return time.Time{}
	}
	n, ok := wire.Int64(v)
	if !ok || n == math.MinInt64 {
		f.bad("time")
		return time.Time{}
	}
	return time.Unix(0, n)
}
