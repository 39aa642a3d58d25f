package sqlstore

import (
	"bytes"
	"strconv"
)

// found is a row as a driver returns it. A column that holds something of another type, as SQLite allows, makes the row
// one that can't be read. It is not an error of the query, which would hide the other rows of an owner.
type found struct {
	handle                 string
	version, seen, expires integer
	record                 blob
}

// row returns what was found. Without a record, it can't be parsed.
func (f *found) row() Row {
	r := Row{Handle: f.handle, Version: f.version.n, Seen: f.seen.n, Expires: f.expires.n}
	if !f.version.bad && !f.seen.bad && !f.expires.bad {
		r.Record = f.record
	}
	return r
}

// An integer is a column of 64 bits, which some drivers return as text.
type integer struct {
	n   int64
	bad bool
}

// Scan implements sql.Scanner. It has no error.
func (i *integer) Scan(v any) error {
	var err error
	switch v := v.(type) {
	case int64:
		i.n = v
	case []byte:
		i.n, err = strconv.ParseInt(string(v), 10, 64)
	case string:
		i.n, err = strconv.ParseInt(v, 10, 64)
	default:
		i.bad = true
	}
	if err != nil {
		*i = integer{bad: true}
	}
	return nil
}

// A blob is a column of bytes; nil for anything else.
type blob []byte

// Scan implements sql.Scanner. It has no error.
func (b *blob) Scan(v any) error {
	switch v := v.(type) {
	case []byte:
		*b = bytes.Clone(v) // what the driver has is valid for a moment only
	case string:
		*b = []byte(v)
	default:
		*b = nil
	}
	return nil
}
