package migrate_test

import (
	"context"
	"time"

	"github.com/signet-go/signet/stores"
)

// A schedule runs operations side by side and decides before each call that one makes to a table whose turn it is. So
// every order of calls can be tried, one after the other.
type schedule struct {
	choices []choice // what was chosen so far, and of how many
	step    int
	from    chan int // an operation has come to a call, or has ended (as -1-i)
	turns   []chan struct{}
}

type choice struct{ taken, of int }

// span tells when an operation made its first and its last call; it is what decides whether one came after another.
type span struct{ first, last int }

type actor struct{}

// run runs the operations in the order that the choices say, and the first possible one after that.
func (s *schedule) run(operations []func(context.Context)) []span {
	s.step, s.from, s.turns = 0, make(chan int), nil
	spans := make([]span, len(operations))
	for range operations {
		s.turns = append(s.turns, make(chan struct{}))
	}
	for i, f := range operations {
		spans[i] = span{-1, -1}
		go func() {
			f(context.WithValue(context.Background(), actor{}, i))
			s.from <- -1 - i
		}()
	}
	waiting := map[int]bool{}
	for busy := len(operations); ; {
		for ; busy > 0; busy-- {
			if i := <-s.from; i >= 0 {
				waiting[i] = true
			}
		}
		if len(waiting) == 0 {
			return spans
		}
		i := s.choose(waiting, len(operations))
		if spans[i].first < 0 {
			spans[i].first = s.step
		}
		spans[i].last = s.step
		s.step++
		delete(waiting, i)
		busy = 1
		s.turns[i] <- struct{}{}
	}
}

// choose picks one of the waiting operations.
func (s *schedule) choose(waiting map[int]bool, n int) int {
	if s.step == len(s.choices) {
		s.choices = append(s.choices, choice{0, len(waiting)})
	}
	skip := s.choices[s.step].taken
	for i := range n {
		if !waiting[i] {
			continue
		}
		if skip == 0 {
			return i
		}
		skip--
	}
	panic("the operations don't repeat themselves")
}

// next goes on to the next order; false when all have been tried.
func (s *schedule) next() bool {
	for len(s.choices) > 0 {
		last := &s.choices[len(s.choices)-1]
		if last.taken+1 < last.of {
			last.taken++
			return true
		}
		s.choices = s.choices[:len(s.choices)-1]
	}
	return false
}

// wait is called before each call to a table. Who is no actor passes.
func (s *schedule) wait(ctx context.Context) {
	if i, ok := ctx.Value(actor{}).(int); ok {
		s.from <- i
		<-s.turns[i]
	}
}

// stepped is a table whose calls wait for their turn.
type stepped struct {
	stores.Table
	s *schedule
}

func (t stepped) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	t.s.wait(ctx)
	return t.Table.Load(ctx, h)
}

func (t stepped) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	t.s.wait(ctx)
	return t.Table.Save(ctx, h, expected, row)
}

func (t stepped) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	t.s.wait(ctx)
	return t.Table.Touch(ctx, h, version, seen, expires)
}

func (t stepped) Delete(ctx context.Context, h stores.Handle) error {
	t.s.wait(ctx)
	return t.Table.Delete(ctx, h)
}
