package proof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A witness is a table that knows what has to be in the one behind it, call by call, and notes what is otherwise. It is only
// for calls that come one after the other.
type witness struct {
	stores.Table
	now     func() time.Time
	entries map[stores.Handle]entry
	wrong   []string
}

// An entry is a record as it has to be, with its content as the model sees it.
type entry struct {
	stores.Record
	content content
}

func (w *witness) blame(law, format string, args ...any) {
	w.wrong = append(w.wrong, law+": "+fmt.Sprintf(format, args...))
}

func (w *witness) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := w.Table.Load(ctx, h)
	w.agrees("T1", "a load", h, row, err)
	if a := actorOf(ctx); a != nil {
		a.looksAt(w, h)
	}
	return row, err
}

func (w *witness) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	e, there := w.entries[h]
	var want error
	switch {
	case expected == 0 && there, expected != 0 && there && e.Version != expected:
		want = stores.ErrConflict
	case expected != 0 && !there:
		want = stores.ErrNotFound
	}
	err := w.Table.Save(ctx, h, expected, row)
	if !errors.Is(err, want) || want == nil && err != nil {
		law := "C5"
		if errors.Is(want, stores.ErrNotFound) {
			law = "C4"
		}
		w.blame(law, "a save gave %v; want %v", err, want)
	}
	a := actorOf(ctx)
	if err == nil {
		if expected == 0 {
			w.removed("an insert", row.Seen)
		}
		rec, rerr := row.Record()
		if rerr != nil {
			w.blame("T1", "a save of what nobody can read: %v", rerr)
		}
		next := entry{Record: rec}
		if a != nil {
			next.content = a.saves(w, e, next, there)
		}
		w.entries[h] = next
	} else if a != nil && errors.Is(err, stores.ErrConflict) {
		a.queues = true
	}
	w.peek("C5", "a save", h)
	return err
}

func (w *witness) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	err := w.Table.Touch(ctx, h, version, seen, expires)
	if err != nil {
		w.blame("S8", "a touch gave %v", err)
	}
	if e, ok := w.entries[h]; ok && e.Version == version && expires.After(e.Expires) {
		e.Seen, e.Expires = seen, expires
		e.content.seen, e.content.expires = seen, expires
		w.entries[h] = e
	}
	w.peek("S8", "a touch", h)
	return err
}

func (w *witness) Delete(ctx context.Context, h stores.Handle) error {
	err := w.Table.Delete(ctx, h)
	if err != nil {
		w.blame("T4", "a delete gave %v", err)
	}
	delete(w.entries, h)
	if a := actorOf(ctx); a != nil {
		a.stored = append(a.stored, "delete "+h.String())
	}
	w.peek("C4", "a delete", h)
	return err
}

func (w *witness) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := w.Table.(stores.Lister).List(ctx, owner)
	listed := map[stores.Handle]bool{}
	for _, row := range rows {
		listed[row.Handle] = true
	}
	for h, e := range w.entries {
		if e.Owner == owner && !listed[h] {
			w.blame("T5", "a session of %s is not listed", owner)
		}
	}
	return rows, err
}

func (w *witness) Sweep(ctx context.Context, now time.Time) (int, error) {
	n, err := sweep(ctx, w.Table, now)
	w.removed("a sweep", now)
	return n, err
}

// removed notes which records are gone after a sweep as of now, or after an insert, which may remove the same. A record that is
// gone after any other call is missing.
func (w *witness) removed(by string, now time.Time) {
	for h, e := range w.entries {
		if _, err := w.Table.Load(context.Background(), h); !errors.Is(err, stores.ErrNotFound) {
			continue
		}
		if now.Before(e.Expires.Add(time.Minute)) {
			w.blame("T4", "%s took a session that expires in %v", by, e.Expires.Sub(now))
		}
		delete(w.entries, h)
	}
}

// sweep sweeps a table that can be.
func sweep(ctx context.Context, t stores.Table, now time.Time) (int, error) {
	if s, ok := t.(stores.Sweeper); ok {
		return s.Sweep(ctx, now)
	}
	return 0, errors.ErrUnsupported
}

// peek compares what is stored with what has to be.
func (w *witness) peek(law, after string, h stores.Handle) {
	row, err := w.Table.Load(context.Background(), h)
	w.agrees(law, "what is there after "+after, h, row, err)
}

func (w *witness) agrees(law, what string, h stores.Handle, row stores.Row, err error) {
	e, there := w.entries[h]
	var rec stores.Record
	if err == nil {
		rec, err = row.Record()
	}
	switch {
	case !there && errors.Is(err, stores.ErrNotFound):
	case !there:
		w.blame(law, "%s: a session that has ended (%v)", what, err)
	case err != nil:
		w.blame(law, "%s: %v", what, err)
	case rec.Version != e.Version, !rec.Data.Equal(e.Data), rec.Owner != e.Owner, rec.Verifier != e.Verifier,
		!rec.Seen.Equal(e.Seen), !rec.Expires.Equal(e.Expires):
		w.blame(law, "%s: %s; want %s", what, sketch(rec), sketch(e.Record))
	}
}

func sketch(r stores.Record) string {
	return fmt.Sprintf("%s of %q at version %x, seen %s, until %s", told(session.Of(r.Data)), r.Owner, r.Version>>48, clock(r.Seen), clock(r.Expires))
}

func actorOf(ctx context.Context) *actor {
	if c := callOf(ctx); c != nil {
		return c.actor
	}
	return nil
}
