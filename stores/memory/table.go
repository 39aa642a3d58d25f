package memory

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// ErrFull is returned by Save where Max is reached and there is no anonymous session to take the place of.
var ErrFull = errors.New("memory: full: as many sessions as Max allows, and all have owners")

const shardCount = 256

// Table is the session.Table of a Store.
type Table struct {
	shards [shardCount]shard
	owners [shardCount]owners
	seed   maphash.Seed
	count  atomic.Int64
	max    int // 0: no bound
	line   line
}

var (
	_ session.Table   = (*Table)(nil)
	_ session.Lister  = (*Table)(nil)
	_ session.Sweeper = (*Table)(nil)
)

type shard struct {
	mu      sync.RWMutex
	records map[session.Handle]stored
	due     map[int64][]session.Handle // handles by the minute in which to look whether they have expired
}

// stored is a session.Record with its times as nanoseconds, a third of the size.
type stored struct {
	data                                                          session.Data
	version                                                       uint64
	verifier, previous                                            [32]byte
	owner                                                         string
	previousUntil, created, authenticated, renewed, seen, expires int64
	idle, absolute                                                time.Duration
	due                                                           int64 // the minute of shard.due that is responsible
	persistent                                                    bool
}

// NewTable makes an empty table, for tests of tables; a site uses [New].
func NewTable(options ...Option) *Table {
	t := &Table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].records = map[session.Handle]stored{}
		t.shards[i].due = map[int64][]session.Handle{}
		t.owners[i].handles = map[string]map[session.Handle]struct{}{}
	}
	for _, o := range options {
		o(t)
	}
	return t
}

// Len returns the number of records.
func (t *Table) Len() int { return int(t.count.Load()) }

func (t *Table) shard(h session.Handle) *shard { return &t.shards[h[0]] }

// Load implements session.Table.
func (t *Table) Load(ctx context.Context, h session.Handle) (session.Record, error) {
	if err := ctx.Err(); err != nil {
		return session.Record{}, err
	}
	s := t.shard(h)
	s.mu.RLock()
	st, ok := s.records[h]
	s.mu.RUnlock()
	if !ok {
		return session.Record{}, session.ErrNotFound
	}
	return st.record(h), nil
}

// Save implements session.Table.
func (t *Table) Save(ctx context.Context, h session.Handle, seen uint64, rec session.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if seen != 0 {
		moved, err := t.replace(h, seen, rec)
		if moved {
			t.line.join(t, h, rec.Owner != "")
		}
		return err
	}
	if err := t.makeRoom(rec.Owner != ""); err != nil {
		return err
	}
	if err := t.insert(h, rec); err != nil {
		t.count.Add(-1)
		return err
	}
	t.line.join(t, h, rec.Owner != "")
	return nil
}

// insert adds a record that makeRoom has counted.
func (t *Table) insert(h session.Handle, rec session.Record) error {
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.records[h]; ok {
		return session.ErrConflict
	}
	st := of(rec)
	s.watch(h, &st)
	s.records[h] = st
	t.own(rec.Owner, h)
	return nil
}

// replace also reports whether the record has another owner now.
func (t *Table) replace(h session.Handle, seen uint64, rec session.Record) (moved bool, err error) {
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.records[h]
	switch {
	case !ok:
		return false, session.ErrNotFound
	case old.version != seen:
		return false, session.ErrConflict
	}
	st := of(rec)
	st.due = old.due
	if minute(st.expires) < st.due { // it fades: look earlier
		s.watch(h, &st)
	}
	s.records[h] = st
	if old.owner == rec.Owner {
		return false, nil
	}
	t.disown(old.owner, h)
	t.own(rec.Owner, h)
	return true, nil
}

// Touch implements session.Table.
func (t *Table) Touch(ctx context.Context, h session.Handle, version uint64, seen, expires time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.records[h]; ok && st.version == version && nanos(expires) > st.expires {
		st.seen, st.expires = nanos(seen), nanos(expires)
		s.records[h] = st
	}
	return nil
}

// Delete implements session.Table.
func (t *Table) Delete(ctx context.Context, h session.Handle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	t.remove(s, h)
	return nil
}

// remove takes a record out of a shard that is locked.
func (t *Table) remove(s *shard, h session.Handle) {
	st, ok := s.records[h]
	if !ok {
		return
	}
	delete(s.records, h)
	t.disown(st.owner, h)
	t.count.Add(-1)
}

func of(r session.Record) stored {
	return stored{
		data: r.Data, version: r.Version, verifier: r.Verifier, previous: r.Previous, owner: r.Owner,
		previousUntil: nanos(r.PreviousUntil), created: nanos(r.Created), authenticated: nanos(r.Authenticated),
		renewed: nanos(r.Renewed), seen: nanos(r.Seen), expires: nanos(r.Expires),
		idle: r.Idle, absolute: r.Absolute, persistent: r.Persistent,
	}
}

func (st stored) record(h session.Handle) session.Record {
	return session.Record{
		Handle: h, Data: st.data, Version: st.version, Verifier: st.verifier, Previous: st.previous, Owner: st.owner,
		PreviousUntil: moment(st.previousUntil), Created: moment(st.created), Authenticated: moment(st.authenticated),
		Renewed: moment(st.renewed), Seen: moment(st.seen), Expires: moment(st.expires),
		Idle: st.idle, Absolute: st.absolute, Persistent: st.persistent,
	}
}

// nanos gives a time as nanoseconds since 1970; 0 stands for the zero time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
