package session

import "context"

// Writers of one session that keep beating each other would need a number of tries in the square of theirs. So after its
// first conflict a writer queues for the session within this process: n writers cost about 2n store calls.
var queues [64]chan struct{}

func init() {
	for i := range queues {
		queues[i] = make(chan struct{}, 1)
	}
}

// queue waits for the turn to write the session h; the caller ends it with leave.
func queue(ctx context.Context, h Handle) (leave func(), err error) {
	q := queues[h[0]%64]
	select {
	case q <- struct{}{}:
		return func() { <-q }, nil
	default:
	}
	select {
	case q <- struct{}{}:
		return func() { <-q }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
