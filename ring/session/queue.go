package session

import (
	"context"
	"sync"
)

// Writers of one session that keep beating each other would need a number of tries in the square of theirs. So after its
// first conflict a writer queues for the session within this process: n writers cost about 2n store calls. A session has a
// queue only while a writer is in it. So strangers never wait for each other, and there are as many queues as sessions in
// contention.
var queues = struct {
	mu sync.Mutex
	of map[Handle]*turns
}{of: map[Handle]*turns{}}

// turns is the queue of one session.
type turns struct {
	taken   chan struct{} // full while a writer has its turn; those that wait get it in the order they came
	writers int           // those who have their turn or wait for it; guarded by queues.mu
}

// queue waits for the turn to write the session h; the caller ends it with leave. If ctx ends first, queue returns its error.
func queue(ctx context.Context, h Handle) (leave func(), err error) {
	q := enter(h)
	leave = func() { <-q.taken; q.exit(h) }
	select {
	case q.taken <- struct{}{}: // without asking ctx for Done, which may start a timer
		return leave, nil
	default:
	}
	select {
	case q.taken <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		q.exit(h)
		return nil, ctx.Err()
	}
}

// enter returns the queue of h, which exists until all who entered it have left it by exit.
func enter(h Handle) *turns {
	queues.mu.Lock()
	defer queues.mu.Unlock()
	q := queues.of[h]
	if q == nil {
		q = &turns{taken: make(chan struct{}, 1)}
		queues.of[h] = q
	}
	q.writers++
	return q
}

func (q *turns) exit(h Handle) {
	queues.mu.Lock()
	defer queues.mu.Unlock()
	if q.writers--; q.writers == 0 {
		delete(queues.of, h)
	}
}
