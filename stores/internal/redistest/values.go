package redistest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
)

// isAnswer reports whether an error says something about a session.
func isAnswer(err error) bool {
	return err == nil || errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict)
}

func foreignValues(t *testing.T, open Open) {
	p := newPlace(t, open)
	whole := func() string {
		v, _, _ := p.client.Get(ctx, p.key(p.insert(t, record(""))))
		return v
	}()
	for name, c := range map[string]struct {
		value      string
		load, save error
	}{
		"nothing":                    {"", stores.ErrUndecodable, stores.ErrUndecodable},
		"zeros":                      {strings.Repeat("\x00", 200), stores.ErrUndecodable, stores.ErrUndecodable},
		"half a head":                {whole[:20], stores.ErrUndecodable, stores.ErrUndecodable},
		"a head that is cut":         {whole[:head-1], stores.ErrUndecodable, stores.ErrConflict},
		"a layout of tomorrow":       {"\x02" + whole[1:], stores.ErrNewerFormat, stores.ErrUndecodable},
		"a layout that is damaged":   {"\x81" + whole[1:], stores.ErrUndecodable, stores.ErrUndecodable},
		"a page":                     {"<html>", stores.ErrUndecodable, stores.ErrUndecodable},
		"a head without a record":    {whole[:head], stores.ErrUndecodable, stores.ErrConflict},
		"a head that is too long":    {whole[:head-2] + "\xff\xff" + whole[head:], stores.ErrUndecodable, stores.ErrConflict},
		"a record of another format": {whole[:head] + "\x02" + whole[head+1:], stores.ErrNewerFormat, stores.ErrConflict},
		"a megabyte":                 {"\x01" + strings.Repeat("\x00", 1<<20), stores.ErrUndecodable, stores.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandle()
			put(t, p.client, p.key(h), c.value)
			if rec, err := p.read(h); !errors.Is(err, c.load) || rec.Data.Len() != 0 {
				t.Errorf("load: %v; want %v", err, c.load)
			}
			if err := p.Save(ctx, h, 99, record("").Row()); !errors.Is(err, c.save) {
				t.Errorf("save: %v; want %v", err, c.save)
			}
			if err := p.Save(ctx, h, 0, record("").Row()); !errors.Is(err, stores.ErrConflict) {
				t.Errorf("insert: %v; want ErrConflict", err)
			}
			if err := p.Touch(ctx, h, 99, time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Errorf("touch: %v; want no error", err)
			}
			if v, _, err := p.client.Get(ctx, p.key(h)); v != c.value || err != nil {
				t.Errorf("there are %d bytes, %v; want what was there", len(v), err)
			}
		})
	}
	t.Run("T5 none of these hides a session of the owner", func(t *testing.T) {
		whole := p.insert(t, record("ann"))
		want := map[stores.Handle]bool{whole: true}
		for _, value := range []string{"", "<html>", "\x02 a layout of tomorrow", "\x01 a head that is cut"} {
			h := p.insert(t, record("ann"))
			put(t, p.client, p.key(h), value)
			want[h] = true
		}
		list := p.insert(t, record("ann"))
		p.do(t, "DEL", p.key(list))
		p.do(t, "LPUSH", p.key(list), "x")
		p.do(t, "PEXPIRE", p.key(list), "600000")
		recs, err := p.List(ctx, "ann")
		if isAnswer(err) || !strings.Contains(err.Error(), "WRONGTYPE") {
			t.Errorf("list: %v; want what the server says of the value of another type", err)
		}
		for _, rec := range recs {
			if !want[rec.Handle] || rec.Owner != "ann" {
				t.Errorf("listed %v of %q", rec.Handle, rec.Owner)
			}
			delete(want, rec.Handle)
		}
		if len(want) > 0 {
			t.Errorf("%d are not listed", len(want))
		}
		if n, err := stores.Keep(p.Table).(stores.Owners).DeleteOwned(ctx, "ann"); n != 5 || err == nil {
			t.Errorf("ended %d, %v; want 5, and what the server says", n, err)
		}
		if _, err := p.Load(ctx, whole); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("load: %v; want ErrNotFound", err)
		}
	})
	t.Run("a value of another type", func(t *testing.T) {
		h := newHandle()
		p.do(t, "LPUSH", p.key(h), "x")
		p.do(t, "PEXPIRE", p.key(h), "600000")
		for call, err := range map[string]error{
			"load":   second(p.Load(ctx, h)),
			"insert": p.Save(ctx, h, 0, record("").Row()),
			"save":   p.Save(ctx, h, 7, record("").Row()),
			"touch":  p.Touch(ctx, h, 7, time.Now(), time.Now().Add(time.Hour)),
		} {
			if isAnswer(err) || !strings.Contains(err.Error(), "WRONGTYPE") {
				t.Errorf("%s: %v; want what the server says", call, err)
			}
		}
	})
	t.Run("a list of another type", func(t *testing.T) {
		p.do(t, "SET", p.list("ann"), "x", "PX", "600000")
		h := newHandle()
		if err := p.Save(ctx, h, 0, record("ann").Row()); isAnswer(err) {
			t.Errorf("save: %v; want a failure", err)
		}
		if _, err := p.Load(ctx, h); !errors.Is(err, stores.ErrNotFound) {
			t.Errorf("load: %v; want no session that nobody lists", err)
		}
		if _, err := p.List(ctx, "ann"); isAnswer(err) {
			t.Errorf("list: %v; want a failure", err)
		}
	})
}

// read loads a row and reads the record in it.
func (p *place) read(h stores.Handle) (stores.Record, error) {
	row, err := p.Load(ctx, h)
	if err != nil {
		return stores.Record{}, err
	}
	return row.Record()
}

