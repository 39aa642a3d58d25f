package stores

import (
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
			h := s.verifier(name)
			if other, there := seen[h]; there {
				t.Errorf("%x in %q is hashed as %s", s, name, other)
			}
			seen[h] = fmt.Sprintf("%x in %q", s, name)
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

func (nothing) Load(context.Context, Handle) (Row, error) { return Row{}, ErrNotFound }

func TestS3_AHandleOpensASessionOnlyIfTheProgramSaysSo(t *testing.T) {
	now := time.Now()
	h := Handle{1, 2, 3}
	rec := Record{Version: 1, Owner: "ann", Verifier: secret{1}.verifier("sid"), Created: now, Seen: now, Expires: now.Add(time.Hour)}
	k := Keep(single{row: rec.Row()})
	if got, err := k.Load(t.Context(), ByHandle(h), now); err != nil || got.Owner != "ann" || got.Handle != h {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := k.Load(t.Context(), ByHandle(h), rec.Expires); !errors.Is(err, ErrExpired) {
		t.Errorf("when it has expired: %v", err)
	}
	for name, value := range map[string]string{"a handle": h.String(), "a handle and no secret": join(h, secret{}, "").value} {
		if _, err := k.Load(t.Context(), TokenOf("sid", value), now); err == nil {
			t.Errorf("%s in a cookie opens the session", name)
		}
	}
	token := ByHandle(h)
	if got, ok := token.Handle(); got != h || !ok || token.IsZero() || token.Reveal() != "" {
		t.Errorf("%v, %v, %q", got, ok, token.Reveal())
	}
	if _, err := k.Save(t.Context(), token, rec, true); err == nil {
		t.Error("a session is renewed by its handle")
	}
}
