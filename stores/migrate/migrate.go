// Package migrate moves the sessions of a running site from one table to another one, from memory to a database or from
// one key prefix to the next, and logs nobody out.
//
//	table := migrate.New(old, next)
//	app := session.Wrap(stores.Keep(table), session.Options{})(handler)
//
// What next doesn't have is looked up in old; what is written is written to next. So sessions move as they are used,
// tokens stay valid, and after the longest idle limit old holds only what nobody is going to use: then next alone
// will do. Until then there are more calls than one: one more to load what has not moved, to write, to touch, or to create; two
// more for a log-out or an unknown token; three more for the write that moves a session, and for its log-out.
//
// Every promise that sessions make holds meanwhile, for any number of processes that all use both tables, and whatever the
// order of their calls is.
//
// # How it works
//
// Once next has a record, it alone counts. A record moves by being inserted there, which only one of several can do, and
// is then deleted from old. That second step may fail, and leave a copy behind. So what next has never ends before the
// copy does: a record is written with an earlier end only after the copy has been deleted, and a record that is deleted
// leaves a mark, a record that no token opens, for an hour longer than the copy would have lived. The mark also stops a
// slow request that has read the old record from inserting it after the log-out. Whoever uses next without this package
// takes the mark for a session of somebody else.
//
// # While processes are being replaced
//
// A process that knows old alone does not see what has moved. So let all processes begin to use both tables at once: stop
// them, then start them. While some don't yet,
//
//   - a visitor whose session has moved has none at such a process, which may give him another one;
//   - a log-out there does not end a session that has moved, nor does a change there reach it;
//   - a change there is lost if the session moves in the same moment.
//
// A log-out at a process that uses both is final everywhere. To go back to old alone loses the sessions that have moved:
// use New(next, old) instead, again all at once.
//
// # When old fails
//
// What next doesn't have can't be told from what is not there, so then a load fails, rather than finding no session. A
// session that has moved can be read and changed meanwhile. A log-out of one is final, although it is answered with the
// failure. If old fails in the moment between the two steps of a move, its copy stays until it expires or the session is
// deleted. Nobody sees it unless next drops records earlier than they say, as a store that is full may do.
package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// table moves records from one table to another.
type table struct{ from, to stores.Table }

// New makes a table that reads both and writes to the second. It is a stores.Lister if both are, and a stores.Sweeper if one is. It
// is safe for concurrent use. New panics if a table is nil. The two must not be one.
func New(from, to stores.Table) stores.Table {
	if from == nil || to == nil {
		panic("migrate: New needs two tables")
	}
	t := &table{from, to}
	l, lists := newLister(t)
	s, sweeps := newSweeper(t)
	switch {
	case lists && sweeps:
		return &struct {
			*table
			lister
			sweeper
		}{t, l, s}
	case lists:
		return &struct {
			*table
			lister
		}{t, l}
	case sweeps:
		return &struct {
			*table
			sweeper
		}{t, s}
	}
	return t
}

// Load implements stores.Table.
func (t *table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := t.to.Load(ctx, h)
	if !isAbsent(err) {
		return unmarked(row, err)
	}
	if row, err = t.from.Load(ctx, h); !isAbsent(err) {
		return unmarked(row, err)
	}
	return unmarked(t.to.Load(ctx, h)) // it may have moved between the two looks; it moves once only
}

// Save implements stores.Table.
func (t *table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if expected == 0 {
		return t.insert(ctx, h, row)
	}
	has, err := t.to.Load(ctx, h)
	switch {
	case isAbsent(err):
		return t.saveOld(ctx, h, expected, row)
	case err != nil:
		return err
	case isMark(has):
		return stores.ErrNotFound
	}
	return t.saveMoved(ctx, h, expected, row, has.Expires)
}

// saveMoved writes to the new table, whose record, or the one before it, ends at the given time. The old table may have a
// copy of it, which ends no later than that.
func (t *table) saveMoved(ctx context.Context, h stores.Handle, expected uint64, row stores.Row, ends time.Time) error {
	if row.Expires.Before(ends) {
		if err := t.from.Delete(ctx, h); err != nil {
			return err
		}
	}
	return t.replace(ctx, h, expected, row)
}

// replace writes to the new table, which may have a mark by now.
func (t *table) replace(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.to.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrConflict) {
		if _, lerr := unmarked(t.to.Load(ctx, h)); isAbsent(lerr) {
			return stores.ErrNotFound
		}
	}
	return err
}

