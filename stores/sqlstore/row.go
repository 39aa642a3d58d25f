package sqlstore

import (
	"fmt"
	"time"

	"github.com/signet-go/signet/stores"
)

// A Row is a record as the columns of a table.
type Row struct {
	Handle  string
	Version int64
	Owner   []byte // never nil
	Seen    int64  // microseconds
	Expires int64
	Record  []byte // as stores.Record.Bytes makes it
}

// maxRecord is what a MEDIUMBLOB holds, and more than anybody should want: what is a sensible size is decided by
// session.Options.
const maxRecord = 1<<24 - 1

// RowOf returns the row that stores rec under h. Its error is about the record's size.
func RowOf(h stores.Handle, rec stores.Record) (Row, error) {
	rec.Handle = h
	b := rec.Bytes()
	if len(b) > maxRecord {
		return Row{}, fmt.Errorf("%w: a record of %d bytes, and at most %d are stored", stores.ErrTooLarge, len(b), maxRecord)
	}
	return Row{h.String(), int64(rec.Version), []byte(rec.Owner), rec.Seen.UnixMicro(), rec.Expires.UnixMicro(), b}, nil
}

// Parse returns the record of a row that was loaded by the handle h, or the error of stores.ParseRecord.
func (r Row) Parse(h stores.Handle) (stores.Record, error) {
	rec, err := stores.ParseRecord(r.Record, maxRecord)
	if err != nil {
		return stores.Record{}, err
	}
	rec.Handle, rec.Version = h, uint64(r.Version)
	rec.Seen, rec.Expires = moved(rec.Seen, r.Seen), moved(rec.Expires, r.Expires)
	return rec, nil
}

// moved returns the time that a column has: that of the record, to the nanosecond, unless a touch has moved it.
func moved(t time.Time, micro int64) time.Time {
	if t.UnixMicro() == micro {
		return t
	}
	return time.UnixMicro(micro)
}

// Listed is Parse for a row that was found by its owner. It has no error: what can't be read is listed too, without its
// content, as it may have to be deleted.
func (r Row) Listed(owner string) (stores.Record, bool) {
	h, err := stores.ParseHandle(r.Handle)
	if err != nil {
		return stores.Record{}, false
	}
	rec, err := r.Parse(h)
	if err != nil {
		rec = stores.Record{
			Handle: h, Version: uint64(r.Version), Owner: owner,
			Seen: moment(r.Seen), Expires: moment(r.Expires),
		}
	}
	return rec, true
}

// moment returns the time that a column has, the zero time for one that can't be read.
func moment(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro)
}

// SweepBefore returns the parameter of the Sweep statement: what expired before it has been so for over a minute.
func SweepBefore(now time.Time) int64 { return now.Add(-time.Minute).UnixMicro() }
