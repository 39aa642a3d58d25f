package redistable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/signet-go/signet/stores"
)

func (t *Table) list(owner string) string { return t.prefix + "owner:" + owner }

// enlist puts a session on its owner's list, before it is written and for longer than it will be there.
func (t *Table) enlist(ctx context.Context, owner string, h stores.Handle, life time.Duration) error {
	answer, err := t.client.Run(ctx, enlistScript, t.list(owner), h.String(), millis(life+margin+delay))
	switch {
	case err != nil:
		return fmt.Errorf("redis: list of an owner: %w", err)
	case answer != done:
		return unknown("list of an owner", answer)
	}
	return nil
}

// List implements stores.Lister. A value that this package has not written is listed by its handle.
func (t *Table) List(ctx context.Context, owner string) ([]stores.Row, error) {
	if owner == "" {
		return nil, ctx.Err()
	}
	names, err := t.client.Members(ctx, t.list(owner))
	if err != nil {
		return nil, fmt.Errorf("redis: list: %w", err)
	}
	var rows []stores.Row
	var errs []error
	for some := range slices.Chunk(names, 256) {
		rows, err = t.look(ctx, owner, some, rows)
		errs = append(errs, err)
		if ctx.Err() != nil {
			break // the others would fail with it
		}
	}
	if err := errors.Join(errs...); err != nil {
		return rows, fmt.Errorf("redis: list: %w", err)
	}
	return rows, nil
}

// look appends those of the named sessions that are there and the owner's, also if it returns an error.
func (t *Table) look(ctx context.Context, owner string, names []string, rows []stores.Row) ([]stores.Row, error) {
	var handles []stores.Handle
	var keys []string
	for _, name := range names {
		if h, err := stores.ParseHandle(name); err == nil { // who else writes to the list names nothing
			handles, keys = append(handles, h), append(keys, t.key(h))
		}
	}
	if len(keys) == 0 {
		return rows, nil
	}
	err := t.client.GetAll(ctx, keys, func(i int, value string) {
		row := t.parse(value)
		row.Handle = handles[i]
		if row.Version == 0 {
			row.Owner = owner // whose it is can't be read; it was this owner's
		}
		if row.Owner == owner {
			rows = append(rows, row)
		}
	})
	return rows, err
}
