package migrate_test

import (
	"context"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// A cell is a table for one record and one caller at a time: orders are tried by the hundred thousand.
type cell struct {
	rec   session.Record // version 0: none
	stuck bool           // what is there can't be deleted
}

func (c *cell) Load(context.Context, session.Handle) (session.Record, error) {
	if c.rec.Version == 0 {
		return session.Record{}, session.ErrNotFound
	}
	return c.rec, nil
}

func (c *cell) Save(_ context.Context, _ session.Handle, seen uint64, rec session.Record) error {
	switch {
	case seen == c.rec.Version:
		c.rec = rec
		return nil
	case c.rec.Version == 0:
		return session.ErrNotFound
	}
	return session.ErrConflict
}

func (c *cell) Touch(_ context.Context, _ session.Handle, version uint64, seen, expires time.Time) error {
	if c.rec.Version != 0 && c.rec.Version == version && expires.After(c.rec.Expires) {
		c.rec.Seen, c.rec.Expires = seen, expires
	}
	return nil
}

func (c *cell) Delete(context.Context, session.Handle) error {
	if c.stuck {
		return errDown
	}
	c.rec = session.Record{}
	return nil
}

// sweep removes what has been expired for a minute.
func (c *cell) sweep(now time.Time) {
	if now.Sub(c.rec.Expires) > time.Minute {
		c.rec = session.Record{}
	}
}
