package cookie

import (
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

func TestT1_ARecordOfANewerVersionIsAFailureAndADamagedOneIsNot(t *testing.T) {
	s := store(t)
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   error
	}{
		"newer":   {func(b []byte) []byte { b[0]++; return b }, stores.ErrNewerFormat},
		"damaged": {func(b []byte) []byte { return b[:len(b)-1] }, stores.ErrUndecodable},
		"empty":   {func([]byte) []byte { return nil }, stores.ErrUndecodable},
	} {
		token := s.seal("x", c.change(tenKeys().Bytes()))
		if _, err := s.Load(t.Context(), token, time.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
}

func TestASealedTokenThatIsNoneIsUndecodable(t *testing.T) {
	made, err := New(make([]byte, MinSecret), Revocable(stores.Keep(nothing{})))
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"", "\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x80"} {
		if _, err := made.Load(t.Context(), made.seal("x", []byte(plain)), time.Now()); !errors.Is(err, stores.ErrUndecodable) {
			t.Errorf("%q: %v; want ErrUndecodable", plain, err)
		}
	}
}

// What a token is opened on is used again for the next one.
func TestWhatWasOpenedStaysAsItIsWhenOthersAreOpened(t *testing.T) {
	made, err := New(make([]byte, MinSecret), Revocable(memory.New()))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]stores.Store{"alone": store(t), "revocable": made} {
		const key session.Key[string] = "k"
		rec := tenKeys()
		var tokens []stores.Token
		for _, v := range []string{"first", "other"} {
			rec.Data = key.Set(session.Session{}, v).Data()
			token, err := s.Save(t.Context(), stores.Token{}, rec, false)
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, token)
		}
		var opened []stores.Record
		for _, token := range tokens {
			rec, err := s.Load(t.Context(), token, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			opened = append(opened, rec)
		}
		for i, want := range []string{"first", "other"} {
			if got := key.Get(session.Of(opened[i].Data)); got != want || opened[i].Owner != "ann" {
				t.Errorf("%s: %q of %q; want %q of ann", name, got, opened[i].Owner, want)
			}
		}
	}
}

// nothing is a table that nobody asks.
type nothing struct{ stores.Table }
