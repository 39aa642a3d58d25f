package memory

import (
	"time"

	"github.com/signet-go/signet/stores"
)

// stored is a stores.Row in less room: times are nanoseconds, and the owner is elsewhere. The lock of its shard guards it.
type stored struct {
	body          stores.Body
	version       uint64
	seen, expires int64
	owned         *owned // nil for an anonymous session; constant while the index of owners has it
	due, place    int32  // the minute of shard.due that looks after it, and where it is there
	handle        stores.Handle
}

// owned is the place of a session in the index of owners.
type owned struct {
	owner        string
	older, newer *stored // of the same owner; guarded by the lock of owners
}

// set takes all of a row but the owner.
func (st *stored) set(row *stores.Row) {
	st.body, st.version = row.Body, row.Version
	st.seen, st.expires = nanos(row.Seen), nanos(row.Expires)
}

func (st *stored) row() stores.Row {
	return stores.Row{
		Handle: st.handle, Version: st.version, Owner: st.owner(), Seen: moment(st.seen), Expires: moment(st.expires), Body: st.body,
	}
}

// owner returns the owner, "" if there is none.
func (st *stored) owner() string {
	if st.owned == nil {
		return ""
	}
	return st.owned.owner
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
