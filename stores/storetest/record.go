package storetest

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// data gives session data of one value under each key.
func data(values map[string]string) stores.Data {
	var s session.Session
	for k, v := range values {
		s = session.Key[string](k).Set(s, v)
	}
	return s.Data()
}

// plain gives the least that a record has.
func (s *suite) plain() stores.Record {
	return stores.Record{
		Version: 1, Verifier: fill(1), Created: s.now, Seen: s.now, Expires: s.now.Add(30 * time.Minute),
	}
}

// full gives a record that has something in every field, all different.
func (s *suite) full() stores.Record {
	return stores.Record{
		Handle: newHandle(), Data: data(map[string]string{"theme": "dark", "empty": "", "lang": "fr", "ключ": "значение"}),
		Version: 1 << 40, Verifier: fill(2), Previous: fill(3), Owner: newName(),
		Created: s.now.Add(-3 * time.Hour), Authenticated: s.now.Add(-2 * time.Hour), Renewed: s.now.Add(-time.Hour),
		Seen: s.now.Add(-time.Microsecond), Expires: s.now.Add(time.Hour + 123456*time.Microsecond),
		PreviousUntil: s.now.Add(30 * time.Second), Idle: 45*time.Minute + 1, Absolute: 48*time.Hour + 2, Persistent: true,
	}
}

func fill(b byte) (v [32]byte) {
	for i := range v {
		v[i] = b*31 + byte(i)*7
	}
	return v
}

// findLost notes the fields that the table does not keep. T1 reports each; other laws then look at the rest, so that one
// mistake is one failure.
func (s *suite) findLost() {
	s.lost = map[string]bool{}
	h, first := newHandle(), s.full()
	seen := uint64(0)
	for i, rec := range []stores.Record{first, s.plain(), first} {
		rec.Handle, rec.Version = h, uint64(i+1)
		if s.table.Save(s.ctx, h, seen, rec.Row()) != nil {
			break // T2 reports that
		}
		seen = rec.Version
		got, err := s.load(h)
		if err != nil {
			break
		}
		for name := range differences(got, rec) {
			s.lost[name] = true
		}
	}
	_ = s.table.Delete(s.ctx, h)
}

// difference says which fields are not as they should be, "" for none.
func (s *suite) difference(got, want stores.Record) string {
	var parts []string
	for name, text := range differences(got, want) {
		if !s.lost[name] {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// differences yields the fields that are not equal. The handle is the key.
func differences(got, want stores.Record) iter.Seq2[string, string] {
	return func(yield func(name, text string) bool) {
		g, w := reflect.ValueOf(got), reflect.ValueOf(want)
		for i := range g.NumField() {
			name := g.Type().Field(i).Name
			a, b := g.Field(i).Interface(), w.Field(i).Interface()
			if name == "Handle" || equal(a, b) {
				continue
			}
			text := fmt.Sprintf("%s is %s; want %s", name, spell(a), spell(b))
			if d, ok := a.(stores.Data); ok {
				text += "\n" + ringtest.Diff(session.Of(b.(stores.Data)), session.Of(d))
			}
			if !yield(name, text) {
				return
			}
		}
	}
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		return a.Equal(b.(time.Time))
	case stores.Data:
		return a.Equal(b.(stores.Data))
	}
	return a == b
}

func spell(v any) string {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return "the zero time"
		}
		return v.UTC().Format(time.RFC3339Nano)
	case stores.Data:
		return fmt.Sprintf("%d bytes of %d keys", v.Size(), v.Len())
	case [32]byte:
		return fmt.Sprintf("%x…", v[:4])
	}
	return fmt.Sprintf("%v", v)
}

// insert saves rec under a new handle.
func (s *suite) insert(rec stores.Record) stores.Handle {
	s.Helper()
	h := newHandle()
	s.save(h, 0, rec)
	return h
}

// insertBytes saves rec with another body under a new handle.
func (s *suite) insertBytes(rec stores.Record, body []byte) stores.Handle {
	s.Helper()
	h := newHandle()
	row := rec.Row()
	row.Handle, row.Body = h, stores.BodyOf(body)
	if err := s.table.Save(s.ctx, h, 0, row); err != nil {
		s.Fatalf("insert: %v", err)
	}
	return h
}

// load returns the record of the row under h.
func (s *suite) load(h stores.Handle) (stores.Record, error) {
	row, err := s.table.Load(s.ctx, h)
	if err != nil {
		return stores.Record{}, err
	}
	row.Handle = h
	return row.Record()
}

// save saves where that must work.
func (s *suite) save(h stores.Handle, expected uint64, rec stores.Record) {
	s.Helper()
	rec.Handle = h
	if err := s.table.Save(s.ctx, h, expected, rec.Row()); err != nil {
		s.Fatalf("save with expected %d: %v", expected, err)
	}
}

func (s *suite) touch(h stores.Handle, version uint64, seen, expires time.Time) {
	s.Helper()
	if err := s.table.Touch(s.ctx, h, version, seen, expires); err != nil {
		s.Errorf("touch: %v; want no error", err)
	}
}

func (s *suite) delete(h stores.Handle) {
	s.Helper()
	if err := s.table.Delete(s.ctx, h); err != nil {
		s.Fatalf("delete: %v; want no error", err)
	}
}

// refused saves where the answer must be want.
func (s *suite) refused(h stores.Handle, expected uint64, rec stores.Record, want error) {
	s.Helper()
	rec.Handle = h
	if err := s.table.Save(s.ctx, h, expected, rec.Row()); !errors.Is(err, want) {
		s.Errorf("save with expected %d: error %v; want %v", expected, err, want)
	}
}

// has checks what is stored.
func (s *suite) has(h stores.Handle, want stores.Record) {
	s.Helper()
	got, err := s.load(h)
	if err != nil {
		s.Errorf("load: %v; want the record", err)
		return
	}
	if d := s.difference(got, want); d != "" {
		s.Errorf("loaded a record whose %s", d)
	}
}

// isThere is has without looking at more than whether there is a record.
func (s *suite) isThere(h stores.Handle) {
	s.Helper()
	if _, err := s.table.Load(s.ctx, h); err != nil {
		s.Errorf("load: %v; want the record", err)
	}
}

func (s *suite) hasNot(h stores.Handle) {
	s.Helper()
	if row, err := s.table.Load(s.ctx, h); !errors.Is(err, stores.ErrNotFound) {
		s.Errorf("load: %v, version %d; want ErrNotFound", err, row.Version)
	}
}
