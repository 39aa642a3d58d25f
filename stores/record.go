package stores

import (
	"fmt"
	"math"
	"time"

	"github.com/signet-go/signet/internal/wire"
)

// A Record is a session as a Store loads and saves it. The times are those of the caller's clock.
type Record struct {
	Handle        Handle // under which it is stored
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

// Row returns what a [Table] keeps of the record.
func (r Record) Row() Row {
	var row Row
	r.toRow(&row)
	return row
}

// toRow is Row for large values that needn't be copied.
func (r *Record) toRow(row *Row) {
	*row = Row{
		Handle: r.Handle, Version: r.Version, Owner: r.Owner, Seen: r.Seen, Expires: r.Expires, Body: newBody(r),
		Login: r.Owner != "" && r.Authenticated.Equal(r.Seen),
	}
}

// Record returns the session of a row that a [Table] has returned. If there is none in Body, the error is ErrUndecodable or
// ErrNewerFormat, and the record has what the row says.
func (row Row) Record() (Record, error) {
	var r Record
	err := row.toRecord(&r)
	return r, err
}

func (row *Row) toRecord(r *Record) error {
	err := row.Body.into(r)
	if err != nil {
		*r = Record{}
	}
	r.Handle, r.Version, r.Owner, r.Seen, r.Expires = row.Handle, row.Version, row.Owner, row.Seen, row.Expires
	return err
}

const headFields = 5 // of a record, besides those of its body

// Bytes returns all of the record in one piece, for a store that isn't made of a table: the bytes of its body, then a
// MessagePack array of the other fields.
func (r Record) Bytes() []byte {
	b := appendBody(make([]byte, 0, r.Data.Size()+bodySize+len(r.Owner)+56), &r)
	b = wire.AppendArrayHead(b, headFields)
	b = wire.AppendUint(b, r.Version)
	b = wire.AppendBin(b, r.Handle[:])
	b = append(wire.AppendStringHead(b, len(r.Owner)), r.Owner...)
	b = appendTime(b, r.Seen)
	return appendTime(b, r.Expires)
}

// ParseRecord is the inverse of Bytes, with the checks and the errors of [ParseData]. max bounds all of the bytes; 0 means
// 64 KiB and room for the other fields.
func ParseRecord(b []byte, max int) (Record, error) {
	if max <= 0 {
		max = wire.DefaultMax + 1024
	}
	var r Record
	text := string(b)
	p, err := parseBody(text, max, &r)
	if err != nil {
		return Record{}, err
	}
	f := fields{s: text, p: p}
	f.array(headFields)
	r.Version = f.uint()
	f.bin(r.Handle[:])
	r.Owner = f.str()
	r.Seen, r.Expires = f.time(), f.time()
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

// array reads the head of an array of n fields, which are read next.
func (f *fields) array(n int) {
	if f.err != nil {
		return
	}
	has, head, err := wire.ArrayHead(f.s, f.p)
	switch {
	case err != nil:
		f.err = err
	case has != n:
		f.err = fmt.Errorf("%w: %d fields", ErrUndecodable, has)
	}
	f.p += head
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
