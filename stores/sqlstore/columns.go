package sqlstore

import (
	"strconv"
	"time"

	"github.com/signet-go/signet/stores"
)

// Columns are a row as a driver returns it. A column that holds something of another type, or NULL, as a table of one's own may have
// it, makes the row one that can't be read. It is not an error of the query, which would hide the other rows of an owner.
type Columns struct {
	Handle                 string // from List only
	Version, Seen, Expires Integer
	Owner, Body            Text
}

// Row returns the row, but for its handle. If a column can't be read, neither can the body.
func (c *Columns) Row() stores.Row {
	row := stores.Row{Version: uint64(c.Version.N), Owner: c.Owner.S, Seen: moment(c.Seen), Expires: moment(c.Expires)}
	if c.Version.OK && c.Seen.OK && c.Expires.OK && c.Owner.OK {
		row.Body = stores.BodyOf(c.Body.S)
	} else {
		row.Body = stores.BodyOf("")
	}
	return row
}

// moment returns the time that a column has, the zero time for one that can't be read.
func moment(micro Integer) time.Time {
	if !micro.OK {
		return time.Time{}
	}
	return time.UnixMicro(micro.N)
}

// An Integer is a column of 64 bits, which some drivers return as text. OK is false for anything else.
type Integer struct {
	N  int64
	OK bool
}

// Scan implements sql.Scanner. It has no error.
func (i *Integer) Scan(v any) error {
	var err error
	n := int64(0)
	switch v := v.(type) {
	case int64:
		n = v
	case []byte:
		n, err = strconv.ParseInt(string(v), 10, 64)
	case string:
		n, err = strconv.ParseInt(v, 10, 64)
	default:
		err = strconv.ErrSyntax
	}
	if *i = (Integer{n, true}); err != nil {
		*i = Integer{}
	}
	return nil
}

// A Text is a column of bytes. OK is false for anything else.
type Text struct {
	S  string
	OK bool
}

// Scan implements sql.Scanner. It has no error.
func (t *Text) Scan(v any) error {
	switch v := v.(type) {
	case []byte:
		*t = Text{string(v), true}
	case string:
		*t = Text{v, true}
	default:
		*t = Text{}
	}
	return nil
}
