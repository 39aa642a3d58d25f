package storetest

import (
	"context"
	"errors"
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
		old map[stores.Handle]stores.Record
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
	// float compares versions as a script language does.
	float struct{ *reference }
)

func (t upsert) Save(ctx context.Context, h stores.Handle, _ uint64, rec stores.Record) error {
	return t.saveAt(ctx, h, rec, func(old stores.Record, err error) error { return nil })
}

func (t revives) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	if errors.Is(err, stores.ErrNotFound) {
		return t.reference.Save(ctx, h, 0, rec)
	}
	return err
}

func (t overwrites) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	if expected == 0 {
		return t.saveAt(ctx, h, rec, func(stores.Record, error) error { return nil })
	}
	return t.reference.Save(ctx, h, expected, rec)
}

func (t alwaysGone) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	if expected != 0 && errors.Is(err, stores.ErrConflict) {
		return stores.ErrNotFound
	}
	return err
}

func (t shrugs) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	if errors.Is(err, stores.ErrConflict) {
		return nil
	}
	return err
}

// saveAt saves where allowed has no error.
func (r *reference) saveAt(ctx context.Context, h stores.Handle, rec stores.Record, allowed func(stores.Record, error) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := allowed(r.get(h)); err != nil {
		return err
	}
	r.put(h, rec)
	return nil
}

// A step is how long everybody else has between a check and the act. The clock is a bubble's: it stands still until all others
// wait, so that they have come as far as they can.
const step = time.Nanosecond

// Save lets everybody check before anybody acts.
func (t racy) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
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
	return t.saveAt(ctx, h, rec, func(stores.Record, error) error { return nil })
}

func (t bumps) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(rec *stores.Record) bool {
		ok := rec.Version == version && expires.After(rec.Expires)
		rec.Version++
		rec.Seen, rec.Expires = seen, expires
		return ok
	})
}

func (t blindTouch) Touch(ctx context.Context, h stores.Handle, _ uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(rec *stores.Record) bool {
		ok := expires.After(rec.Expires)
		rec.Seen, rec.Expires = seen, expires
		return ok
	})
}

func (t backTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(rec *stores.Record) bool {
		ok := rec.Version == version
		rec.Seen, rec.Expires = seen, expires
		return ok
	})
}

func (t makingTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if _, err := t.Load(ctx, h); errors.Is(err, stores.ErrNotFound) {
		return t.Save(ctx, h, 0, stores.Record{Version: version, Seen: seen, Expires: expires})
	}
	return t.reference.Touch(ctx, h, version, seen, expires)
}

func (t strictTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	rec, err := t.Load(ctx, h)
	if err != nil {
		return err
	}
	if rec.Version != version {
		return stores.ErrConflict
	}
	return t.reference.Touch(ctx, h, version, seen, expires)
}

// Save remembers the first content, and Touch writes it back: a touch that rewrites the whole row.
func (t staleTouch) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.old[h]; !ok && err == nil {
		t.old[h] = rec
	}
	return err
}

func (t staleTouch) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.touchIf(ctx, h, func(rec *stores.Record) bool {
		*rec = t.old[h]
		rec.Seen, rec.Expires = seen, expires
		return true
	})
}

func (r *reference) touchIf(ctx context.Context, h stores.Handle, change func(*stores.Record) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if rec, err := r.get(h); err == nil && change(&rec) {
		r.put(h, rec)
	}
	return nil
}

func (t takesAll) Sweep(ctx context.Context, _ time.Time) (int, error) {
	return t.sweep(ctx, func(stores.Record) bool { return true })
}

func (t hasty) Sweep(ctx context.Context, now time.Time) (int, error) {
	return t.sweep(ctx, func(rec stores.Record) bool { return !now.Before(rec.Expires) })
}

func (t lazy) Sweep(ctx context.Context, _ time.Time) (int, error) { return 0, ctx.Err() }

func (t boastful) Sweep(ctx context.Context, now time.Time) (int, error) {
	n, err := t.reference.Sweep(ctx, now)
	return n / 2, err
}

// Sweep deletes what it has found without looking again. The saves beside it come in between.
func (t rashSweep) Sweep(ctx context.Context, now time.Time) (int, error) {
	recs, err := t.find(ctx, func(rec stores.Record) bool { return now.Sub(rec.Expires) > time.Minute })
	for _, rec := range recs {
		time.Sleep(2 * step)
		if err := t.Delete(ctx, rec.Handle); err != nil {
			return 0, err
		}
	}
	return len(recs), err
}