// saveOld writes what the new table doesn't have.
func (t *table) saveOld(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	old, err := unmarked(t.from.Load(ctx, h))
	switch {
	case isAbsent(err):
		return t.replace(ctx, h, expected, row) // somebody else may have moved it
	case err != nil:
		return err
	case old.Version != expected:
		return stores.ErrConflict
	}
	// What ends before the copy would must not be there before the copy is gone. So the record moves as it is.
	sooner := row.Expires.Before(old.Expires)
	moving := row
	if sooner {
		moving = old
	}
	moving.Handle = h
	switch moved, err := t.move(ctx, h, moving); {
	case err != nil:
		return err
	case !moved:
		return t.saveMoved(ctx, h, expected, row, old.Expires)
	case sooner:
		return t.replace(ctx, h, expected, row)
	}
	return nil
}

// move puts row in the place of what the old table has. It reports whether it was the one to do so.
func (t *table) move(ctx context.Context, h stores.Handle, row stores.Row) (bool, error) {
	err := t.to.Save(ctx, h, 0, row)
	if errors.Is(err, stores.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, t.from.Delete(ctx, h)
}

// insert adds a record that neither table has.
func (t *table) insert(ctx context.Context, h stores.Handle, row stores.Row) error {
	_, err := unmarked(t.from.Load(ctx, h))
	switch {
	case err == nil:
		if has, err := t.to.Load(ctx, h); err != nil || !isMark(has) {
			return either(err, stores.ErrConflict)
		}
		if err := t.from.Delete(ctx, h); err != nil { // the mark stands for it no longer
			return err
		}
	case !isAbsent(err):
		return err
	}
	err = t.to.Save(ctx, h, 0, row)
	if !errors.Is(err, stores.ErrConflict) {
		return err
	}
	if has, lerr := t.to.Load(ctx, h); lerr == nil && isMark(has) {
		if err = t.to.Save(ctx, h, has.Version, row); isAbsent(err) { // the mark was swept in this moment
			err = stores.ErrConflict
		}
	}
	return err
}

// either returns what the look at a record gave, if that was a failure.
func either(err, otherwise error) error {
	if err == nil || isAbsent(err) {
		return otherwise
	}
	return err
}

// Touch implements stores.Table. It moves the record.
func (t *table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	_, err := t.to.Load(ctx, h)
	if isAbsent(err) {
		var old stores.Row
		old, err = unmarked(t.from.Load(ctx, h))
		if err == nil {
			if old.Version != version || !expires.After(old.Expires) {
				return nil
			}
			old.Handle, old.Seen, old.Expires = h, seen, expires
			if moved, err := t.move(ctx, h, old); moved || err != nil {
				return err
			}
		}
	}
	if err != nil && !isAbsent(err) {
		return err
	}
	return t.to.Touch(ctx, h, version, seen, expires)
}

// Delete implements stores.Table. It is final when it returns without an error.
func (t *table) Delete(ctx context.Context, h stores.Handle) error {
	for {
		has, err := t.to.Load(ctx, h)
		ends := has.Expires
		switch {
		case isAbsent(err):
			has.Version = 0
			if ends, err = t.copyEnds(ctx, h); err != nil {
				return err
			}
		case err != nil:
			return err
		case isMark(has):
			return t.from.Delete(ctx, h)
		case isUnreadable(has):
			if err := t.to.Delete(ctx, h); err != nil {
				return err
			}
			continue
		}
		err = t.to.Save(ctx, h, has.Version, newMark(h, ends))
		if err == nil {
			return t.from.Delete(ctx, h)
		}
		if !isAbsent(err) && !errors.Is(err, stores.ErrConflict) {
			return err
		}
	}
}

// copyEnds returns when the record of the old table expires, the zero time if there is none.
func (t *table) copyEnds(ctx context.Context, h stores.Handle) (time.Time, error) {
	old, err := t.from.Load(ctx, h)
	switch {
	case isAbsent(err):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case isUnreadable(old):
		return time.Now().Add(longest), nil
	}
	return old.Expires, nil
}

// isUnreadable reports whether a table can't make out what it has stored, beside the body.
func isUnreadable(row stores.Row) bool { return row.Version == 0 || row.Expires.IsZero() }

func isAbsent(err error) bool { return errors.Is(err, stores.ErrNotFound) }
