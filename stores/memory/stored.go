package memory

import (
	"time"

	"github.com/signet-go/signet/stores"
)

// stored is a stores.Record in half the room: times are nanoseconds, and what most sessions lack is elsewhere. The lock
// of its shard guards it.
type stored struct {
	data                   stores.Data
	verifier               [32]byte
	version                uint64
	owner                  string // constant while the index of owners has it
	created, seen, expires int64
	rare                   *rare // nil if all of it is zero
	due, place             int32 // the minute of shard.due that looks after it, and where it is there
	handle                 stores.Handle
}

// rare are the fields of a session that somebody has logged in to, or that is otherwise special.
type rare struct {
	previous                              [32]byte
	previousUntil, authenticated, renewed int64
	idle, absolute                        time.Duration
	persistent                            bool
	older, newer                          *stored // of the same owner; guarded by the lock of owners
}

// set takes all of a record but the owner.
func (st *stored) set(r *stores.Record) {
	st.data, st.version, st.verifier = r.Data, r.Version, r.Verifier
	st.created, st.seen, st.expires = nanos(r.Created), nanos(r.Seen), nanos(r.Expires)
	if isPlain(r) {
		st.rare = nil
		return
	}
	if st.rare == nil {
		st.rare = &rare{}
	}
	x := st.rare
	x.previous, x.previousUntil = r.Previous, nanos(r.PreviousUntil)
	x.authenticated, x.renewed = nanos(r.Authenticated), nanos(r.Renewed)
	x.idle, x.absolute, x.persistent = r.Idle, r.Absolute, r.Persistent
}

// isPlain reports whether a record has nothing that is kept in rare.
func isPlain(r *stores.Record) bool {
	return r.Owner == "" && r.Previous == [32]byte{} && r.PreviousUntil.IsZero() && r.Authenticated.IsZero() &&
		r.Renewed.IsZero() && r.Idle == 0 && r.Absolute == 0 && !r.Persistent
}

func (st *stored) record() stores.Record {
	r := stores.Record{
		Handle: st.handle, Data: st.data, Version: st.version, Verifier: st.verifier, Owner: st.owner,
		Created: moment(st.created), Seen: moment(st.seen), Expires: moment(st.expires),
	}
	if x := st.rare; x != nil {
		r.Previous, r.PreviousUntil = x.previous, moment(x.previousUntil)
		r.Authenticated, r.Renewed = moment(x.authenticated), moment(x.renewed)
		r.Idle, r.Absolute, r.Persistent = x.idle, x.absolute, x.persistent
	}
	return r
}

// nanos gives a time as nanoseconds since 1970; 0 stands for the zero time.
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
