package session

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/signet-go/signet/internal/inline"
	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// A plan is the result of applying a response's changes to a session. It says what the session should be; decide.go then
// compares it with what is stored. A session {visits: 5} and a response With(visits.By(1), theme.Put("dark")) make
//
//	base {visits: 5}, data {theme: "dark", visits: 6}, intent none
//
// A second round, after a conflict with another visit, begins with {visits: 6}, and its data has 7 visits.
type plan struct {
	resp   ring.Response // with the answers of attempts in it
	intent intent        // with what attempts have added
	base   wire.Map      // the value that data is compared with: if they are equal, nothing has changed
	data   wire.Map      // the value that is to be stored
	err    error         // the response fails because of it
	lost   int           // the number of reserved keys that were dropped because there was no room
}

var (
	errOtherRequest = errors.New("session: the response carries a session of another request")
	errOtherSession = errors.New("session: a change carries another session than the one that is amended")
	errNoOwner      = fmt.Errorf("session: Login needs an owner of 1 to %d bytes", maxOwner)
	errEndless      = errors.New("session: an Attempt whose response is an Attempt, over and over")
)

const maxOwner = 255

const maxAttempts = 16 // an Attempt may answer with another one; this ends those that never stop

// A resolver makes a plan: it applies changes to a value, in their order. It runs the user's functions and is pure but
// for those.
type resolver struct {
	plan
	slot     *slotKeys
	arrival  *arrival // what Set is measured against
	attempts int

	applied inline.List[applied] // to be reapplied; empty without attempts
}

// An applied change is one that has been applied. Of an attempt it keeps what that did, as it must not run again: it
// took base to op.s.
type applied struct {
	op
	base wire.Map
}

// resolve returns the plan of a response with the changes cs, for the session that current holds; a zero current holds
// none. Its arguments are large, so they are passed by pointer, and so is the result: a commit has room for it.
func (p *plan) resolve(slot *slotKeys, a *arrival, resp *ring.Response, cs *changes, current *stores.Record) {
	r := resolver{plan: plan{resp: *resp, intent: cs.intent}, slot: slot, arrival: a}
	r.resolve(cs, current)
	*p = r.plan
}

func (r *resolver) resolve(cs *changes, current *stores.Record) {
	defer func() {
		if v := recover(); v != nil { // as ring.Recover does, which may stand inside and so doesn't see it
			if v == http.ErrAbortHandler {
				panic(v)
			}
			_ = r.resp.Body.Close()
			r.plan = plan{resp: ring.Fail(&ring.Error{Err: &ring.PanicError{Value: v, Stack: debug.Stack()}})}
		}
	}()
	from := start(current, &cs.intent)
	r.data = r.run(cs, from, false)
	// The order in which a response is put together doesn't matter (law S5): Attempt's response may say Delete or Login
	// after the values that it applies to were computed.
	if r.err == nil && r.intent != cs.intent {
		// An attempt's response asked for something that changes the starting value, such as a log-in. Reapply the
		// changes from that start.
		if again := start(current, &r.intent); !again.Equal(from) || r.intent.delete {
			r.data = r.reapplyAll(again)
		}
	}
	// From an empty base every key is a difference, so a session that begins afresh is written even if its values equal
	// those of the one that ends.
	if !r.intent.startsAfresh(current) {
		r.base = wire.Map(current.Data)
	}
	r.check()
}

// check finds what is wrong with the plan as a whole.
func (r *resolver) check() {
	if _, limit := errors.AsType[limitError](r.err); limit {
		r.err = tooLarge(r.err)
	}
	if r.err == nil && r.intent.login && (r.intent.owner == "" || len(r.intent.owner) > maxOwner) {
		r.err = errNoOwner
	}
	if r.err == nil && r.resp.IsPlaceholder() { // of another session, which its Wrap was to settle
		r.err = r.slot.unsettled(r.resp)
	}
}

// start returns the value that changes are applied to.
func start(current *stores.Record, i *intent) wire.Map {
	switch {
	case i.startsAfresh(current):
		return wire.Map{}
	case i.login, i.renew, i.otherLimits(current): // the token changes, and Bound keys go with it
		return wire.Map(current.Data).WithoutKind(wire.Bound)
	}
	return wire.Map(current.Data)
}

