// Package queue lets those who want the same thing take turns, in the order they came.
package queue

import (
	"context"
	"slices"
	"sync"
)

// Queues are the queues of all keys. A key has one only while somebody has its turn. So those with different keys never wait
// for each other. The zero value is ready for use. Queues may be used by several goroutines at once.
type Queues[K comparable] struct {
	mu sync.Mutex
	of map[K][]chan struct{} // those that wait; each channel is closed when it is its turn
}

// Waiting is the key of a context's value, a func(). [Queues.Wait] calls it when it has to wait, once its place in the queue is
// certain. Tests that decide in which order things happen have no other way to know.
type Waiting struct{}

// Wait waits for the turn of k, which the caller ends with leave. If ctx ends first, Wait returns its error.
func (q *Queues[K]) Wait(ctx context.Context, k K) (leave func(), err error) {
	leave = func() { q.leave(k) }
	turn := q.enter(k)
	if turn == nil { // without asking ctx for Done, which may start a timer
		return leave, nil
	}
	if tell, ok := ctx.Value(Waiting{}).(func()); ok {
		tell()
	}
	select {
	case <-turn:
		return leave, nil
	case <-ctx.Done():
		if !q.giveUp(k, turn) {
			leave() // it came at the same time
		}
		return nil, ctx.Err()
	}
}

// enter returns what to wait for, which is nil for somebody who has the turn at once.
func (q *Queues[K]) enter(k K) (turn chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting, taken := q.of[k]
	if taken {
		turn = make(chan struct{})
		waiting = append(waiting, turn)
	}
	if q.of == nil {
		q.of = map[K][]chan struct{}{}
	}
	q.of[k] = waiting
	return turn
}

// leave passes the turn to the next writer.
func (q *Queues[K]) leave(k K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.of[k]
	if len(waiting) == 0 {
		delete(q.of, k)
		return
	}
	close(waiting[0])
	q.of[k] = waiting[1:]
}

// giveUp leaves the place in the queue. It reports false if it is this one's turn already.
func (q *Queues[K]) giveUp(k K, turn chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.of[k]
	i := slices.Index(waiting, turn)
	if i < 0 {
		return false
	}
	q.of[k] = slices.Delete(waiting, i, i+1)
	return true
}
