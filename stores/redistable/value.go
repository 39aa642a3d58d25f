package redistable

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"github.com/signet-go/signet/stores"
)

// A value begins with what the scripts look at and change:
//
//	byte  0     1, the layout
//	      1-8   version
//	      9-16  seen, in nanoseconds since 1970, with the sign bit flipped so that later is greater; 0 for the zero time
//	     17-24  expires, likewise
//	     25-28  until when its owner's list has it for sure, in minutes since 1970 by the server's clock
//	     29-44  the owner's digest, 0 for nobody
//	     45-46  the size of what follows
//
// That is stores.Record.Bytes of the record without its data, with seen and expires of the last save. The rest is
// Data.Bytes: at the end, as it then need not be copied when it is read.
const (
	layout     = 1
	layouts    = 15 // the last one that a newer version may use; beyond it are letters, and what else is no layout
	scriptSize = 45 // for scripts to look at
	headSize   = 47
	maxRest    = 1<<16 - 1 // of a record without its data
)

// value gives the value of a record, but for until when it is listed, which is for the script to say.
func (t *Table) value(rec stores.Record) (string, error) {
	data := rec.Data.Text()
	rec.Data = stores.Data{}
	rest := rec.Bytes()
	switch {
	case len(data) > t.max:
		return "", fmt.Errorf("%w: a session of %d bytes, over the bound of %d", stores.ErrTooLarge, len(data), t.max)
	case len(rest) > maxRest:
		return "", fmt.Errorf("an owner of %d bytes", len(rec.Owner))
	}
	b := append(make([]byte, 0, headSize+len(rest)+len(data)), layout)
	b = binary.BigEndian.AppendUint64(b, rec.Version)
	b = times(b, rec.Seen, rec.Expires)
	b = append(b, 0, 0, 0, 0)
	who := digest(rec.Owner)
	b = append(b, who[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(rest)))
	b = append(b, rest...)
	return text(append(b, data...)), nil
}

// times appends seen and expires.
func times(b []byte, seen, expires time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, ordered(seen))
	return binary.BigEndian.AppendUint64(b, ordered(expires))
}

func ordered(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixNano()) ^ 1<<63
}

func moment(n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n^1<<63))
}

func versionText(v uint64) string { return text(binary.BigEndian.AppendUint64(nil, v)) }

// digest tells owners apart.
func digest(owner string) (d [16]byte) {
	if owner != "" {
		sum := sha256.Sum256([]byte(owner))
		copy(d[:], sum[:])
	}
	return d
}

// text makes a string of bytes that nobody writes to any more.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parse reads the value of h.
func (t *Table) parse(h stores.Handle, v string) (stores.Record, error) {
	switch {
	case v == "" || v[0] < layout || v[0] > layouts:
		return stores.Record{}, fmt.Errorf("%w: no session of this package", stores.ErrUndecodable)
	case v[0] > layout:
		return stores.Record{}, fmt.Errorf("%w: layout %d", stores.ErrNewerFormat, v[0])
	case len(v) < headSize:
		return stores.Record{}, fmt.Errorf("%w: %d bytes", stores.ErrUndecodable, len(v))
	}
	head := []byte(v[:headSize])
	end := headSize + int(binary.BigEndian.Uint16(head[scriptSize:]))
	if end > len(v) {
		return stores.Record{}, fmt.Errorf("%w: %d bytes, of %d at least", stores.ErrUndecodable, len(v), end)
	}
	rec, err := stores.ParseRecord([]byte(v[headSize:end]), maxRest)
	if err != nil {
		return stores.Record{}, err
	}
	switch rec.Data, err = stores.ParseData(v[end:], t.max); {
	case err != nil:
		return stores.Record{}, err
	case rec.Handle != h:
		return stores.Record{}, fmt.Errorf("%w: a record of another key", stores.ErrUndecodable)
	case rec.Version != binary.BigEndian.Uint64(head[1:]):
		return stores.Record{}, fmt.Errorf("%w: two versions in one record", stores.ErrUndecodable)
	}
	rec.Seen, rec.Expires = moment(binary.BigEndian.Uint64(head[9:])), moment(binary.BigEndian.Uint64(head[17:]))
	return rec, nil
}
