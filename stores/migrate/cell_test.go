package migrate_test

import (
	"context"
	"time"

	"github.com/signet-go/signet/stores"
)

// A cell is a table for one record and one caller at a time: orders are tried by the hundred thousand.
type cell struct {
	rec   stores.Record // version 0: none
	stuck bool          // what is there can't be deleted
}

func (c *cell) Load(context.Context, stores.Handle) (stores.Record, error) {
	if c.rec.Version == 0 {
		return stores.Record{}, stores.ErrNotFound
	}
	return c.rec, nil
}

func (c *cell) Save(_ context.Context, _ stores.Handle, expected uint64, rec stores.Record) error {
	switch {
	case expected == c.rec.Version:
		c.rec = rec
		return nil
	case c.rec.Version == 0:
		return stores.ErrNotFound
	}
	return stores.ErrConflict
}

func (c *cell) Touch(_ context.Context, _ stores.Handle, version uint64, seen, expires time.Time) error {
	if c.rec.Version != 0 && c.rec.Version == version && expires.After(c.rec.Expires) {
		c.rec.Seen, c.rec.Expires = seen, expires
	}
	return nil
}

func (c *cell) Delete(context.Context, stores.Handle) error {
	if c.stuck {
		return errDown
	}
	c.rec = stores.Record{}
	return nil
}

// sweep removes what has been expired for a minute.
func (c *cell) sweep(now time.Time) {
	if now.Sub(c.rec.Expires) > time.Minute {
		c.rec = stores.Record{}
	}
}
