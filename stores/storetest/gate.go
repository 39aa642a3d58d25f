package storetest

import (
	"context"
	"sync"
	"time"

	"github.com/signet-go/signet/stores"
)

// A gate stands before a table or a store. It counts calls, holds them, fails them and loses their answers, as it is told.
type gate struct {
	mu    sync.Mutex
	next  map[call][]fate
	every map[call]fate
	log   []call
}

// A call is a method of a table or store.
type call string

const (
	load   call = "load"
	save   call = "save"
	touch  call = "touch"
	remove call = "delete"
)

// A fate is what becomes of a call. The zero fate is none of the gate's business.
type fate struct {
	before func(context.Context) error // an error is the answer, and the call isn't made
	after  func() error                // an error is the answer, and the call has been made
}

// then sets the fates of the calls to come, one each.
func (g *gate) then(c call, fates ...fate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = map[call][]fate{}
	}
	g.next[c] = append(g.next[c], fates...)
}

// always sets the fate of all calls that have none of their own.
func (g *gate) always(c call, f fate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.every == nil {
		g.every = map[call]fate{}
	}
	g.every[c] = f
}

// calls returns how many calls there were.
func (g *gate) calls(c call) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, made := range g.log {
		if made == c {
			n++
		}
	}
	return n
}

func (g *gate) fateOf(c call) fate {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log = append(g.log, c)
	if fates := g.next[c]; len(fates) > 0 {
		g.next[c] = fates[1:]
		return fates[0]
	}
	return g.every[c]
}

// pass lets one call through.
func pass[T any](ctx context.Context, g *gate, c call, do func() (T, error)) (T, error) {
	var none T
	f := g.fateOf(c)
	if f.before != nil {
		if err := f.before(ctx); err != nil {
			return none, err
		}
	}
	v, err := do()
	if f.after != nil {
		if lost := f.after(); lost != nil {
			return none, lost
		}
	}
	return v, err
}

func passed(ctx context.Context, g *gate, c call, do func() error) error {
	_, err := pass(ctx, g, c, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// fails gives the fate of not being made.
func fails(err error) fate { return fate{before: func(context.Context) error { return err }} }

// isLost gives the fate of being made without an answer.
func isLost(err error) fate { return fate{after: func() error { return err }} }

// hangs is the fate of a call that nobody answers.
var hangs = fate{before: func(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}}

// A held call waits, before or after it is made, until it is released.
type held struct {
	arrived, leave chan struct{}
	once           sync.Once
}

// hold makes the next such call wait. It is released when the test ends, if not before.
func (g *gate) hold(s *suite, c call, w when) *held {
	h := &held{arrived: make(chan struct{}), leave: make(chan struct{})}
	s.Cleanup(h.release)
	wait := func() error {
		close(h.arrived)
		<-h.leave
		return nil
	}
	if w == before {
		g.then(c, fate{before: func(context.Context) error { return wait() }})
	} else {
		g.then(c, fate{after: wait})
	}
	return h
}

func (h *held) release() { h.once.Do(func() { close(h.leave) }) }

// when says where a call is held: before it reaches the table, or when it has been made and not yet answered.
type when string

const (
	before when = "before"
	after  when = "after"
)

// gatedTable is a table behind a gate.
type gatedTable struct {
	*gate
	stores.Table
}

func (t gatedTable) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	return pass(ctx, t.gate, load, func() (stores.Row, error) { return t.Table.Load(ctx, h) })
}

func (t gatedTable) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	return passed(ctx, t.gate, save, func() error { return t.Table.Save(ctx, h, expected, row) })
}

func (t gatedTable) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return passed(ctx, t.gate, touch, func() error { return t.Table.Touch(ctx, h, version, seen, expires) })
}

func (t gatedTable) Delete(ctx context.Context, h stores.Handle) error {
	return passed(ctx, t.gate, remove, func() error { return t.Table.Delete(ctx, h) })
}

// gatedStore is a store behind a gate, for what is no table.
type gatedStore struct {
	*gate
	stores.Store
}

func (t gatedStore) Load(ctx context.Context, token stores.Token, now time.Time) (stores.Record, error) {
	return pass(ctx, t.gate, load, func() (stores.Record, error) { return t.Store.Load(ctx, token, now) })
}

func (t gatedStore) Save(ctx context.Context, token stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	return pass(ctx, t.gate, save, func() (stores.Token, error) { return t.Store.Save(ctx, token, rec, renew) })
}

func (t gatedStore) Touch(ctx context.Context, token stores.Token, rec stores.Record) error {
	return passed(ctx, t.gate, touch, func() error { return t.Store.Touch(ctx, token, rec) })
}

func (t gatedStore) Delete(ctx context.Context, token stores.Token) error {
	return passed(ctx, t.gate, remove, func() error { return t.Store.Delete(ctx, token) })
}