func (t rashSweep) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	time.Sleep(step)
	return t.reference.Save(ctx, h, expected, rec)
}

func (t strictDelete) Delete(ctx context.Context, h stores.Handle) error {
	if _, err := t.Load(ctx, h); err != nil {
		return err
	}
	return t.reference.Delete(ctx, h)
}

// Delete only empties the record.
func (t keeps) Delete(ctx context.Context, h stores.Handle) error {
	return t.touchIf(ctx, h, func(rec *stores.Record) bool {
		rec.Data = stores.Data{}
		return true
	})
}

// Save notes the owner when a record is inserted, and not when it changes.
func (t forgetful) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	t.mu.Lock()
	defer t.mu.Unlock()
	if expected == 0 && err == nil {
		t.index[h] = rec.Owner
	}
	return err
}

func (t forgetful) List(ctx context.Context, owner string) ([]stores.Record, error) {
	return t.find(ctx, func(rec stores.Record) bool {
		return rec.Owner == owner && owner != "" && t.index[rec.Handle] == owner
	})
}

// Save never takes an owner out of the index, and List does not check what it says.
func (t loose) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	err := t.reference.Save(ctx, h, expected, rec)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.owners[h] = append(t.owners[h], rec.Owner)
	}
	return err
}

func (t loose) List(ctx context.Context, owner string) ([]stores.Record, error) {
	return t.find(ctx, func(rec stores.Record) bool {
		for _, o := range t.owners[rec.Handle] {
			if o == owner && owner != "" {
				return true
			}
		}
		return false
	})
}

func (t folding) List(ctx context.Context, owner string) ([]stores.Record, error) {
	return t.find(ctx, func(rec stores.Record) bool { return owner != "" && strings.EqualFold(rec.Owner, owner) })
}

func (t ownsNobody) List(ctx context.Context, owner string) ([]stores.Record, error) {
	return t.find(ctx, func(rec stores.Record) bool { return rec.Owner == owner })
}

func (t strictList) List(ctx context.Context, owner string) ([]stores.Record, error) {
	recs, err := t.reference.List(ctx, owner)
	if err == nil && len(recs) == 0 {
		return nil, stores.ErrNotFound
	}
	return recs, err
}

func (t upset) List(ctx context.Context, owner string) ([]stores.Record, error) {
	recs, err := t.reference.List(ctx, owner)
	for _, rec := range recs {
		if rec.Version == 0 && err == nil {
			_, err = t.Load(ctx, rec.Handle)
		}
	}
	if err != nil {
		return nil, err
	}
	return recs, nil
}

func (t discreet) List(ctx context.Context, owner string) ([]stores.Record, error) {
	recs, err := t.reference.List(ctx, owner)
	return slices.DeleteFunc(recs, func(rec stores.Record) bool { return rec.Version == 0 }), err
}

func (t deaf) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	return t.reference.Load(context.WithoutCancel(ctx), h)
}

func (t deaf) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	return t.reference.Save(context.WithoutCancel(ctx), h, expected, rec)
}

// Load takes a failure for the absence of a session.
func (t calm) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	if ctx.Err() != nil {
		return stores.Record{}, stores.ErrNotFound
	}
	return t.reference.Load(ctx, h)
}

// Load takes what it can't read for the absence of a session.
func (t hopeful) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	rec, err := t.reference.Load(ctx, h)
	if errors.Is(err, stores.ErrUndecodable) || errors.Is(err, stores.ErrNewerFormat) {
		return rec, stores.ErrNotFound
	}
	return rec, err
}

func (t changed) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	if expected != 0 || !t.update {
		t.change(&rec)
	}
	return t.reference.Save(ctx, h, expected, rec)
}

func cut(h stores.Handle) stores.Handle {
	h[17] = 0
	return h
}

func (t short) Load(ctx context.Context, h stores.Handle) (stores.Record, error) {
	return t.reference.Load(ctx, cut(h))
}

func (t short) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	return t.reference.Save(ctx, cut(h), expected, rec)
}

func (t short) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	return t.reference.Touch(ctx, cut(h), version, seen, expires)
}

func (t short) Delete(ctx context.Context, h stores.Handle) error {
	return t.reference.Delete(ctx, cut(h))
}

func (t short) rewrite(h stores.Handle, change func([]byte) []byte) {
	t.reference.rewrite(cut(h), change)
}

func (t float) Save(ctx context.Context, h stores.Handle, expected uint64, rec stores.Record) error {
	if expected == 0 {
		return t.reference.Save(ctx, h, expected, rec)
	}
	return t.saveAt(ctx, h, rec, func(old stores.Record, err error) error {
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
