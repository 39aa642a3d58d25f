package stores

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/internal/wire"
)

// rows returns the row of a record as a table of values and one of bytes return it.
func rows(r Record) map[string]Row {
	value, encoded := r.Row(), r.Row()
	encoded.Body = BodyOf(value.Body.Bytes())
	return map[string]Row{"as a value": value, "as bytes": encoded}
}

func TestT1_ARowGivesItsRecordBack(t *testing.T) {
	alone := func(change func(*Record)) Record {
		var r Record
		change(&r)
		return r
	}
	for name, rec := range map[string]Record{
		"everything":    full(),
		"nothing":       {},
		"PreviousUntil": alone(func(r *Record) { r.PreviousUntil = time.Unix(1, 2) }),
		"Previous":      alone(func(r *Record) { r.Previous = [32]byte{1} }),
		"Authenticated": alone(func(r *Record) { r.Authenticated = time.Unix(-1, -2) }),
		"Renewed":       alone(func(r *Record) { r.Renewed = time.Unix(1, 2) }),
		"Idle":          alone(func(r *Record) { r.Idle = -1 }),
		"Absolute":      alone(func(r *Record) { r.Absolute = 1 }),
		"Persistent":    alone(func(r *Record) { r.Persistent = true }),
		"Data":          alone(func(r *Record) { r.Data = someData() }),
	} {
		for form, row := range rows(rec) {
			got, err := row.Record()
			if err != nil || !same(got, rec) || got.Handle != rec.Handle || got.Owner != rec.Owner {
				t.Errorf("%s, %s: %+v, %v; want %+v", name, form, got, err, rec)
			}
			if !bytes.Equal(row.Body.Bytes(), rec.Row().Body.Bytes()) {
				t.Errorf("%s, %s: other bytes", name, form)
			}
		}
	}
}

// What is beside the body is the row's, whatever the body was saved with.
func TestS8_ARowSaysWhatATouchMoved(t *testing.T) {
	for form, row := range rows(full()) {
		row.Version, row.Owner, row.Seen, row.Expires = 5, "ann", time.Unix(50, 0), time.Unix(60, 0)
		got, err := row.Record()
		if err != nil || got.Version != 5 || got.Owner != "ann" || !got.Seen.Equal(row.Seen) || !got.Expires.Equal(row.Expires) {
			t.Errorf("%s: %+v, %v", form, got, err)
		}
	}
}

func TestARowTellsALogIn(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		rec  Record
		want bool
	}{
		{Record{Seen: now}, false},
		{Record{}, false},
		{Record{Owner: "ann", Seen: now, Authenticated: now}, true},
		{Record{Owner: "ann", Seen: now.Add(1), Authenticated: now}, false},
	} {
		if got := c.rec.Row().Login; got != c.want {
			t.Errorf("%+v: %v", c.rec, got)
		}
	}
}

func TestT1_ABodyThatIsNoSessionIsAnErrorOfTheStore(t *testing.T) {
	h := Handle{7}
	whole := full().Row().Body.Bytes()
	newer := bytes.Clone(whole)
	newer[0]++
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"nothing": {nil, ErrUndecodable}, "broken off": {whole[:len(whole)-1], ErrUndecodable}, "left over": {append(bytes.Clone(whole), 0), ErrUndecodable},
		"a page": {[]byte("<html>secret"), ErrUndecodable}, "a newer format": {newer, ErrNewerFormat},
	} {
		row := Row{Version: 3, Owner: "ann", Seen: time.Unix(5, 0), Expires: time.Unix(6, 0), Body: BodyOf(c.body)}
		if !bytes.Equal(row.Body.Bytes(), c.body) {
			t.Errorf("%s: the body has other bytes", name)
		}
		rec, err := Keep(single{row: row}).Load(t.Context(), join(h, secret{1}, "sid"), time.Now())
		if !errors.Is(err, c.want) || rec.Owner != "" || rec.Handle != (Handle{}) {
			t.Errorf("%s: %+v, %v; want nothing and %v", name, rec, err, c.want)
		}
		if err != nil && (!strings.Contains(err.Error(), h.String()) || strings.Contains(err.Error(), "html")) {
			t.Errorf("%s: %v; want the handle, and nothing of the content", name, err)
		}
	}
}

// listing is a table that has found some rows.
type listing struct {
	Table
	rows []Row
}

func (l listing) List(context.Context, string) ([]Row, error) { return l.rows, nil }

func TestT5_WhatCannotBeReadIsListedByWhatTheRowSays(t *testing.T) {
	damaged := Row{Handle: Handle{7}, Version: 3, Owner: "ann", Seen: time.Unix(5, 0), Expires: time.Unix(6, 0), Body: BodyOf("<html>")}
	whole := full().Row()
	recs, err := Keep(listing{rows: []Row{damaged, whole}}).(Owners).List(t.Context(), "ann")
	if err != nil || len(recs) != 2 || !same(recs[1], full()) {
		t.Fatalf("%+v, %v", recs, err)
	}
	want := Record{Handle: damaged.Handle, Version: 3, Owner: "ann", Seen: damaged.Seen, Expires: damaged.Expires}
	if !same(recs[0], want) || recs[0].Handle != want.Handle {
		t.Errorf("listed %+v; want %+v", recs[0], want)
	}
}

func TestC6_WhatKeepCouldNotReadIsNotSaved(t *testing.T) {
	for n, want := range map[int]error{maxBody - 1024: nil, maxBody: ErrTooLarge} {
		rec := full()
		rec.Data = Data(wire.Map{}.Put("k", wire.AppendBinHead(nil, n), strings.Repeat("x", n)))
		token, err := Keep(saved{}).Save(t.Context(), TokenOf("sid", ""), rec, false)
		if !errors.Is(err, want) || want != nil && !token.IsZero() {
			t.Errorf("%d bytes: %v; want %v", n, err, want)
		}
		if _, err := (Row{Body: BodyOf(rec.Row().Body.Bytes())}).Record(); (err == nil) != (want == nil) {
			t.Errorf("%d bytes: read with %v", n, err)
		}
	}
}

// A table in memory keeps a Body for each session.
func TestABodyIsSmall(t *testing.T) {
	if got := unsafe.Sizeof(Body{}); got > 88 {
		t.Errorf("%d bytes; want at most 88", got)
	}
	if got := unsafe.Sizeof(more{}); got > 64 {
		t.Errorf("the rest has %d bytes; want at most 64", got)
	}
}

func TestABodyOfAStringIsReadWithoutACopy(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	value := full().Row()
	text, b := string(value.Body.Bytes()), value.Body.Bytes()
	for name, c := range map[string]struct {
		body func() Body
		want float64
	}{
		"a value":  {func() Body { return value.Body }, 0},
		"a string": {func() Body { return BodyOf(text) }, 0},
		"bytes":    {func() Body { return BodyOf(b) }, 1},
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Row{Body: c.body()}.Record() }); n != c.want {
			t.Errorf("%s: %v allocations; want %v", name, n, c.want)
		}
	}
}
