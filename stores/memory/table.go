package memory

import (
	"container/list"
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/stores"
)

// ErrFull is returned by Save if there are as many sessions as Max allows, and none that the new one may replace. It wraps
// stores.ErrRefused.
var ErrFull = fmt.Errorf("memory: full: as many sessions as Max allows, and all have owners: %w", stores.ErrRefused)

const shardCount = 256

// Table is the stores.Table of a Store.
type Table struct {
	shards [shardCount]shard
	owners [shardCount]owners
	seed   maphash.Seed
	count  atomic.Int64
	max    int // 0: no bound
	line   line
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Sweeper = (*Table)(nil)
	_ stores.Scanner = (*Table)(nil)
)

// Locks are taken in this order: a shard, then one part of owners or the line.
type shard struct {
	mu      sync.RWMutex
	records map[stores.Handle]*stored
	due     map[int32][]*stored // records by the minute in which to look whether they have expired
	first   int32               // no minute before this one has something noted
}

// NewTable makes an empty table, for tests of tables; a site uses [New].
func NewTable(options ...Option) *Table {
	t := &Table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].records = map[stores.Handle]*stored{}
		t.shards[i].due = map[int32][]*stored{}
		t.owners[i].newest = map[string]*stored{}
	}
	for _, o := range options {
		o(t)
	}
	if t.max > 0 {
		t.line.at = map[*stored]*list.Element{}
	}
	return t
}

// Len returns the number of records.
func (t *Table) Len() int { return int(t.count.Load()) }

func (t *Table) shard(h stores.Handle) *shard { return &t.shards[h[0]] }

// Load implements stores.Table.
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if err := ctx.Err(); err != nil {
		return stores.Row{}, err
	}
	s := t.shard(h)
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.records[h]
	if st == nil {
		return stores.Row{}, stores.ErrNotFound
	}
	return st.row(), nil
}

// Save implements stores.Table.
func (t *Table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if expected != 0 {
		return t.replace(h, expected, &row)
	}
	return t.add(h, &row, row.Seen)
}

// add inserts a row, as of now.
func (t *Table) add(h stores.Handle, row *stores.Row, now time.Time) error {
	if t.max > 0 && t.has(h) {
		return stores.ErrConflict // before somebody has to make room for nothing
	}
	if err := t.makeRoom(row.Owner != ""); err != nil {
		return err
	}
	if err := t.insert(h, row, now); err != nil {
		t.count.Add(-1)
		return err
	}
	return nil
}

func (t *Table) has(h stores.Handle) bool {
	s := t.shard(h)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.records[h] != nil
}

// insert adds a record that makeRoom has counted, and removes a few that have expired.
func (t *Table) insert(h stores.Handle, row *stores.Row, now time.Time) error {
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records[h] != nil {
		return stores.ErrConflict
	}
	t.tidy(s, lastOver(now))
	st := &stored{handle: h}
	st.set(row)
	s.records[h] = st
	s.watch(st)
	t.own(st, row.Owner)
	t.line.join(st)
	return nil
}

func (t *Table) replace(h stores.Handle, expected uint64, row *stores.Row) error {
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.records[h]
	switch {
	case st == nil:
		return stores.ErrNotFound
	case st.version != expected:
		return stores.ErrConflict
	}
	moves := st.owner() != row.Owner
	if moves {
		t.disown(st)
	}
	st.set(row)
	if minute(st.expires) < st.due { // it fades: look earlier
		s.unwatch(st)
		s.watch(st)
	}
	if moves {
		t.own(st, row.Owner)
		t.line.join(st)
	}
	return nil
}

// Touch implements stores.Table.
func (t *Table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.records[h]; st != nil && st.version == version && nanos(expires) > st.expires {
		st.seen, st.expires = nanos(seen), nanos(expires)
	}
	return nil
}

// Delete implements stores.Table.
func (t *Table) Delete(ctx context.Context, h stores.Handle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.records[h]; st != nil {
		t.remove(s, st)
	}
	return nil
}

// remove takes a record out of a shard that is locked.
func (t *Table) remove(s *shard, st *stored) {
	delete(s.records, st.handle)
	s.unwatch(st)
	t.disown(st)
	t.line.leave(st)
	t.count.Add(-1)
}
