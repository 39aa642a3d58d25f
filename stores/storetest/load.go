package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

var tableLaws = []law{
	{"T1 load gives what was saved", aTable, loadGivesWhatWasSaved},
	{"T2 save is conditional", aTable, saveIsConditional},
	{"T2 save is one atomic step", aTable, saveIsAtomic},
	{"T3 renewal is one save", aTable, renewalIsOneSave},
	{"T4 delete ends a record", aTable, deleteEnds},
	{"T4 sweep takes what has been expired for a minute", aSweeper, sweepTakesTheExpired},
	{"T5 records know their owner", aLister, recordsKnowTheirOwner},
	{"T5 a scan yields each record once", aScanner, scanYieldsEachOnce},
	{"T6 every call honours its context", aTable, callsHonourTheirContext},
	{"S8 a touch is not a write", aTable, touchIsNoWrite},
	{"T any sequence of calls does what a map would", aTable, tableIsAMap},
}

func loadGivesWhatWasSaved(s *suite) {
	s.that("a record with every field set", func(s *suite) { s.roundTrip(s.full()) })
	s.that("a record with no field set that need not be", func(s *suite) { s.roundTrip(s.plain()) })
	s.that("each field alone, inserted and replaced", eachField)
	s.that("what was never saved is not found", func(s *suite) {
		s.hasNot(newHandle())
		s.hasNot(stores.Handle{})
	})
	s.that("handles that differ in one bit", handlesOfOneBit)
	s.that("handles of any bytes", func(s *suite) {
		for _, text := range []string{strings.Repeat("\x00", 18), strings.Repeat("\xff", 18), "'; DROP TABLE x;--", "%_*?[a-z]{}\\\"`$\x00\n\r"} {
			var h stores.Handle
			copy(h[:], text)
			want := s.plain()
			_ = s.table.Delete(s.ctx, h) // where the same table has seen this before
			s.save(h, 0, want)
			s.has(h, want)
			_ = s.table.Delete(s.ctx, h)
		}
	})
	s.that("every byte in keys and values", func(s *suite) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		rec := s.plain()
		rec.Data = session.Key[[]byte]("bytes \x00'\"\\%_;\n€").Set(session.Session{}, all).Data()
		s.roundTrip(rec)
	})
	s.that("owners of any text", func(s *suite) {
		for _, owner := range []string{"ann", "Ann", "ann ", " ann", "a'n\"n\\`%_;--", "änn", "a\u0308nn", "\n", "0", "NULL", "😀", strings.Repeat("x", 255)} {
			rec := s.plain()
			rec.Owner = owner
			s.roundTrip(rec)
		}
	})
	s.that("data as large as a session may be", func(s *suite) {
		rec := s.plain()
		noise := make([]byte, 60<<10)
		_, _ = rand.Read(noise)
		rec.Data = session.Key[[]byte]("noise").Set(session.Session{}, noise).Data()
		s.roundTrip(rec)
	})
	s.that("versions of all 64 bits", func(s *suite) {
		for _, v := range []uint64{1, 1 << 31, 1 << 32, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			rec := s.plain()
			rec.Version = v
			s.roundTrip(rec)
		}
	})
	s.that("what was loaded is not changed by what comes after", func(s *suite) {
		rec := s.full()
		h := s.insert(rec)
		loaded, err := s.load(h)
		if err != nil {
			s.Fatalf("load: %v", err)
		}
		b := loaded.Data.Bytes()
		clear(b)
		next := s.plain()
		next.Version = 2
		s.save(h, rec.Version, next)
		s.delete(h)
		if d := s.difference(loaded, rec); d != "" {
			s.Errorf("the loaded record's %s", d)
		}
	})
	s.that("a body that is no session", noSession)
}

// roundTrip saves a record and loads it, inserted as well as in the place of another one.
func (s *suite) roundTrip(rec stores.Record) {
	s.Helper()
	s.has(s.insert(rec), rec)
	before := s.plain()
	before.Version = 77
	h := s.insert(before)
	s.save(h, 77, rec)
	s.has(h, rec)
}

func eachField(s *suite) {
	full := reflect.ValueOf(s.full())
	for i := range full.NumField() {
		one := s.plain()
		reflect.ValueOf(&one).Elem().Field(i).Set(full.Field(i))
		s.roundTrip(one)
		// And it goes away again.
		h := s.insert(one)
		next := s.plain()
		next.Version = 88
		s.save(h, one.Version, next)
		s.has(h, next)
	}
}

func handlesOfOneBit(s *suite) {
	h := newHandle()
	var all []stores.Handle
	for bit := 0; bit < 8*len(h); bit += s.many(1, 7) {
		other := h
		other[bit/8] ^= 1 << (bit % 8)
		all = append(all, other)
	}
	for i, h := range all {
		rec := s.plain()
		rec.Version = uint64(i + 1)
		s.save(h, 0, rec)
	}
	s.hasNot(h)
	for i, h := range all {
		rec := s.plain()
		rec.Version = uint64(i + 1)
		s.has(h, rec)
	}
}

// noSession checks that a table looks at no body: a damaged one is for Keep to find.
func noSession(s *suite) {
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   error
	}{
		"a newer format":       {newerFormat, stores.ErrNewerFormat},
		"nothing":              {func([]byte) []byte { return []byte{} }, stores.ErrUndecodable},
		"broken off":           {brokenOff, stores.ErrUndecodable},
		"too long":             {func(b []byte) []byte { return append(bytes.Clone(b), 0xc0) }, stores.ErrUndecodable},
		"a huge length":        {func(b []byte) []byte { return []byte{b[0], 0xdf, 0xff, 0xff, 0xff, 0xff} }, stores.ErrUndecodable},
		"a page":               {func([]byte) []byte { return []byte("<html>") }, stores.ErrUndecodable},
		"a number":             {func([]byte) []byte { return []byte("12") }, stores.ErrUndecodable},
		"a damaged first byte": {func(b []byte) []byte { return append([]byte{b[0] | 0x80}, b[1:]...) }, stores.ErrUndecodable},
	} {
		rec := s.full()
		body := c.change(rec.Row().Body.Bytes())
		h := s.insertBytes(rec, body)
		switch row, err := s.table.Load(s.ctx, h); {
		case err != nil:
			s.Errorf("%s: error %v; want the row", name, err)
		case !bytes.Equal(row.Body.Bytes(), body):
			s.Errorf("%s: loaded another body", name)
		default:
			if _, err := stores.Keep(s.table).Load(s.ctx, stores.ByHandle(h), s.now); !errors.Is(err, c.want) {
				s.Errorf("%s: error %v; want one that is %v", name, err, c.want)
			}
		}
		_ = s.table.Delete(s.ctx, h) // T4 looks at that
	}
}

func newerFormat(b []byte) []byte { return append([]byte{b[0] + 1}, b[1:]...) }

func brokenOff(b []byte) []byte { return b[:len(b)-1] }
