package sqltest

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
)

// ways are all the calls there are.
var ways = []struct {
	name   string
	writes bool
	call   func(context.Context, Table, stores.Handle) error
}{
	{"load", false, func(ctx context.Context, t Table, h stores.Handle) error {
		_, err := t.Load(ctx, h)
		return err
	}},
	{"list", false, func(ctx context.Context, t Table, _ stores.Handle) error {
		_, err := t.List(ctx, owner)
		return err
	}},
	{"insert", true, func(ctx context.Context, t Table, _ stores.Handle) error {
		return t.Save(ctx, Handle(), 0, Record(1, owner).Row())
	}},
	{"save", true, func(ctx context.Context, t Table, h stores.Handle) error {
		return t.Save(ctx, h, 1, Record(2, owner).Row())
	}},
	{"touch", true, func(ctx context.Context, t Table, h stores.Handle) error {
		return t.Touch(ctx, h, 1, time.Now(), time.Now().Add(time.Hour))
	}},
	{"delete", true, func(ctx context.Context, t Table, h stores.Handle) error { return t.Delete(ctx, h) }},
	{"sweep", true, func(ctx context.Context, t Table, _ stores.Handle) error {
		_, err := t.Sweep(ctx, time.Now())
		return err
	}},
}

// calls makes each call.
func calls(table Table, h stores.Handle) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, w := range ways {
			if !yield(w.name, w.call(ctx, table, h)) {
				return
			}
		}
	}
}

// promptly makes a call that must return.
func promptly(t *testing.T, call func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatalf("nothing after %v", patience)
		return nil
	}
}

// callsThatWait makes writes wait for a lock, and end while they do.
func callsThatWait(t *testing.T, e Engine) {
	table, _, db := e.fresh(t)
	for _, w := range ways {
		if !w.writes {
			continue
		}
		for _, how := range []struct {
			name  string
			ctx   func() (context.Context, context.CancelFunc)
			wants error
		}{
			{"cancelled", func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				stop := time.AfterFunc(30*time.Millisecond, cancel)
				return ctx, func() { stop.Stop(); cancel() }
			}, context.Canceled},
			{"past its deadline", func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 30*time.Millisecond)
			}, context.DeadlineExceeded},
		} {
			t.Run(w.name+" "+how.name, func(t *testing.T) {
				h := insert(t, table, Record(1, owner))
				expired := Record(1, "")
				expired.Expires = expired.Created.Add(-time.Hour)
				insert(t, table, expired) // so that a sweep has something to wait for
				unlock := e.Lock(t, db)
				limited, cancel := how.ctx()
				defer cancel()
				err := promptly(t, func() error { return w.call(limited, table, h) })
				if !errors.Is(err, how.wants) {
					t.Errorf("%v; want %v", err, how.wants)
				}
				unlock()
				insert(t, table, Record(1, owner)) // and others go on
				if _, err := table.Load(ctx, h); err != nil && !errors.Is(err, stores.ErrNotFound) {
					t.Errorf("load: %v", err)
				}
			})
		}
	}
}
