package storetest

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/stores"
)

// A broken table has one mistake.
type broken struct {
	name  string
	make  func() stores.Table
	law   string // the one that it breaks
	claim string // of the law: what must fail
	also  string // laws that must break because of it; others must not
	maybe string // laws that may break because of it
}

// The embedded reference does what the mistake doesn't touch.
type (
	upsert      struct{ *reference }
	revives     struct{ *reference }
	overwrites  struct{ *reference }
	alwaysGone  struct{ *reference }
	shrugs      struct{ *reference }
	racy        struct{ *reference }
	bumps       struct{ *reference }
	blindTouch  struct{ *reference }
	backTouch   struct{ *reference }
	makingTouch struct{ *reference }
	staleTouch  struct {
		*reference
		old map[stores.Handle]stores.Row
	}
	strictTouch  struct{ *reference }
	takesAll     struct{ *reference }
	hasty        struct{ *reference }
	lazy         struct{ *reference }
	boastful     struct{ *reference }
	rashSweep    struct{ *reference }
	strictDelete struct{ *reference }
	keeps        struct{ *reference }
	forgetful    struct {
		*reference
		index map[stores.Handle]string
	}
	loose struct {
		*reference
		owners map[stores.Handle][]string
	}
	folding    struct{ *reference }
	ownsNobody struct{ *reference }
	strictList struct{ *reference }
	upset      struct{ *reference }
	discreet   struct{ *reference }
	deaf       struct{ *reference }
	calm       struct{ *reference }
	hopeful    struct{ *reference }
	// changed stores something else than it is given.
	changed struct {
		*reference
		change func(*stores.Record)
		update bool // only where a record is replaced
	}
	// short takes handles for the same that begin the same.
	short struct{ *reference }
	// onePage ends a scan after fifty rows.
	onePage struct{ *reference }
	// aliveOnly scans past expired rows.
	aliveOnly struct{ *reference }
	// twicePaged yields some rows on two pages.
	twicePaged struct{ *reference }
	// float compares versions as a script language does.
	float struct{ *reference }
)

func (t upsert) Save(ctx context.Context, h stores.Handle, _ uint64, row stores.Row) error {
	return t.saveAt(ctx, h, row, func(old stores.Row, err error) error { return nil })
}

func (t revives) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrNotFound) {
		return t.reference.Save(ctx, h, 0, row)
	}
	return err
}

func (t overwrites) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if expected == 0 {
		return t.saveAt(ctx, h, row, func(stores.Row, error) error { return nil })
	}
	return t.reference.Save(ctx, h, expected, row)
}

func (t alwaysGone) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	if expected != 0 && errors.Is(err, stores.ErrConflict) {
		return stores.ErrNotFound
	}
	return err
}

func (t shrugs) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrConflict) {
		return nil
	}
	return err
}

// saveAt saves where allowed has no error.
func (r *reference) saveAt(ctx context.Context, h stores.Handle, row stores.Row, allowed func(stores.Row, error) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := allowed(r.get(h)); err != nil {
		return err
	}
	r.put(h, row)
	return nil
}

// A step is how long everybody else has between a check and the act. The clock is a bubble's: it stands still until all others
// wait, so that they have come as far as they can.
const step = time.Nanosecond

// Save lets everybody check before anybody acts.
func (t racy) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	old, err := t.Load(ctx, h)
	switch {
	case err != nil && !errors.Is(err, stores.ErrNotFound):
		return err
	case expected == 0 && err == nil, expected != 0 && err == nil && old.Version != expected:
		return stores.ErrConflict
	case expected != 0 && err != nil:
		return stores.ErrNotFound
	}
	time.Sleep(step)
	return t.saveAt(ctx, h, row, func(stores.Row, error) error { return nil })
}

func (t bumps) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(row *stores.Row) bool {
		ok := row.Version == version && expires.After(row.Expires)
		row.Version++
		row.Seen, row.Expires = seen, expires
		return ok
	})
}

func (t blindTouch) Touch(ctx context.Context, h stores.Handle, _ uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(row *stores.Row) bool {
		ok := expires.After(row.Expires)
		row.Seen, row.Expires = seen, expires
		return ok
	})
}

