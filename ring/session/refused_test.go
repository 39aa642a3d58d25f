package session_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// choosy is a table that refuses each save, and counts its calls.
type choosy struct {
	stores.Table
	why          error
	saves, loads int
}

func (c *choosy) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	c.loads++
	return c.Table.Load(ctx, h)
}

func (c *choosy) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if c.why != nil {
		c.saves++
		return c.why
	}
	return c.Table.Save(ctx, h, expected, row)
}

func TestC5_ARefusedSaveIsNoLostAnswer(t *testing.T) {
	for _, c := range []struct {
		why    error
		status int
	}{
		{fmt.Errorf("cupboard: full: %w", stores.ErrRefused), 503},
		{fmt.Errorf("cupboard: %w", stores.ErrTooLarge), 413},
	} {
		for _, known := range []bool{false, true} {
			table := &choosy{Table: memory.NewTable()}
			var events []session.Event
			s := &site{t: t, app: session.Wrap(stores.Keep(table), session.Options{
				OnEvent: func(_ context.Context, e session.Event) { events = append(events, e) },
			})(common.serve)}
			v := s.visitor()
			loads := 0
			if known {
				v.get("/light")
				loads = 1 // at the beginning of the next request
			}
			table.why, events = c.why, nil
			a := v.get("/dark")
			if a.status != c.status || len(a.set) != 0 {
				t.Errorf("%v, known %v: status %d, %d cookies; want %d and none", c.why, known, a.status, len(a.set), c.status)
			}
			if table.saves != 1 || table.loads != loads {
				t.Errorf("%v, known %v: %d saves, %d loads; want 1 and %d", c.why, known, table.saves, table.loads, loads)
			}
			for _, e := range events {
				if errors.Is(e.Err, stores.ErrOutcomeUnknown) {
					t.Errorf("%v, known %v: %v; want no doubt", c.why, known, e.Err)
				}
			}
		}
	}
}

func TestC5_ARefusedSecondTryLeavesTheFirstInDoubt(t *testing.T) {
	table := &forgetful{Table: memory.NewTable()}
	now := time.Now()
	rec := stores.Record{Created: now, Seen: now, Expires: now.Add(time.Hour)}
	store := stores.Keep(table)
	token, err := store.Save(t.Context(), stores.TokenOf("sid", ""), rec, true)
	if err != nil {
		t.Fatal(err)
	}
	if rec, err = store.Load(t.Context(), token, now); err != nil {
		t.Fatal(err)
	}
	table.answers = []error{errors.New("connection reset"), stores.ErrRefused}
	if _, err := store.Save(t.Context(), token, rec, false); !errors.Is(err, stores.ErrOutcomeUnknown) {
		t.Errorf("%v; want ErrOutcomeUnknown, as the first save may still arrive", err)
	}
}

// forgetful is a table that gives these answers to the next saves, and does nothing then.
type forgetful struct {
	stores.Table
	answers []error
}

func (f *forgetful) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if len(f.answers) == 0 {
		return f.Table.Save(ctx, h, expected, row)
	}
	err := f.answers[0]
	f.answers = f.answers[1:]
	return err
}
