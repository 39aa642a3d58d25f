package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/signet-go/signet/internal/funcs"
	"github.com/signet-go/signet/internal/inline"
	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
)

// A Slot is one of several sessions that a request may have side by side, each with its own Wrap, cookie and store. The
// zero Slot is the ordinary session, the one that the functions of this package mean. Slots of one name are the same.
//
//	var basket = session.Named("basket")
//
//	session.Wrap(store, session.Options{Slot: basket})
//	basket.From(req)
//
// The sessions are committed one after the other, the innermost first. So an [Attempt] of a session whose Wrap stands
// around that of another one is a failed response: the inner one would keep what an attempt said that fails or runs
// again. As flash.Wrap attempts the ordinary session, the Wraps of named sessions stand outside of the ordinary one.
type Slot struct{ k *slotKeys }

// ownerSuffix ends the name of the cookie of sessions with an owner.
const ownerSuffix = "-owner"

// Named returns the session of that name: a second one beside the ordinary one. It panics unless the name consists of
// letters, digits and hyphens and does not end in "-owner", as the name of its cookie is made of it.
func Named(name string) Slot {
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			panic(fmt.Sprintf("session: Named: %q has other characters than letters, digits and hyphens", name))
		}
	}
	if strings.HasSuffix(name, ownerSuffix) {
		panic(fmt.Sprintf("session: Named: %q ends as the cookies of sessions with an owner do", name))
	}
	if name == "" {
		return Slot{}
	}
	anyNamed.Store(true)
	if s, ok := named.Load(name); ok {
		return Slot{s.(*slotKeys)}
	}
	s, _ := named.LoadOrStore(name, newSlotKeys(name, fmt.Sprintf("session.Wrap with Options.Slot: session.Named(%q)", name)))
	return Slot{s.(*slotKeys)}
}

// Name returns the name, "" for the ordinary session.
func (sl Slot) Name() string { return sl.keys().name }

func (sl Slot) keys() *slotKeys {
	if sl.k == nil {
		return ordinary
	}
	return sl.k
}

// From is [From] for this session.
func (sl Slot) From(req ring.Request) Session {
	a := sl.keys().expect(req)
	if a == nil {
		return Session{}
	}
	return Session{data: wire.Map(a.rec.Data), from: &a.origin}
}

// FromContext is [FromContext] for this session.
func (sl Slot) FromContext(ctx context.Context) Session { return sl.From(ring.FromContext(ctx)) }

// Set is [Set] for this session.
func (sl Slot) Set(s Session) ring.Change { return sl.with(op{kind: opSet, s: s}) }

// Update is [Update] for this session.
func (sl Slot) Update(f func(Session) Session) ring.Change { return sl.update(function(f)) }

func (sl Slot) update(u updater) ring.Change { return sl.with(op{kind: opUpdate, update: u}) }

// function is an Update of a program.
type function func(Session) Session

func (f function) apply(s Session) Session { return f(s) }

func (f function) says() saying { return saying{"", "update by " + funcs.Of(f).String()} }

// Attempt is [Attempt] for this session.
func (sl Slot) Attempt(f func(Session) (Session, ring.Response)) ring.Response {
	resp := ring.Placeholder()
	resp.Values = sl.keys().changes.Put(resp.Values, changes{ops: inline.Of(op{kind: opAttempt, attempt: f})})
	return resp
}

// Login is [Login] for this session.
func (sl Slot) Login(owner string) ring.Change {
	return sl.intend(func(a *intent) { a.login, a.owner = true, owner })
}

// Renew is [Renew] for this session.
func (sl Slot) Renew(r ring.Response) ring.Response {
	return sl.intend(func(a *intent) { a.renew = true })(r)
}

// Delete is [Delete] for this session.
func (sl Slot) Delete(r ring.Response) ring.Response {
	return sl.intend(func(a *intent) { a.delete = true })(r)
}

// Discard is [Discard] for this session.
func (sl Slot) Discard(r ring.Response) ring.Response {
	return sl.intend(func(a *intent) { a.discard = true })(r)
}

// Lifetime is [Lifetime] for this session.
func (sl Slot) Lifetime(idle, absolute time.Duration, persistent bool) ring.Change {
	if persistent && idle == 0 {
		idle = noLimit
	}
	l := lifetime{max(idle, noLimit), max(absolute, noLimit), persistent}
	return sl.intend(func(a *intent) { a.lifetime, a.limits = true, l })
}

func (sl Slot) with(o op) ring.Change {
	return func(r ring.Response) ring.Response {
		k := sl.keys().changes
		if cs := k.Ref(r.Values); cs != nil {
			r.Values = k.Put(r.Values, cs.and(o))
			return r
		}
		r.Values = k.Put(r.Values, changes{ops: inline.Of(o)})
		return r
	}
}

func (sl Slot) intend(f func(*intent)) ring.Change {
	return func(r ring.Response) ring.Response {
		k := sl.keys().changes
		cs, _ := k.Get(r.Values)
		f(&cs.intent)
		r.Values = k.Put(r.Values, cs)
		return r
	}
}