func (t backTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(row *stores.Row) bool {
		ok := row.Version == version
		row.Seen, row.Expires = seen, expires
		return ok
	})
}

func (t makingTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if _, err := t.Load(ctx, h); errors.Is(err, stores.ErrNotFound) {
		return t.Save(ctx, h, 0, stores.Row{Version: version, Seen: seen, Expires: expires})
	}
	return t.reference.Touch(ctx, h, version, seen, expires)
}

func (t strictTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	row, err := t.Load(ctx, h)
	if err != nil {
		return err
	}
	if row.Version != version {
		return stores.ErrConflict
	}
	return t.reference.Touch(ctx, h, version, seen, expires)
}

// Save remembers the first content, and Touch writes it back: a touch that rewrites the whole row.
func (t staleTouch) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.old[h]; !ok && err == nil {
		t.old[h] = row
	}
	return err
}

func (t staleTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(row *stores.Row) bool {
		*row = t.old[h]
		row.Seen, row.Expires = seen, expires
		return true
	})
}

func (r *reference) touchIf(ctx context.Context, h stores.Handle, change func(*stores.Row) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, err := r.get(h); err == nil && change(&row) {
		r.put(h, row)
	}
	return nil
}

func (t takesAll) Sweep(ctx context.Context, _ time.Time) (int, error) {
	return t.sweep(ctx, func(stores.Row) bool { return true })
}

func (t hasty) Sweep(ctx context.Context, now time.Time) (int, error) {
	return t.sweep(ctx, func(row stores.Row) bool { return !now.Before(row.Expires) })
}

func (t onePage) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		n := 0
		for row, err := range t.reference.Scan(ctx) {
			if n++; n > 50 || !yield(row, err) {
				return
			}
		}
	}
}

func (t aliveOnly) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		for row, err := range t.reference.Scan(ctx) {
			if (err != nil || time.Now().Before(row.Expires)) && !yield(row, err) {
				return
			}
		}
	}
}

func (t twicePaged) Scan(ctx context.Context) iter.Seq2[stores.Row, error] {
	return func(yield func(stores.Row, error) bool) {
		n := 0
		for row, err := range t.reference.Scan(ctx) {
			if n++; !yield(row, err) || err == nil && n%16 == 0 && !yield(row, err) {
				return
			}
		}
	}
}

func (t lazy) Sweep(ctx context.Context, _ time.Time) (int, error) { return 0, ctx.Err() }

func (t boastful) Sweep(ctx context.Context, now time.Time) (int, error) {
	n, err := t.reference.Sweep(ctx, now)
	return n / 2, err
}

// Sweep deletes what it has found without looking again. The saves beside it come in between.
func (t rashSweep) Sweep(ctx context.Context, now time.Time) (int, error) {
	rows, err := t.find(ctx, func(row stores.Row) bool { return now.Sub(row.Expires) > time.Minute })
	for _, row := range rows {
		time.Sleep(2 * step)
		if err := t.Delete(ctx, row.Handle); err != nil {
			return 0, err
		}
	}
	return len(rows), err
}

func (t rashSweep) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	time.Sleep(step)
	return t.reference.Save(ctx, h, expected, row)
}

func (t strictDelete) Delete(ctx context.Context, h stores.Handle) error {
	if _, err := t.Load(ctx, h); err != nil {
		return err
	}
	return t.reference.Delete(ctx, h)
}

// Delete only empties the record.
func (t keeps) Delete(ctx context.Context, h stores.Handle) error {
	return t.touchIf(ctx, h, func(row *stores.Row) bool {
		rec, _ := row.Record()
		rec.Data = stores.Data{}
		row.Body = rec.Row().Body
		return true
	})
}

// Save notes the owner when a record is inserted, and not when it changes.
func (t forgetful) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	t.mu.Lock()
	defer t.mu.Unlock()
	if expected == 0 && err == nil {
		t.index[h] = row.Owner
	}
	return err
}

