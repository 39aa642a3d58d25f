package cookie

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores"
)

// tenKeys is a session as the other benchmarks have it.
func tenKeys() stores.Record {
	var s session.Session
	for i := range 10 {
		s = session.Key[string](fmt.Sprintf("key%02d", i)).Set(s, "some value")
	}
	now := time.Now()
	return stores.Record{Data: s.Data(), Owner: "ann", Created: now, Authenticated: now, Seen: now, Expires: now.Add(time.Hour)}
}

func store(t testing.TB) *Store {
	s, err := New(make([]byte, MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheCostOfSealingAndOpening(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	s, rec, now := store(t), tenKeys(), time.Now()
	token, err := s.Save(t.Context(), stores.Token{}, rec, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a cookie of %d bytes for %d bytes of data", len(token.Reveal()), rec.Data.Size())
	for name, c := range map[string]struct {
		call func()
		most float64
	}{
		"save": {func() { _, _ = s.Save(t.Context(), token, rec, false) }, 5},
		"load": {func() { _, _ = s.Load(t.Context(), token, now) }, 4},
	} {
		got := testing.AllocsPerRun(200, c.call)
		t.Logf("%s: %v allocations", name, got)
		if got > c.most {
			t.Errorf("%s: %v allocations; want at most %v", name, got, c.most)
		}
	}
}

// The floor is what no store of this kind can do without: encryption, base64 and decoding, of bytes that are there already.
func BenchmarkSealAndOpen(b *testing.B) {
	s, rec, now := store(b), tenKeys(), time.Now()
	b.Run("signet", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			token, err := s.Save(b.Context(), stores.Token{}, rec, false)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Load(b.Context(), token, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		x, plain, nonce := newXAES([keySize]byte{1}), rec.Bytes(), make([]byte, nonceSize)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = rand.Read(nonce)
			text := encoding.EncodeToString(x.seal(nil, nonce, plain, nil))
			sealed, err := encoding.DecodeString(text)
			if err != nil {
				b.Fatal(err)
			}
			opened, err := x.open(nil, nonce, sealed, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := stores.ParseRecord(opened, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
