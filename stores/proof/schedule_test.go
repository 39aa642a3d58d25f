package proof

import (
	"fmt"
	"time"

	"github.com/signet-go/signet/stores"
)

// An actor does something in steps, one for each call to the table, and waits before each until it is its turn.
type actor struct {
	*ask
	op   operation
	does func()

	waits  chan string   // it is going to make this call
	turn   chan struct{} // it may
	queued chan struct{} // it waits in the queue of those with a conflict
	ended  chan struct{}

	at     string // the call that it waits before; "" while it does something else
	over   bool
	queues bool // it has met a conflict, after which requests take turns

	looked bool    // it has loaded
	cur    content // that it loaded last
	tries  int     // loads after the first
	stored []string
	token  *token         // that came
	minted *stores.Record // as it was when the actor gave it a token; nil if it gave none
}

func (a *actor) run() {
	go func() {
		defer close(a.ended)
		a.does()
	}()
}

// stop is where the actor waits for its turn. Who loads once more has met a conflict.
func (a *actor) stop(trip string) {
	a.queues = a.queues || trip == "load" && a.looked
	a.waits <- trip
	<-a.turn
}

// A schedule runs actors one step at a time, in the order that choices say: each is an index into those that can go on.
type schedule struct {
	actors  []*actor
	queue   []*actor // wait until the one before them has ended
	choices []int
	options []int // how many there were at each choice
	story   []string
}

// play runs the actors to their end.
func (s *schedule) play() error {
	for _, a := range s.actors {
		a.run()
		if err := s.await(a); err != nil {
			return err
		}
	}
	for {
		var ready []*actor
		for _, a := range s.actors {
			if a.at != "" {
				ready = append(ready, a)
			}
		}
		if len(ready) == 0 {
			break
		}
		if len(s.options) == len(s.choices) {
			s.choices = append(s.choices, 0)
		}
		choice := s.choices[len(s.options)]
		if choice >= len(ready) {
			return fmt.Errorf("the same choices lead elsewhere")
		}
		s.options = append(s.options, len(ready))
		a := ready[choice]
		s.story = append(s.story, a.op.name+": "+a.at)
		a.at = ""
		a.turn <- struct{}{}
		if err := s.await(a); err != nil {
			return err
		}
	}
	if len(s.queue) > 0 {
		return fmt.Errorf("%d requests wait for each other", len(s.queue))
	}
	return nil
}

// next changes the choices to those of the next order; false if this was the last one.
func (s *schedule) next() bool {
	for i := len(s.choices) - 1; i >= 0; i-- {
		if s.choices[i]+1 < s.options[i] {
			s.choices = append(s.choices[:i:i], s.choices[i]+1)
			return true
		}
	}
	return false
}

// await waits until the actor waits for its turn, or for another one in the queue of those with a conflict, or has ended.
func (s *schedule) await(a *actor) error {
	select {
	case a.at = <-a.waits:
		return nil
	case <-a.queued:
		s.queue = append(s.queue, a)
		return nil
	case <-a.ended:
		a.over = true
		return s.promote(a)
	case <-time.After(patience):
		return fmt.Errorf("%s: nothing for %v", a.op.name, patience)
	}
}

// promote lets the next one in the queue go on, if the actor that has ended was in front.
func (s *schedule) promote(ended *actor) error {
	if !ended.queues || len(s.queue) == 0 {
		return nil
	}
	next := s.queue[0]
	s.queue = s.queue[1:]
	return s.await(next)
}