func (t forgetful) List(ctx context.Context, owner string) ([]stores.Row, error) {
	return t.find(ctx, func(row stores.Row) bool {
		return row.Owner == owner && owner != "" && t.index[row.Handle] == owner
	})
}

// Save never takes an owner out of the index, and List does not check what it says.
func (t loose) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.reference.Save(ctx, h, expected, row)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.owners[h] = append(t.owners[h], row.Owner)
	}
	return err
}

func (t loose) List(ctx context.Context, owner string) ([]stores.Row, error) {
	return t.find(ctx, func(row stores.Row) bool {
		for _, o := range t.owners[row.Handle] {
			if o == owner && owner != "" {
				return true
			}
		}
		return false
	})
}

func (t folding) List(ctx context.Context, owner string) ([]stores.Row, error) {
	return t.find(ctx, func(row stores.Row) bool { return owner != "" && strings.EqualFold(row.Owner, owner) })
}

func (t ownsNobody) List(ctx context.Context, owner string) ([]stores.Row, error) {
	return t.find(ctx, func(row stores.Row) bool { return row.Owner == owner })
}

func (t strictList) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := t.reference.List(ctx, owner)
	if err == nil && len(rows) == 0 {
		return nil, stores.ErrNotFound
	}
	return rows, err
}

func (t upset) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := t.reference.List(ctx, owner)
	for _, row := range rows {
		if err == nil {
			_, err = row.Record()
		}
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (t discreet) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := t.reference.List(ctx, owner)
	return slices.DeleteFunc(rows, unreadable), err
}

func unreadable(row stores.Row) bool {
	_, err := row.Record()
	return err != nil
}

func (t deaf) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	return t.reference.Load(context.WithoutCancel(ctx), h)
}

func (t deaf) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	return t.reference.Save(context.WithoutCancel(ctx), h, expected, row)
}

// Load takes a failure for the absence of a session.
func (t calm) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if ctx.Err() != nil {
		return stores.Row{}, stores.ErrNotFound
	}
	return t.reference.Load(ctx, h)
}

// Load takes what it can't read for the absence of a session.
func (t hopeful) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := t.reference.Load(ctx, h)
	if err == nil && unreadable(row) {
		return stores.Row{}, stores.ErrNotFound
	}
	return row, err
}

func (t changed) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if rec, err := row.Record(); err == nil && (expected != 0 || !t.update) {
		t.change(&rec)
		row = rec.Row()
	}
	return t.reference.Save(ctx, h, expected, row)
}

func cut(h stores.Handle) stores.Handle {
	h[17] = 0
	return h
}

func (t short) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	return t.reference.Load(ctx, cut(h))
}

func (t short) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	return t.reference.Save(ctx, cut(h), expected, row)
}

func (t short) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.reference.Touch(ctx, cut(h), version, seen, expires)
}

func (t short) Delete(ctx context.Context, h stores.Handle) error {
	return t.reference.Delete(ctx, cut(h))
}

func (t float) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if expected == 0 {
		return t.reference.Save(ctx, h, expected, row)
	}
	return t.saveAt(ctx, h, row, func(old stores.Row, err error) error {
		if err == nil && float64(old.Version) != float64(expected) {
			return stores.ErrConflict
		}
		return err
	})
}

// swallowed gives a table for each field of a record that it loses.
func swallowed() []broken {
	var all []broken
	fields := reflect.TypeFor[stores.Record]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if name == "Handle" {
			continue
		}
		change := func(rec *stores.Record) { reflect.ValueOf(rec).Elem().Field(i).SetZero() }
		for _, update := range []bool{false, true} {
			b := broken{name: "it loses " + name, law: "T1", claim: "each field alone, inserted and replaced"}
			if !slices.Contains([]string{"Authenticated", "PreviousUntil", "Idle", "Absolute", "Persistent"}, name) {
				b.maybe = "T2 T3 T4 T5 T6 S3 S7 S8 S9 C1 C2 C3 C4 C5 C6 S8-session T6-session" // no session works without it
			}
			if update {
				b.name += " of what it replaces"
			}
			b.make = func() stores.Table { return changed{newReference(), change, update} }
			all = append(all, b)
		}
	}
	return all
}
