package stores

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

func TestT3_APreviousVerifierIsValidAsLongAsTheRecordSays(t *testing.T) {
	now := time.Now()
	var h Handle
	var old, current secret
	old[0], current[0] = 1, 2
	rec := Record{Version: 1, Verifier: current.verifier("sid"), Previous: old.verifier("sid"), PreviousUntil: now.Add(30 * time.Second), Renewed: now, Created: now, Seen: now, Expires: now.Add(time.Hour)}
	k := Keep(single{row: rec.Row()})
	for _, c := range []struct {
		s    secret
		at   time.Time
		want error
	}{
		{current, now, nil},
		{old, now.Add(29 * time.Second), nil},
		{old, now.Add(31 * time.Second), ErrStale},
		{old, now.Add(61 * time.Second), ErrNotFound},
		{secret{9}, now, ErrStale},
	} {
		if _, err := k.Load(t.Context(), join(h, c.s, "sid"), c.at); !errors.Is(err, c.want) {
			t.Errorf("secret %d after %v: %v; want %v", c.s[0], c.at.Sub(now), err, c.want)
		}
	}
}

// single is a table of one row.
type single struct {
	Table
	row Row
}

func (s single) Load(context.Context, Handle) (Row, error) { return s.row, nil }

func TestKeepRandRepeatsExactly(t *testing.T) {
	mint := func() string {
		token, err := KeepRand(saved{}, bytes.NewReader(bytes.Repeat([]byte{7}, 1000))).Save(t.Context(), Token{}, Record{}, true)
		if err != nil {
			t.Fatal(err)
		}
		return token.Reveal()
	}
	if a, b := mint(), mint(); a != b || len(a) != tokenLen {
		t.Errorf("%q and %q", a, b)
	}
	if _, err := KeepRand(saved{}, bytes.NewReader(nil)).Save(t.Context(), Token{}, Record{}, true); err == nil {
		t.Error("no random bytes are no error")
	}
}

// saved is a table that takes everything.
type saved struct{ Table }

func (saved) Save(context.Context, Handle, uint64, Row) error { return nil }
