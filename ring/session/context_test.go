package session_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// A keeping table goes on using the contexts of its calls after they have returned, as one does that answers late or logs.
type keeping struct {
	stores.Table
	calls *sync.WaitGroup // goroutines that are still using a context

	mu    sync.Mutex
	until map[context.Context]time.Time
}

func (k *keeping) keep(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.until[ctx], _ = ctx.Deadline()
	k.calls.Go(func() {
		for range 100 {
			_, _ = ctx.Deadline()
			_, _ = ctx.Err(), ctx.Value("key")
		}
	})
}

func (k *keeping) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	k.keep(ctx)
	return k.Table.Load(ctx, h)
}

func (k *keeping) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	k.keep(ctx)
	return k.Table.Save(ctx, h, expected, row)
}

func (k *keeping) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	k.keep(ctx)
	return k.Table.Touch(ctx, h, version, seen, expires)
}

// Run with -race, this also finds a context that is written to while somebody reads it.
func TestT6_AStoreMayKeepItsContexts(t *testing.T) {
	var calls sync.WaitGroup
	defer calls.Wait()
	table := &keeping{Table: memory.NewTable(), calls: &calls, until: map[context.Context]time.Time{}}
	s := &site{t: t, app: session.Wrap(stores.Keep(table), session.Options{TouchEvery: 1})(common.serve)}
	v := s.visitor()
	for _, path := range []string{"/dark", "/light", "/read", "/count", "/renew", "/ann", "/dark"} {
		v.get(path)
	}
	if n := len(table.until); n != 13 { // one of the commit that creates, and then one each of a load and of what it led to
		t.Errorf("%d contexts for 6 requests that load and commit, and one that creates", n)
	}
	for ctx, until := range table.until {
		if now, _ := ctx.Deadline(); !now.Equal(until) {
			t.Error("a context that a store has kept ends at another time than it said")
		}
	}
}
