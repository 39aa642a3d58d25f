package queue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// has reports whether there is a queue of k.
func (q *Queues[K]) has(k K) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, there := q.of[k]
	return there
}

func TestC5_OnlyWritersOfOneSessionWaitForEachOther(t *testing.T) {
	var q Queues[[24]byte]
	ended, cancel := context.WithCancel(t.Context())
	cancel() // so that whoever has to wait is refused at once
	mine := [24]byte{1, 2, 3}
	leave, err := q.Wait(ended, mine)
	if err != nil {
		t.Fatalf("a turn that is free: %v", err)
	}
	for i := range mine {
		for bit := range 8 {
			other := mine
			other[i] ^= 1 << bit
			leave, err := q.Wait(ended, other)
			if err != nil {
				t.Fatalf("%v waits for %v", other, mine)
			}
			leave()
		}
	}
	if _, err := q.Wait(ended, mine); !errors.Is(err, context.Canceled) {
		t.Errorf("a turn that is taken, after the context has ended: %v", err)
	}
	leave()
	if q.has(mine) {
		t.Error("a queue is left that nobody is in")
	}
}

func TestC5_WritersOfOneSessionTakeTurnsInTheOrderTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queues[[24]byte]
		h := [24]byte{4, 5, 6}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		leave, err := q.Wait(ctx, h)
		if err != nil {
			t.Fatal(err)
		}
		var order []int
		for i := range 10 {
			patience := t.Context()
			if i%3 == 0 {
				patience = ctx
			}
			waits := false
			patience = context.WithValue(patience, Waiting{}, func() { waits = true })
			go func() {
				leave, err := q.Wait(patience, h)
				if i%3 == 0 {
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("writer %d: %v; want its context's error", i, err)
					}
					return
				}
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				order = append(order, i)
				leave()
			}()
			synctest.Wait()
			if !waits {
				t.Errorf("writer %d doesn't say that it waits", i)
			}
		}
		<-ctx.Done()
		synctest.Wait()
		leave()
		synctest.Wait()
		if want := []int{1, 2, 4, 5, 7, 8}; !slices.Equal(order, want) {
			t.Errorf("turns in the order %v; want %v", order, want)
		}
		if q.has(h) {
			t.Error("a queue is left that nobody is in")
		}
	})
}

func TestC5_NoQueueIsLeftByManyWritersOfManySessions(t *testing.T) {
	var q Queues[[24]byte]
	const sessions = 10
	var busy [sessions]bool
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			n := i % sessions
			leave, err := q.Wait(t.Context(), [24]byte{7, byte(n)})
			if err != nil {
				t.Error(err)
				return
			}
			defer leave()
			if busy[n] { // the race detector looks too
				t.Errorf("two writers have a turn for session %d", n)
			}
			busy[n] = true
			busy[n] = false
		})
	}
	wg.Wait()
	for n := range sessions {
		if q.has([24]byte{7, byte(n)}) {
			t.Errorf("the queue of session %d is left", n)
		}
	}
}
