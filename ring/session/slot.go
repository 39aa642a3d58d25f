package session

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
// The sessions are committed one after the other, the innermost first. So an [Attempt] of a session whose Wrap stands around that of
// another one is a failed response: the inner one would keep what an attempt said that fails or runs again. As flash.Wrap attempts the
// ordinary session, the Wraps of named sessions stand outside of the ordinary one.
type Slot struct{ s *slot }

type slot struct {
	name   string
	in     ring.Key[incoming] // of a request without a cookie
	loaded ring.Key[loaded]   // of one with a cookie
	out    ring.Key[outgoing]
}

func newSlot(name, by string) *slot {
	layer := ring.NewLayer(by)
	return &slot{
		name, ring.KeyOf[incoming](layer, "session"), ring.KeyOf[loaded](layer, "session"),
		ring.JoinedKeyOf(layer, "session change", joined),
	}
}

// incoming returns what Wrap attached, or nil.
func (s *slot) incoming(v ring.Values) *incoming {
	if l := s.loaded.Ref(v); l != nil {
		return &l.incoming
	}
	return s.in.Ref(v)
}

// expect is incoming for handlers: that there is none is a mistake in the program.
func (s *slot) expect(req ring.Request) *incoming {
	if in := s.incoming(req.Values); in != nil {
		return in
	}
	return s.in.Expect(req)
}

var (
	ordinary = newSlot("", "session.Wrap")
	named    sync.Map // string to *slot
	anyNamed atomic.Bool
)

// slots yields every session that the program knows.
func slots() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		if yield(ordinary) {
			named.Range(func(_, s any) bool { return yield(s.(*slot)) })
		}
	}
}

// Named returns the session of that name: a second one beside the ordinary one. It panics unless the name consists of letters,
// digits and hyphens and does not end in "-owner", as the name of its cookie is made of it.
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
		return Slot{s.(*slot)}
	}
	s, _ := named.LoadOrStore(name, newSlot(name, fmt.Sprintf("session.Wrap with Options.Slot: session.Named(%q)", name)))
	return Slot{s.(*slot)}
}

// Name returns the name, "" for the ordinary session.
func (sl Slot) Name() string { return sl.it().name }

func (sl Slot) it() *slot {
	if sl.s == nil {
		return ordinary
	}
	return sl.s
}

// From is [From] for this session.
func (sl Slot) From(req ring.Request) Session {
	in := sl.it().expect(req)
	if in == nil {
		return Session{}
	}
	return Session{data: Data(in.rec.Data), from: in}
}

// FromContext is [FromContext] for this session.
func (sl Slot) FromContext(ctx context.Context) Session {
	req, ok := ring.FromContext(ctx)
	if !ok {
		return Session{}
	}
	return sl.From(req)
}

// Set is [Set] for this session.
func (sl Slot) Set(s Session) ring.Change { return sl.with(op{kind: opSet, s: s}) }

// Update is [Update] for this session.
func (sl Slot) Update(f func(Session) Session) ring.Change {
	return sl.with(op{kind: opUpdate, update: f})
}

// Attempt is [Attempt] for this session.
func (sl Slot) Attempt(f func(Session) (Session, ring.Response)) ring.Response {
	resp := ring.Placeholder()
	resp.Values = sl.it().out.Put(resp.Values, outgoing{first: op{kind: opAttempt, attempt: f}})
	return resp
}

// Login is [Login] for this session.
func (sl Slot) Login(owner string) ring.Change {
	return sl.ask(func(a *asks) { a.login, a.owner = true, owner })
}

// Renew is [Renew] for this session.
func (sl Slot) Renew(r ring.Response) ring.Response {
	return sl.ask(func(a *asks) { a.renew = true })(r)
}

// Delete is [Delete] for this session.
func (sl Slot) Delete(r ring.Response) ring.Response {
	return sl.ask(func(a *asks) { a.end = true })(r)
}

// Discard is [Discard] for this session.
func (sl Slot) Discard(r ring.Response) ring.Response {
	return sl.ask(func(a *asks) { a.discard = true })(r)
}

// Lifetime is [Lifetime] for this session.
func (sl Slot) Lifetime(idle, absolute time.Duration, persistent bool) ring.Change {
	if persistent && idle == 0 {
		idle = noLimit
	}
	l := lifetime{max(idle, noLimit), max(absolute, noLimit), persistent}
	return sl.ask(func(a *asks) { a.lifetime, a.limits = true, l })
}

func (sl Slot) with(o op) ring.Change {
	return func(r ring.Response) ring.Response {
		k := sl.it().out
		if out := k.Ref(r.Values); out != nil {
			r.Values = k.Put(r.Values, out.and(o))
			return r
		}
		r.Values = k.Put(r.Values, outgoing{first: o})
		return r
	}
}

func (sl Slot) ask(f func(*asks)) ring.Change {
	return func(r ring.Response) ring.Response {
		k := sl.it().out
		out, _ := k.Get(r.Values)
		f(&out.asks)
		r.Values = k.Put(r.Values, out)
		return r
	}
}