func second[T any](_ T, err error) error { return err }

func bound(t *testing.T, open Open) {
	p := newPlace(t, open, redistable.MaxBytes(2000))
	wide := redistable.New(p.client, redistable.Prefix(p.prefix), redistable.MaxBytes(100_000))
	sized := func(n int) stores.Record {
		rec := record("")
		noise := make([]byte, n)
		_, _ = rand.Read(noise)
		rec.Data = session.Key[[]byte]("noise").Set(session.Session{}, noise).Data()
		return rec
	}
	h := newHandle()
	if err := p.Save(ctx, h, 0, sized(4000).Row()); isAnswer(err) {
		t.Errorf("save of too much: %v; want a failure", err)
	}
	if err := wide.Save(ctx, h, 0, sized(90_000).Row()); err != nil {
		t.Fatalf("save with a wider bound: %v", err)
	}
	if row, err := wide.Load(ctx, h); err != nil {
		t.Errorf("load with a wider bound: %v", err)
	} else if _, err := row.Record(); err != nil {
		t.Errorf("read with a wider bound: %v", err)
	}
	if _, err := p.read(h); !errors.Is(err, stores.ErrUndecodable) {
		t.Errorf("load of too much: %v; want ErrUndecodable", err)
	}
	p.insert(t, sized(1900))
}

func forgottenScripts(t *testing.T, open Open) {
	p := newPlace(t, open)
	flush := func() { p.do(t, "SCRIPT", "FLUSH") }
	rec := record("ann")
	h := newHandle()
	flush()
	p.save(t, h, 0, rec)
	flush()
	next := rec
	next.Version = 8
	p.save(t, h, 7, next)
	flush()
	if err := p.Touch(ctx, h, 8, rec.Seen.Add(time.Minute), rec.Expires.Add(time.Minute)); err != nil {
		t.Fatalf("touch: %v", err)
	}
	flush()
	if err := p.Save(ctx, h, 7, next.Row()); !errors.Is(err, stores.ErrConflict) {
		t.Errorf("save: %v; want ErrConflict", err)
	}
	got, err := p.Load(ctx, h)
	if err != nil || got.Version != 8 || !got.Expires.Equal(rec.Expires.Add(time.Minute)) {
		t.Errorf("loaded version %d until %v, %v", got.Version, got.Expires, err)
	}
}

// lostAnswer runs a save whose answer is lost: a client that sent it again would be told of a conflict with itself.
func lostAnswer(t *testing.T, open Open) {
	proxy := NewProxy(t, Single(t))
	p := placeAt(open(t, "", "", proxy.Addr()), proxy.target)
	rec := record("")
	h := p.insert(t, rec)
	next := rec
	next.Version = 8
	limited, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	proxy.Lose()
	if err := p.Save(limited, h, 7, next.Row()); isAnswer(err) {
		t.Errorf("save: %v; want a failure", err)
	}
	got, err := p.Load(limited, h)
	if err != nil || got.Version != 8 {
		t.Errorf("loaded version %d, %v; want the one that was saved", got.Version, err)
	}
}

func clocks(t *testing.T, open Open) {
	p := newPlace(t, open)
	for _, off := range []time.Duration{-time.Hour, 0, time.Hour} {
		t.Run("a caller whose clock is off by "+off.String(), func(t *testing.T) {
			began, rec := time.Now(), record("ann")
			rec.Created, rec.Seen, rec.Expires = rec.Created.Add(off), rec.Seen.Add(off), rec.Expires.Add(off)
			h := p.insert(t, rec)
			p.lives(t, h, 31*time.Minute, began)
			if err := p.Touch(ctx, h, 7, rec.Seen.Add(time.Minute), rec.Expires.Add(6*time.Minute)); err != nil {
				t.Errorf("touch: %v", err)
			}
			p.lives(t, h, 36*time.Minute, began)
			if recs, err := p.List(ctx, "ann"); err != nil || len(recs) == 0 {
				t.Errorf("listed %d, %v; want it among them", len(recs), err)
			}
			store := stores.Keep(p.Table)
			token, err := store.Save(ctx, stores.Token{}, rec, false)
			if err != nil {
				t.Fatalf("save: %v", err)
			}
			if _, err := store.Load(ctx, token, rec.Expires.Add(-time.Second)); err != nil {
				t.Errorf("before it expires by the caller's clock: %v", err)
			}
			if _, err := store.Load(ctx, token, rec.Expires); !errors.Is(err, stores.ErrExpired) {
				t.Errorf("when it expires by the caller's clock: %v; want ErrExpired", err)
			}
		})
	}
	t.Run("one that never expires", func(t *testing.T) {
		rec := record("ann")
		rec.Expires = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
		h := p.insert(t, rec)
		if got, err := p.Load(ctx, h); err != nil || !got.Expires.Equal(rec.Expires) {
			t.Errorf("loaded %v, %v", got.Expires, err)
		}
		if err := p.outlives(t, h, "ann"); err != nil {
			t.Error(err)
		}
	})
	t.Run("one that had expired when it was written stays for a minute", func(t *testing.T) {
		began, rec := time.Now(), record("")
		rec.Expires = rec.Seen.Add(-time.Hour)
		p.lives(t, p.insert(t, rec), time.Minute, began)
	})
}

// lives checks for how long the server keeps a session that was written after a moment.
func (p *place) lives(t testing.TB, h stores.Handle, want time.Duration, since time.Time) {
	t.Helper()
	const rounded = time.Second
	ms := p.do(t, "PTTL", p.key(h)).(int64)
	if got := time.Duration(ms) * time.Millisecond; got > want || got < want-time.Since(since)-rounded {
		t.Errorf("the server keeps it for %v; want %v", got, want)
	}
}
