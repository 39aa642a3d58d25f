package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestS3_ATokenHasOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Handle
		var s secret
		copy(h[:], rapid.SliceOfN(rapid.Byte(), len(h), len(h)).Draw(t, "handle"))
		copy(s[:], rapid.SliceOfN(rapid.Byte(), len(s), len(s)).Draw(t, "secret"))
		token := join(h, s, "sid")
		h2, s2, ok := token.split()
		if !ok || h2 != h || s2 != s || len(token.Reveal()) != tokenLen {
			t.Fatalf("%s does not come back", token.Reveal())
		}
		other := []byte(token.Reveal())
		i := rapid.IntRange(0, len(other)-1).Draw(t, "place")
		other[i] = rapid.SampledFrom([]byte("ABCabc019-_=+/ \n\x00")).Draw(t, "byte")
		if string(other) == token.Reveal() {
			return
		}
		if h3, s3, ok := TokenOf("sid", string(other)).split(); ok && h3 == h && s3 == s {
			t.Fatalf("%s has another spelling: %q", token.Reveal(), other)
		}
	})
}

func TestS3_NoTwoPairsOfSecretAndCookieAreHashedAlike(t *testing.T) {
	long := strings.Repeat("x", 200)
	names := []string{"", "a", "ab", "b", "__Host-session", "__Host-session-owner", "__Host-admin", long, long + "x"}
	seen := map[[32]byte]string{}
	for _, s := range []secret{{}, {0: 1}, {32: 'a'}, {32: 1}} {
		for _, name := range names {
			h := s.hash(name)
			if other, there := seen[h]; there {
				t.Errorf("%x in %q is hashed as %s", s, name, other)
			}
			seen[h] = fmt.Sprintf("%x in %q", s, name)
		}
	}
}

func TestAHandleComesBack(t *testing.T) {
	h := Handle{1, 2, 3, 255}
	if got, err := ParseHandle(h.String()); err != nil || got != h {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "short", strings.Repeat("=", 24), strings.Repeat("A", 25)} {
		if _, err := ParseHandle(bad); err == nil {
			t.Errorf("%q is a handle", bad)
		}
	}
}

func FuzzToken(f *testing.F) {
	f.Add(strings.Repeat("A", 68))
	f.Add("short")
	f.Add(strings.Repeat("\n", 68))
	f.Fuzz(func(t *testing.T, s string) {
		h, secret, ok := TokenOf("sid", s).split()
		if ok && join(h, secret, "sid").Reveal() != s {
			t.Fatalf("%q is read as another token", s)
		}
		if _, err := Keep(nothing{}).Load(t.Context(), TokenOf("sid", s), time.Now()); ok != errors.Is(err, ErrNotFound) || ok == errors.Is(err, ErrMalformed) {
			t.Fatalf("%q: ok %v, %v", s, ok, err)
		}
	})
}

// nothing is a table that has nothing.
type nothing struct{ Table }

func (nothing) Load(context.Context, Handle) (Record, error) { return Record{}, ErrNotFound }

func full() Record {
	at := func(s int64) time.Time { return time.Unix(s, 5) }
	return Record{
		Handle: Handle{7}, Data: Key[string]("k").Set(Counter("n").Add(Session{}, 3), "v").data, Version: 1 << 63,
		Verifier: [32]byte{1}, Previous: [32]byte{2}, PreviousUntil: at(1), Owner: "änn",
		Created: at(2), Authenticated: at(3), Renewed: at(4), Seen: at(5), Expires: at(6),
		Idle: time.Minute, Absolute: -1, Persistent: true,
	}
}

func same(a, b Record) bool {
	for _, t := range [][2]time.Time{{a.PreviousUntil, b.PreviousUntil}, {a.Created, b.Created}, {a.Authenticated, b.Authenticated},
		{a.Renewed, b.Renewed}, {a.Seen, b.Seen}, {a.Expires, b.Expires}} {
		if !t[0].Equal(t[1]) {
			return false
		}
	}
	return bytes.Equal(a.Bytes(), b.Bytes())
}

func TestARecordComesBack(t *testing.T) {
	for _, r := range []Record{full(), {}, {Data: full().Data}} {
		got, err := ParseRecord(r.Bytes(), 0)
		if err != nil || !same(got, r) || got.Handle != r.Handle || got.Owner != r.Owner || !got.Data.Equal(r.Data) {
			t.Errorf("%+v, %v; want %+v", got, err, r)
		}
	}
}

func TestT1_ADamagedRecordIsUndecodableAndANewerOneAFailure(t *testing.T) {
	whole := full().Bytes()
	for n := range whole {
		if _, err := ParseRecord(whole[:n], 0); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	newer := bytes.Clone(whole)
	newer[0]++
	if _, err := ParseRecord(newer, 0); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a newer format: %v", err)
	}
	for _, b := range []byte{0, 0x10, 't', '1', '<', 0x81, 0xff} {
		damaged := bytes.Clone(whole)
		damaged[0] = b
		if _, err := ParseRecord(damaged, 0); !errors.Is(err, ErrUndecodable) || errors.Is(err, ErrNewerFormat) {
			t.Errorf("a record that begins with %#x: %v", b, err)
		}
	}
	if _, err := ParseRecord(append(bytes.Clone(whole), 0), 0); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a byte left over: %v", err)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add(full().Bytes())
	f.Add(Record{}.Bytes())
	f.Add([]byte("\x01\x80\x9e"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRecord(b, 4096)
		if err != nil {
			return
		}
		again, err := ParseRecord(r.Bytes(), 8192)
		if err != nil || !same(again, r) {
			t.Fatalf("%x comes back as %x, %v", r.Bytes(), again.Bytes(), err)
		}
	})
}

func TestT3_APreviousVerifierIsValidAsLongAsTheRecordSays(t *testing.T) {
	now := time.Now()
	var h Handle
	var old, current secret
	old[0], current[0] = 1, 2
	rec := Record{Version: 1, Verifier: current.hash("sid"), Previous: old.hash("sid"), PreviousUntil: now.Add(30 * time.Second), Renewed: now, Created: now, Seen: now, Expires: now.Add(time.Hour)}
	k := Keep(single{rec: rec})
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

// single is a table of one record.
type single struct {
	Table
	rec Record
}

func (s single) Load(context.Context, Handle) (Record, error) { return s.rec, nil }

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

func (saved) Save(context.Context, Handle, uint64, Record) error { return nil }
