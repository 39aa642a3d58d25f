package stores_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// owned is a store of a table that lists.
type owned interface {
	stores.Store
	stores.Owners
}

// stuck is a table in which some records can't be deleted.
type stuck struct {
	*memory.Table
	at map[stores.Handle]error
}

func (s stuck) Delete(ctx context.Context, h stores.Handle) error {
	if err := s.at[h]; err != nil {
		return err
	}
	return s.Table.Delete(ctx, h)
}

func TestT5_OneSessionThatCannotBeEndedKeepsNoOther(t *testing.T) {
	const n = 40
	table := stuck{memory.NewTable(), map[stores.Handle]error{}}
	store := stores.Keep(table).(owned)
	now := time.Now()
	for range n {
		rec := stores.Record{Owner: "ann", Created: now, Seen: now, Expires: now.Add(time.Hour)}
		if _, err := store.Save(t.Context(), stores.Token{}, rec, true); err != nil {
			t.Fatal(err)
		}
	}
	recs, err := store.List(t.Context(), "ann")
	if err != nil || len(recs) != n {
		t.Fatalf("%d, %v", len(recs), err)
	}
	reasons := []error{errors.New("first"), errors.New("second")}
	table.at[recs[0].Handle], table.at[recs[1].Handle] = reasons[0], reasons[1]
	kept := recs[2].Handle
	ended, err := store.DeleteOwned(t.Context(), "ann", kept)
	if ended != n-3 || !errors.Is(err, reasons[0]) || !errors.Is(err, reasons[1]) || !strings.Contains(fmt.Sprint(err), "2 of the owner's sessions") {
		t.Errorf("ended %d, %v; want %d, and both reasons", ended, err, n-3)
	}
	left, err := store.List(t.Context(), "ann")
	if err != nil || len(left) != 3 {
		t.Errorf("%d are left, %v; want the two that can't be ended, and the one that is to stay", len(left), err)
	}
	for _, rec := range recs[3:] {
		table.at[rec.Handle] = reasons[0]
		if err := table.Save(t.Context(), rec.Handle, 0, rec.Row()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.DeleteOwned(t.Context(), "ann"); !strings.Contains(fmt.Sprint(err), fmt.Sprint(n-1, " of the owner's sessions")) || strings.Count(err.Error(), "first") > 10 {
		t.Errorf("a table that is down: %v", err)
	}
}

// partial is a table that finds some records and then fails.
type partial struct{ *memory.Table }

func (p partial) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := p.Table.List(ctx, owner)
	return rows, errors.Join(err, errors.New("connection reset"))
}

func TestT5_WhatAFailingListFoundIsEnded(t *testing.T) {
	table := memory.NewTable()
	now := time.Now()
	store := stores.Keep(partial{table}).(owned)
	rec := stores.Record{Owner: "ann", Created: now, Seen: now, Expires: now.Add(time.Hour)}
	if _, err := store.Save(t.Context(), stores.Token{}, rec, true); err != nil {
		t.Fatal(err)
	}
	if n, err := store.DeleteOwned(t.Context(), "ann"); n != 1 || err == nil || table.Len() != 0 {
		t.Errorf("ended %d, %v, %d are left; want the one that was found, and the error", n, err, table.Len())
	}
}

func TestT5_ExpiredSessionsAreEndedButNotCounted(t *testing.T) {
	store := memory.New()
	now := time.Now()
	for _, expires := range []time.Time{now.Add(time.Hour), now.Add(-time.Second)} {
		rec := stores.Record{Owner: "ann", Created: now.Add(-time.Hour), Seen: now.Add(-time.Hour), Expires: expires}
		if _, err := store.Save(t.Context(), stores.Token{}, rec, true); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := store.DeleteOwned(t.Context(), "ann"); n != 1 || err != nil || store.Len() != 0 {
		t.Errorf("ended %d, %v, %d are left; want one that was live, and none", n, err, store.Len())
	}
}
