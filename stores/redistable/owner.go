package redistable

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/signet-go/signet/ring/session"
)

func (t *Table) list(owner string) string { return t.prefix + "owner:" + owner }

// enlist puts a session on its owner's list, before it is written and for longer than it will be there.
func (t *Table) enlist(ctx context.Context, owner string, h session.Handle, life time.Duration) error {
	answer, err := t.client.Run(ctx, enlistScript, t.list(owner), h.String(), millis(life+margin+delay))
	switch {
	case err != nil:
		return fmt.Errorf("redis: list of an owner: %w", err)
	case answer != done:
		return unknown("list of an owner", answer)
	}
	return nil
}

// List implements session.Lister.
func (t *Table) List(ctx context.Context, owner string) ([]session.Record, error) {
	if owner == "" {
		return nil, ctx.Err()
	}
	names, err := t.client.Members(ctx, t.list(owner))
	if err != nil {
		return nil, fmt.Errorf("redis: list: %w", err)
	}
	var recs []session.Record
	for some := range slices.Chunk(names, 256) {
		if recs, err = t.look(ctx, owner, some, recs); err != nil {
			return nil, fmt.Errorf("redis: list: %w", err)
		}
	}
	return recs, nil
}

// look appends those of the named sessions that are there and the owner's.
func (t *Table) look(ctx context.Context, owner string, names []string, recs []session.Record) ([]session.Record, error) {
	var handles []session.Handle
	var keys []string
	for _, name := range names {
		if h, err := session.ParseHandle(name); err == nil { // who else writes to the list names nothing
			handles, keys = append(handles, h), append(keys, t.key(h))
		}
	}
	if len(keys) == 0 {
		return recs, nil
	}
	var bad error
	err := t.client.GetAll(ctx, keys, func(i int, value string) {
		rec, err := t.parse(handles[i], value)
		switch {
		case err != nil:
			bad = fmt.Errorf("%v: %w", handles[i], err)
		case rec.Owner == owner:
			recs = append(recs, rec)
		}
	})
	if err == nil {
		err = bad
	}
	return recs, err
}
