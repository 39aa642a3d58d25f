package sqlite

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

// large gives a record of about 20 KB.
func large(version uint64) stores.Record {
	rec := sqltest.Record(version, "ann")
	rec.Data = session.Key[string]("text").Set(session.Session{}, strings.Repeat("x", 20_000)).Data()
	return rec
}

func TestT6_AFullDiskIsAFailureAndNoMore(t *testing.T) {
	table := opened(t, sqlstore.Layout{}, "max_page_count(200)") // about 800 KB
	var mu sync.Mutex
	var stored, refused []stores.Handle
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 10 {
				h := sqltest.Handle()
				err := table.Save(ctx, h, 0, large(1).Row())
				if errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict) {
					t.Errorf("a full disk is told as %v", err)
				}
				mu.Lock()
				if err == nil {
					stored = append(stored, h)
				} else {
					refused = append(refused, h)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(stored) == 0 || len(refused) == 0 {
		t.Fatalf("%d stored, %d refused; want some of both", len(stored), len(refused))
	}
	for _, h := range stored {
		if rec, err := table.Load(ctx, h); err != nil || rec.Version != 1 {
			t.Errorf("what was acknowledged: %v", err)
		}
	}
	for _, h := range refused {
		if _, err := table.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("what was refused: %v", err)
		}
	}
	// What makes room goes on, and then the rest.
	for _, h := range stored {
		if err := table.Delete(ctx, h); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if err := table.Save(ctx, refused[0], 0, large(1).Row()); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}
