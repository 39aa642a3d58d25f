package faults

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// A counted table knows how many calls were made.
type counted struct {
	session.Table
	made atomic.Int64
}

func (c *counted) Load(ctx context.Context, h session.Handle) (session.Record, error) {
	c.made.Add(1)
	return c.Table.Load(ctx, h)
}

func (c *counted) Save(ctx context.Context, h session.Handle, seen uint64, rec session.Record) error {
	c.made.Add(1)
	return c.Table.Save(ctx, h, seen, rec)
}

func (c *counted) Touch(ctx context.Context, h session.Handle, version uint64, seen, expires time.Time) error {
	c.made.Add(1)
	return c.Table.Touch(ctx, h, version, seen, expires)
}

func (c *counted) Delete(ctx context.Context, h session.Handle) error {
	c.made.Add(1)
	return c.Table.Delete(ctx, h)
}
