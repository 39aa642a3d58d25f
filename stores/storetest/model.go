package storetest

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/stores"
)

// tableIsAMap drives a table and a map with the same calls and compares what they say.
func tableIsAMap(s *suite) {
	compare := s.compare
	if s.short && !testing.Short() { // rapid knows the flag, and not the option
		compare = everyFifth(compare)
	}
	if t, sub := s.tb.(testingT); sub {
		rapid.Check(t.T, compare)
		return
	}
	rapid.Check(s.tb, compare)
}

// everyFifth makes every fifth check of a property, as rapid does with -short. After the first failure it makes each one,
// because rapid repeats the check that failed.
func everyFifth(property func(*rapid.T)) func(*rapid.T) {
	n, failed := 0, false
	return func(t *rapid.T) {
		if n++; n%5 != 0 && !failed {
			return
		}
		passed := false
		defer func() { failed = failed || !passed || t.Failed() }()
		property(t)
		passed = true
	}
}

// A model is what a table should be.
type model struct {
	*suite
	t       *rapid.T
	handles []stores.Handle
	owners  []string
	records map[stores.Handle]stores.Record
}

func (s *suite) compare(t *rapid.T) {
	m := &model{
		suite: s, t: t, records: map[stores.Handle]stores.Record{},
		handles: []stores.Handle{newHandle(), newHandle(), newHandle()},
		owners:  []string{"", newName(), newName()},
	}
	calls := map[string]func(*rapid.T){
		"": m.check, "insert": m.insertAny, "save": m.saveAny, "touch": m.touchAny, "delete": m.deleteAny,
	}
	if sweeper, ok := s.table.(stores.Sweeper); ok {
		calls["sweep"] = func(t *rapid.T) {
			if _, err := sweeper.Sweep(s.ctx, s.now); err != nil {
				t.Errorf("sweep: %v", err)
			}
		}
	}
	defer func() {
		for _, h := range m.handles {
			_ = s.table.Delete(s.ctx, h)
		}
	}()
	t.Repeat(calls)
}

func (m *model) handle() stores.Handle { return rapid.SampledFrom(m.handles).Draw(m.t, "handle") }

func (m *model) record() stores.Record {
	rec := m.plain()
	rec.Version = rapid.Uint64Range(1, 6).Draw(m.t, "version")
	rec.Owner = rapid.SampledFrom(m.owners).Draw(m.t, "owner")
	rec.Verifier = fill(rapid.Byte().Draw(m.t, "verifier"))
	rec.Data = data(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), rapid.String(), 0, 3).Draw(m.t, "data"))
	rec.Seen, rec.Expires = m.times()
	return rec
}

func (m *model) times() (seen, expires time.Time) {
	d := time.Duration(rapid.IntRange(1, 5).Draw(m.t, "minutes")) * time.Minute
	return m.now.Add(d), m.now.Add(30*time.Minute + d)
}

func (m *model) insertAny(t *rapid.T) {
	m.t = t
	m.put(m.handle(), 0, m.record())
}

func (m *model) saveAny(t *rapid.T) {
	m.t = t
	h := m.handle()
	seen := m.records[h].Version
	if seen == 0 || rapid.IntRange(0, 3).Draw(t, "mostly the right version") == 0 {
		seen = rapid.Uint64Range(1, 6).Draw(t, "seen")
	}
	m.put(h, seen, m.record())
}

func (m *model) put(h stores.Handle, expected uint64, rec stores.Record) {
	old, had := m.records[h]
	var want error
	switch {
	case expected == 0 && had, expected != 0 && had && old.Version != expected:
		want = stores.ErrConflict
	case expected != 0 && !had:
		want = stores.ErrNotFound
	default:
		m.records[h] = rec
	}
	rec.Handle = h
	if err := m.table.Save(m.ctx, h, expected, rec.Row()); !errors.Is(err, want) {
		m.t.Fatalf("save with expected %d: error %v; want %v", expected, err, want)
	}
}

func (m *model) touchAny(t *rapid.T) {
	m.t = t
	h, version := m.handle(), rapid.Uint64Range(1, 6).Draw(t, "version")
	seen, expires := m.times()
	if rec, ok := m.records[h]; ok && rec.Version == version && expires.After(rec.Expires) {
		rec.Seen, rec.Expires = seen, expires
		m.records[h] = rec
	}
	if err := m.table.Touch(m.ctx, h, version, seen, expires); err != nil {
		t.Fatalf("touch: %v", err)
	}
}

func (m *model) deleteAny(t *rapid.T) {
	m.t = t
	h := m.handle()
	delete(m.records, h)
	if err := m.table.Delete(m.ctx, h); err != nil {
		t.Fatalf("delete: %v", err)
	}
}

// check compares all there is.
func (m *model) check(t *rapid.T) {
	for i, h := range m.handles {
		got, err := m.load(h)
		want, had := m.records[h]
		switch {
		case !had && !errors.Is(err, stores.ErrNotFound):
			t.Fatalf("load %d: error %v; want ErrNotFound", i, err)
		case had && err != nil:
			t.Fatalf("load %d: %v", i, err)
		case had && m.difference(got, want) != "":
			t.Fatalf("loaded %d: its %s", i, m.difference(got, want))
		}
	}
	lister, ok := m.table.(stores.Lister)
	if !ok {
		return
	}
	for _, owner := range m.owners[1:] {
		recs, err := lister.List(m.ctx, owner)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		want := 0
		for _, rec := range m.records {
			if rec.Owner == owner {
				want++
			}
		}
		for _, rec := range recs {
			if has, ok := m.records[rec.Handle]; !ok || has.Owner != owner {
				t.Fatalf("listed a record that is not the owner's")
			}
		}
		if len(recs) != want {
			t.Fatalf("listed %d records; want %d", len(recs), want)
		}
	}
}
