package faults

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/stores"
)

// A counted table knows how many calls were made.
type counted struct {
	stores.Table
	made atomic.Int64
}

func (c *counted) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	c.made.Add(1)
	return c.Table.Load(ctx, h)
}

func (c *counted) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	c.made.Add(1)
	return c.Table.Save(ctx, h, expected, row)
}

func (c *counted) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	c.made.Add(1)
	return c.Table.Touch(ctx, h, version, seen, expires)
}

func (c *counted) Delete(ctx context.Context, h stores.Handle) error {
	c.made.Add(1)
	return c.Table.Delete(ctx, h)
}
