package memory

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/signet-go/signet/stores"
)

func TestParallelCallsLeaveATableWhosePartsAgree(t *testing.T) {
	for name, table := range map[string]*Table{"without a bound": NewTable(), "with a bound": NewTable(Max(100))} {
		t.Run(name, func(t *testing.T) {
			handles := make([]stores.Handle, 200)
			for i := range handles {
				handles[i] = handle()
				handles[i][0] = byte(i % 4) // few shards, so that inserts remove others
			}
			now := time.Now()
			var all sync.WaitGroup
			for g := range 8 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(1, uint64(g)))
					for range 2000 {
						h := handles[r.IntN(len(handles))]
						rec := record(owner(r.IntN(7)))
						if r.IntN(2) == 0 {
							rec = record("")
						}
						rec.Version = r.Uint64N(3) + 1
						rec.Seen = now.Add(time.Duration(r.IntN(300)) * time.Second)
						rec.Expires = now.Add(time.Duration(r.IntN(600)) * time.Second)
						switch r.IntN(8) {
						case 0, 1:
							_ = table.Save(ctx, h, 0, rec.Row())
						case 2, 3:
							_ = table.Save(ctx, h, r.Uint64N(3)+1, rec.Row())
						case 4:
							_ = table.Touch(ctx, h, rec.Version, now, rec.Expires)
						case 5:
							_ = table.Delete(ctx, h)
						case 6:
							_, _ = table.List(ctx, rec.Owner)
						case 7:
							_, _ = table.Sweep(ctx, now.Add(time.Duration(r.IntN(300))*time.Second))
						}
					}
				})
			}
			all.Wait()
			table.check(t)
			_, _ = table.Sweep(ctx, now.Add(time.Hour))
			if table.Len() != 0 {
				t.Errorf("%d records after a sweep of all; want 0", table.Len())
			}
			table.check(t)
		})
	}
}

func TestLenCountsWhatIsThere(t *testing.T) {
	store := New()
	if store.Len() != 0 {
		t.Errorf("an empty store has %d", store.Len())
	}
	h := add(t, store.table, record(""))
	add(t, store.table, record("ann"))
	_ = store.table.Save(ctx, h, 0, record("").Row())
	if store.Len() != 2 {
		t.Errorf("%d; want 2", store.Len())
	}
	_ = store.table.Delete(ctx, h)
	_ = store.table.Delete(ctx, h)
	if store.Len() != 1 {
		t.Errorf("%d after a delete; want 1", store.Len())
	}
}

func TestTheSessionsOfAnOwnerAreListedAndEnded(t *testing.T) {
	store := New()
	var anns []stores.Handle
	for range 5 {
		anns = append(anns, add(t, store.table, record("ann")))
	}
	bob := add(t, store.table, record("bob"))
	recs, err := store.List(ctx, "ann")
	if err != nil || len(recs) != 5 || recs[0].Handle != anns[4] {
		t.Errorf("%d sessions, %v; want 5, the newest first", len(recs), err)
	}
	if n, err := store.DeleteOwned(ctx, "ann", anns[2]); n != 4 || err != nil {
		t.Errorf("ended %d, %v; want 4", n, err)
	}
	if !has(store.table, anns[2]) || !has(store.table, bob) || store.Len() != 2 {
		t.Errorf("%d sessions are left; want the one that was excepted, and Bob's", store.Len())
	}
	store.table.check(t)
}

func TestAScanHasTheSameOrderEachTime(t *testing.T) {
	table := NewTable()
	for range 2000 {
		add(t, table, record(""))
	}
	handles := func() (all []stores.Handle) {
		for row, err := range table.Scan(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, row.Handle)
		}
		return all
	}
	if first, again := handles(), handles(); len(first) != 2000 || !slices.Equal(first, again) {
		t.Errorf("%d rows; the next scan has another order", len(first))
	}
}

func TestAnOwnersNameIsKeptOnce(t *testing.T) {
	table := NewTable()
	stored := func() *stored {
		h := add(t, table, record(string([]byte("ann"))))
		return table.shard(h).records[h]
	}
	if a, b := stored(), stored(); unsafe.StringData(a.owner()) != unsafe.StringData(b.owner()) {
		t.Error("two copies")
	}
}

func TestAConflictWithABoundEvictsNobody(t *testing.T) {
	table := NewTable(Max(2))
	a, b := add(t, table, record("")), add(t, table, record(""))
	if err := table.Save(ctx, b, 0, record("ann").Row()); !errors.Is(err, stores.ErrConflict) {
		t.Errorf("error %v; want ErrConflict", err)
	}
	if !has(table, a) || !has(table, b) {
		t.Error("a session is gone")
	}
	table.check(t)
}