// run applies changes one after the other. It records them if asked, and if there is an attempt among them.
func (r *resolver) run(cs *changes, v wire.Map, record bool) wire.Map {
	record = record || cs.hasAttempt()
	for i := range cs.ops.Len() {
		v = r.apply(cs.ops.At(i), v, record)
	}
	return v
}

func (r *resolver) apply(o *op, v wire.Map, record bool) wire.Map {
	if r.err != nil {
		return v
	}
	if record && o.kind != opAttempt {
		r.applied.Add(applied{op: *o})
	}
	switch o.kind {
	case opSet:
		return r.set(&o.s, v)
	case opUpdate:
		return r.dataOf(o.update.apply(Session{data: v, from: &r.arrival.origin}), v)
	default:
		return r.attempt(o.attempt, v)
	}
}

// reapplyAll applies what was recorded to another starting value. Attempts don't run again: what they did is merged.
func (r *resolver) reapplyAll(v wire.Map) wire.Map {
	for i := range r.applied.Len() {
		if done := r.applied.At(i); done.kind == opAttempt {
			v = r.merge(done.base, done.s.data, v)
		} else {
			v = r.apply(&done.op, v, false)
		}
	}
	return v
}

// set applies what distinguishes s from its base. It is a merge of three: base is what the handler saw, s what it made of
// that, and v what is stored by now. A handler that set the theme of {lang: "fr"} says nothing about the language, so the
// "de" that a parallel request has set stays (law C1).
func (r *resolver) set(s *Session, v wire.Map) wire.Map {
	if r.intent.delete {
		return v
	}
	if !r.accepts(s) {
		return v
	}
	base := wire.Map(r.arrival.rec.Data)
	if s.from == nil {
		base = withoutReserved(base) // of which s says nothing
	} else {
		base = wire.Map(s.from.rec.Data) // another one if s was read after an Amend
	}
	return r.merge(base, s.data, v)
}

func (r *resolver) merge(base, mine, v wire.Map) wire.Map {
	if r.intent.delete {
		return v
	}
	merged, err := merge(base, mine, v)
	if err != nil {
		r.err = err
		return v
	}
	return merged
}

// dataOf returns the value that s, which a function has returned, makes of v. With an error it returns v.
func (r *resolver) dataOf(s Session, v wire.Map) wire.Map {
	switch {
	case !r.accepts(&s):
		return v
	case s.from != nil:
		return s.data
	}
	merged, err := merge(withoutReserved(v), s.data, v)
	if err != nil {
		r.err = err
		return v
	}
	return merged
}

// accepts reports whether a session can be stored by this request, and records the error if it can't.
func (r *resolver) accepts(s *Session) bool {
	switch {
	case s.err != nil:
		r.err = s.err
	case s.from != nil && s.from.request != r.arrival.request:
		r.err = errOtherRequest
	case s.from != nil && s.from.request == outside && s.from.rec.Handle != r.arrival.rec.Handle:
		r.err = errOtherSession
	}
	return r.err == nil
}

// attempt runs a function that also answers, then applies what its response says.
func (r *resolver) attempt(f func(Session) (Session, ring.Response), v wire.Map) wire.Map {
	if r.attempts++; r.attempts > maxAttempts {
		r.err = errEndless
		return v
	}
	s, resp := f(Session{data: v, from: &r.arrival.origin})
	// A session inside has committed what this response said about it, and would keep it if f ran again (law H3).
	if inner := r.arrival.inside.Load(); inner != nil {
		_ = resp.Body.Close()
		r.err = r.slot.notInnermost(inner)
		return v
	}
	after := r.dataOf(s, v)
	if r.err != nil {
		_ = resp.Body.Close()
		return v
	}
	if !after.Equal(v) {
		r.applied.Add(applied{op{kind: opAttempt, s: Session{data: after}}, v})
	}
	r.resp = r.resp.Settle(resp)
	cs := r.slot.changes.Ref(r.resp.Values)
	r.resp.Values = r.slot.changes.Drop(r.resp.Values)
	if r.intent.delete {
		after = v
	}
	if cs == nil {
		return after
	}
	r.intent = r.intent.also(cs.intent)
	return r.run(cs, after, true)
}
