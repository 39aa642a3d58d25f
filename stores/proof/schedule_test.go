package proof

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// An actor does something in steps, one for each call to the table, and waits before each until it is its turn.
type actor struct {
	*ask
	op        operation
	does      func()
	goroutine string // its id

	waits chan string   // it is going to make this call
	turn  chan struct{} // it may
	ended chan struct{}

	at     string // the call that it waits before; "" while it does something else
	over   bool
	queues bool // it has met a conflict, after which requests take turns

	looked bool    // it has loaded
	cur    content // that it loaded last
	tries  int     // loads after the first
	stored []string
	token  *token          // that came
	minted *session.Record // as it was when the actor gave it a token; nil if it gave none
}

func (a *actor) run() {
	a.waits, a.turn, a.ended = make(chan string), make(chan struct{}), make(chan struct{})
	named := make(chan string)
	go func() {
		defer close(a.ended)
		var b [64]byte
		id, _, _ := strings.Cut(string(b[:runtime.Stack(b[:], false)]), " [")
		named <- id
		a.does()
	}()
	a.goroutine = <-named
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
	deadline := time.Now().Add(patience)
	for wait := time.Microsecond; ; wait *= 2 {
		if !s.mayQueue(a) {
			wait = time.Until(deadline)
		}
		select {
		case a.at = <-a.waits:
			return nil
		case <-a.ended:
			a.over = true
			return s.promote(a)
		case <-time.After(wait):
		}
		if s.mayQueue(a) && a.isQueued() {
			s.queue = append(s.queue, a)
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: nothing for %v", a.op.name, patience)
		}
	}
}

// mayQueue reports whether it is somebody else's turn among those with a conflict.
func (s *schedule) mayQueue(a *actor) bool {
	for _, b := range s.actors {
		if b != a && b.queues && !b.over && !slices.Contains(s.queue, b) {
			return true
		}
	}
	return false
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

// isQueued reports whether the actor's goroutine is parked in the queue of those with a conflict, which nothing else tells.
func (a *actor) isQueued() bool {
	buf := make([]byte, 1<<18)
	for part := range bytes.SplitSeq(buf[:runtime.Stack(buf, true)], []byte("\n\n")) {
		if bytes.HasPrefix(part, []byte(a.goroutine+" [select")) {
			return bytes.Contains(part, []byte("session.queue("))
		}
	}
	return false
}
