// Package history records what parallel callers of a store saw, and checks that it could have happened one call after the
// other: that each record is linearizable.
package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A Kind is a method of a table.
type Kind string

const (
	Load   Kind = "load"
	Save   Kind = "save" // an insert where Seen is 0
	Touch  Kind = "touch"
	Delete Kind = "delete"
	Sweep  Kind = "sweep" // seen from one record
)

// An Answer is what a call returned.
type Answer string

const (
	OK       Answer = "ok"
	NotFound Answer = "not found"
	Conflict Answer = "conflict"
	Unknown  Answer = "unknown" // it failed, so it may or may not have been done, or be done later
)

// An Operation is one call on one record, from when it was made to when it returned.
type Operation struct {
	Process, Caller int
	Record          int // which of the records
	Kind            Kind
	Seen            uint64 // of a save and a touch: the version it is for
	Version         uint64 // of a save: the new one; of a load: what it found
	Content         uint64 // of a save and a load: what the record says, twice its version
	Renewed         bool   // of a save and a load: under a new verifier
	Expires         int64  // microseconds; of a sweep, before which it removes
	Answer          Answer
	Failure         string // why it is unknown
	Call, Return    int64  // nanoseconds of the machine's clock that only goes forward
}

func (o Operation) String() string {
	switch o.Kind {
	case Load:
		return fmt.Sprintf("%d/%d load → %s %x expires %d", o.Process, o.Caller, o.Answer, o.Version, o.Expires)
	case Save:
		return fmt.Sprintf("%d/%d save %x at %x expires %d → %s", o.Process, o.Caller, o.Version, o.Seen, o.Expires, o.Answer)
	case Touch:
		return fmt.Sprintf("%d/%d touch %x expires %d → %s", o.Process, o.Caller, o.Seen, o.Expires, o.Answer)
	}
	return fmt.Sprintf("%d/%d %s %d → %s", o.Process, o.Caller, o.Kind, o.Expires, o.Answer)
}

// answer tells what an error means.
func (o *Operation) answer(err error) {
	switch {
	case err == nil:
		o.Answer = OK
	case errors.Is(err, stores.ErrNotFound):
		o.Answer = NotFound
	case errors.Is(err, stores.ErrConflict):
		o.Answer = Conflict
	default:
		o.Answer, o.Failure = Unknown, err.Error()
	}
}

// content is a value from which a mixture of two records could be told.
const content session.Key[uint64] = "content"

// record is what a save of the operation stores.
func (o Operation) record() stores.Record {
	rec := stores.Record{
		Data: content.Set(session.Session{}, o.Content).Data(), Version: o.Version,
		Seen: time.UnixMicro(o.Expires).Add(-time.Hour), Expires: time.UnixMicro(o.Expires),
	}
	rec.Created = rec.Seen
	if o.Renewed {
		rec.Verifier[0], rec.Renewed = 1, rec.Seen
	}
	return rec
}

// found notes what a load found.
func (o *Operation) found(rec stores.Record) {
	o.Version, o.Expires = rec.Version, rec.Expires.UnixMicro()
	o.Content, o.Renewed = content.Get(session.Of(rec.Data)), rec.Verifier[0] == 1
}

// do makes the call.
func (o *Operation) do(ctx context.Context, t stores.Table, h stores.Handle) {
	switch o.Kind {
	case Load:
		row, err := t.Load(ctx, h)
		var rec stores.Record
		if err == nil {
			rec, err = row.Record()
		}
		o.answer(err)
		if err == nil {
			o.found(rec)
		}
	case Save:
		o.answer(t.Save(ctx, h, o.Seen, o.record().Row()))
	case Touch:
		e := time.UnixMicro(o.Expires)
		o.answer(t.Touch(ctx, h, o.Seen, e.Add(-time.Hour), e))
	case Delete:
		o.answer(t.Delete(ctx, h))
	case Sweep:
		_, err := t.(stores.Sweeper).Sweep(ctx, time.UnixMicro(o.Expires).Add(time.Minute))
		o.answer(err)
	}
}
