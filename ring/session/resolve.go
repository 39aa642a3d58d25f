package session

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// A plan is what a response comes to when its changes are applied to a session.
type plan struct {
	resp   ring.Response
	intent intent
	data   wire.Map
	err    error // the response fails because of it
	lost   int   // reserved keys for which there was no room
}

var (
	errOtherRequest = errors.New("session: the response carries a session of another request")
	errNoOwner      = fmt.Errorf("session: Login needs an owner of 1 to %d bytes", maxOwner)
	errEndless      = errors.New("session: an Attempt whose response is an Attempt, over and over")
)

const maxOwner = 255

const maxAttempts = 16 // an Attempt may answer with another one; this ends those that never stop

// resolve applies what resp says to the session that cur holds (zero: there is none). It runs the user's functions and
// touches nothing else. in is the request's, which changes are measured against. What it takes is large, and handed on by its place.
func (r *resolver) resolve(slot *slotKeys, a *arrival, resp *ring.Response, cs *changes, cur *stores.Record) {
	*r = resolver{slot: slot, arrival: a, plan: plan{resp: *resp, intent: cs.intent}}
	defer func() {
		if v := recover(); v != nil { // as ring.Recover does; that one may stand inside
			if v == http.ErrAbortHandler {
				panic(v)
			}
			_ = r.resp.Body.Close()
			r.plan = plan{resp: ring.Fail(&ring.Error{Err: &ring.PanicError{Value: v, Stack: debug.Stack()}})}
		}
	}()
	from := start(cur, &cs.intent)
	r.data = r.run(cs, from, false)
	if r.err == nil && r.intent != cs.intent {
		// An attempt asked for more than was known when it ran: apply the same changes again from where that begins.
		if again := start(cur, &r.intent); !again.Equal(from) || r.intent.delete {
			r.data = r.reapplyAll(again)
		}
	}
	if _, limit := errors.AsType[limitError](r.err); limit {
		r.err = tooLarge(r.err)
	}
	if r.err == nil && r.intent.login && (r.intent.owner == "" || len(r.intent.owner) > maxOwner) {
		r.err = errNoOwner
	}
	if r.err == nil && r.resp.IsPlaceholder() {
		r.err = r.slot.unsettled(r.resp)
	}
}

// start is the value that changes are applied to.
func start(cur *stores.Record, a *intent) wire.Map {
	switch {
	case a.delete, a.login && cur.Owner != "" && cur.Owner != a.owner:
		return wire.Map{}
	case a.login, a.renew, a.otherLimits(cur):
		return wire.Map(cur.Data).WithoutKind(wire.Bound)
	}
	return wire.Map(cur.Data)
}

type resolver struct {
	plan
	slot    *slotKeys
	arrival *arrival
	runs    int

	first applied // what there is to reapply, in the presence of attempts; mostly one
	more  []applied
}

// An applied change is one that has been applied; of an attempt it keeps what that did: it took base to op.s.
type applied struct {
	op
	base wire.Map
}

// run applies changes one after the other. It records them if asked, and from the first attempt on.
func (r *resolver) run(cs *changes, v wire.Map, record bool) wire.Map {
	record = record || cs.hasAttempt()
	v = r.apply(&cs.first, v, record)
	for i := range cs.more {
		v = r.apply(&cs.more[i], v, record)
	}
	return v
}

func (r *resolver) apply(o *op, v wire.Map, record bool) wire.Map {
	if r.err != nil {
		return v
	}
	if record && (o.kind == opSet || o.kind == opUpdate) {
		r.record(applied{op: *o})
	}
	switch o.kind {
	case opSet:
		return r.set(&o.s, v)
	case opUpdate:
		return r.dataOf(o.update(Session{data: v, from: r.arrival}), v)
	case opAttempt:
		return r.attempt(o.attempt, v)
	}
	return v
}

func (r *resolver) record(d applied) {
	if r.first.kind == opNone {
		r.first = d
		return
	}
	r.more = append(r.more, d)
}

// reapplyAll applies what was recorded to another starting value.
func (r *resolver) reapplyAll(v wire.Map) wire.Map {
	v = r.reapply(r.first, v)
	for _, d := range r.more {
		v = r.reapply(d, v)
	}
	return v
}

func (r *resolver) reapply(d applied, v wire.Map) wire.Map {
	if d.kind == opAttempt {
		return r.merge(d.base, d.s.data, v)
	}
	return r.apply(&d.op, v, false)
}

// set applies what distinguishes s from its base.
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
	}
	return r.err == nil
}

// attempt runs a function that answers as well, then applies what its response says.
func (r *resolver) attempt(f func(Session) (Session, ring.Response), v wire.Map) wire.Map {
	if r.runs++; r.runs > maxAttempts {
		r.err = errEndless
		return v
	}
	s, resp := f(Session{data: v, from: r.arrival})
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
		r.record(applied{op{kind: opAttempt, s: Session{data: after}}, v})
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
