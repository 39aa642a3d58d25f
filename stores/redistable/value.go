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
// That is the owner. The rest is the body: at the end, as it then need not be copied when it is read.
const (
	layout     = 1  // the first byte of a value, as of a body: newer ones are up to 15
	scriptSize = 45 // for scripts to look at
	headSize   = 47
	maxOwner   = 1<<16 - 1
	spare      = 256 // bytes that a body may have besides its data, and more
)

// value returns the value of a row, but for until when it is listed, which is for the script to say.
func (t *Table) value(row *stores.Row) (string, error) {
	body := row.Body.Bytes()
	switch {
	case len(body) > t.max+spare:
		return "", fmt.Errorf("%w: a session of %d bytes, over the bound of %d", stores.ErrTooLarge, len(body), t.max)
	case len(row.Owner) > maxOwner:
		return "", fmt.Errorf("%w: an owner of %d bytes", stores.ErrTooLarge, len(row.Owner))
	}
	b := append(make([]byte, 0, headSize+len(row.Owner)+len(body)), layout)
	b = binary.BigEndian.AppendUint64(b, row.Version)
	b = times(b, row.Seen, row.Expires)
	b = append(b, 0, 0, 0, 0)
	who := digest(row.Owner)
	b = append(b, who[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(row.Owner)))
	b = append(b, row.Owner...)
	return text(append(b, body...)), nil
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

// parse reads a value. A value that this package has not written becomes a row of version 0 whose body can't be read.
func (t *Table) parse(v string) stores.Row {
	if v == "" || v[0] != layout {
		return stores.Row{Body: stores.BodyOf(v)} // its first byte says that it is no session, or one of a newer version
	}
	unreadable := stores.Row{Body: stores.BodyOf("")}
	if len(v) < headSize {
		return unreadable
	}
	head := []byte(v[:headSize])
	end := headSize + int(binary.BigEndian.Uint16(head[scriptSize:]))
	if end > len(v) {
		return unreadable
	}
	row := stores.Row{
		Version: binary.BigEndian.Uint64(head[1:]), Owner: v[headSize:end],
		Seen: moment(binary.BigEndian.Uint64(head[9:])), Expires: moment(binary.BigEndian.Uint64(head[17:])),
	}
	if len(v)-end <= t.max+spare {
		row.Body = stores.BodyOf(v[end:])
	} else {
		row.Body = stores.BodyOf("")
	}
	return row
}
