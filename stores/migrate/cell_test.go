package migrate_test

import (
	"context"
	"time"

	"github.com/signet-go/signet/stores"
)

// A cell is a table for one record and one caller at a time: orders are tried by the hundred thousand.
type cell struct {
	row   stores.Row // version 0: none
	stuck bool       // what is there can't be deleted
}

func (c *cell) Load(context.Context, stores.Handle) (stores.Row, error) {
	if c.row.Version == 0 {
		return stores.Row{}, stores.ErrNotFound
	}
	return c.row, nil
}

func (c *cell) Save(_ context.Context, _ stores.Handle, expected uint64, row stores.Row) error {
	switch {
	case expected == c.row.Version:
		c.row = row
		return nil
	case c.row.Version == 0:
		return stores.ErrNotFound
	}
	return stores.ErrConflict
}

func (c *cell) Touch(_ context.Context, _ stores.Handle, version uint64, seen, expires time.Time) error {
	if c.row.Version != 0 && c.row.Version == version && expires.After(c.row.Expires) {
		c.row.Seen, c.row.Expires = seen, expires
	}
	return nil
}

func (c *cell) Delete(context.Context, stores.Handle) error {
	if c.stuck {
		return errDown
	}
	c.row = stores.Row{}
	return nil
}

// sweep removes what has been expired for a minute.
func (c *cell) sweep(now time.Time) {
	if now.Sub(c.row.Expires) > time.Minute {
		c.row = stores.Row{}
	}
}
