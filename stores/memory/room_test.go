package memory

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

func TestAFloodOfStrangersLogsNobodyOut(t *testing.T) {
	table := NewTable(Max(100))
	var owned, strangers []stores.Handle
	for i := range 60 {
		owned = append(owned, add(t, table, record(fmt.Sprint("user ", i))))
	}
	for range 1000 {
		strangers = append(strangers, add(t, table, record("")))
	}
	for i, h := range owned {
		if !has(table, h) {
			t.Errorf("user %d was logged out", i)
		}
	}
	for i, h := range strangers {
		if newest := i >= len(strangers)-40; has(table, h) != newest {
			t.Errorf("stranger %d of 1000: there is %v; want the newest 40", i, has(table, h))
		}
	}
	table.check(t)
}

func TestAParallelFloodLogsNobodyOut(t *testing.T) {
	table := NewTable(Max(200))
	h := add(t, table, record("ann"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				_ = table.Save(ctx, handle(), 0, record("").Row())
			}
		})
	}
	all.Wait()
	if !has(table, h) || table.Len() != 200 {
		t.Errorf("%d sessions, Ann's among them: %v", table.Len(), has(table, h))
	}
	table.check(t)
}

func TestWhoLogsInLeavesTheLineOfStrangers(t *testing.T) {
	table := NewTable(Max(2))
	h := add(t, table, record(""))
	in := record("ann")
	in.Version = 2
	if err := table.Save(ctx, h, 1, in.Row()); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		add(t, table, record(""))
	}
	if !has(table, h) {
		t.Error("the session that logged in was evicted as an anonymous one")
	}
	table.check(t)
}

func TestWhereAllHaveOwners(t *testing.T) {
	table := NewTable(Max(3))
	var owned []stores.Handle
	for range 3 {
		owned = append(owned, add(t, table, record("ann")))
	}
	t.Run("a stranger is refused", func(t *testing.T) {
		if err := table.Save(ctx, handle(), 0, record("").Row()); !errors.Is(err, ErrFull) {
			t.Errorf("error %v; want ErrFull", err)
		}
		if table.Len() != 3 {
			t.Errorf("%d sessions", table.Len())
		}
	})
	t.Run("a log-in takes the place of the oldest", func(t *testing.T) {
		h := add(t, table, record("bob"))
		if has(table, owned[0]) || !has(table, owned[1]) || !has(table, owned[2]) || !has(table, h) {
			t.Error("not the oldest was evicted")
		}
	})
	t.Run("room that was freed is room", func(t *testing.T) {
		_ = table.Delete(ctx, owned[1])
		add(t, table, record(""))
		if table.Len() != 3 || !has(table, owned[2]) {
			t.Error("somebody was evicted")
		}
	})
	table.check(t)
}

func TestAVisitorOfAFullStoreIsAnsweredWith503(t *testing.T) {
	store := New(Max(1))
	add(t, store.table, record("ann"))
	app := session.Wrap(store, session.Options{})(func(ring.Request) ring.Response {
		return ring.Text("").With(session.Counter("visits").By(1))
	})
	resp := app(ring.NewRequest("GET", "/", nil))
	if _, set := resp.Header.Lookup("Set-Cookie"); resp.Status != 503 || set || !errors.Is(resp.Err, ErrFull) || errors.Is(resp.Err, stores.ErrOutcomeUnknown) {
		t.Errorf("%d, %v, cookie %v; want 503 because of ErrFull, and no doubt", resp.Status, resp.Err, set)
	}
}

func TestEvictedSessionsLeaveNothingBehind(t *testing.T) {
	table := NewTable(Max(10))
	for i := range 5000 {
		rec := record("")
		rec.Expires = rec.Expires.Add(time.Duration(i%50) * time.Minute)
		add(t, table, rec)
	}
	table.check(t) // each note and each place in line is one of a record
}

func TestMaxMustBePositive(t *testing.T) {
	for _, n := range []int{0, -1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Max(%d) is accepted", n)
				}
			}()
			Max(n)
		}()
	}
}
