package cookie

import (
	"errors"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
)

func TestT1_ARecordOfANewerVersionIsAFailureAndADamagedOneIsNot(t *testing.T) {
	s := store(t).(*Store)
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   error
	}{
		"newer":   {func(b []byte) []byte { b[0]++; return b }, session.ErrNewerFormat},
		"damaged": {func(b []byte) []byte { return b[:len(b)-1] }, session.ErrUndecodable},
		"empty":   {func([]byte) []byte { return nil }, session.ErrUndecodable},
	} {
		token := s.seal(c.change(tenKeys().Bytes()))
		if _, err := s.Load(t.Context(), token, time.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
}

func TestASealedTokenThatIsNoneIsUndecodable(t *testing.T) {
	made, err := New(make([]byte, MinSecret), Revocable(session.Keep(nothing{})))
	if err != nil {
		t.Fatal(err)
	}
	s := made.ForCookie("x").(*Store)
	for _, plain := range []string{"", "\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x80"} {
		if _, err := s.Load(t.Context(), s.seal([]byte(plain)), time.Now()); !errors.Is(err, session.ErrUndecodable) {
			t.Errorf("%q: %v; want ErrUndecodable", plain, err)
		}
	}
}

// nothing is a table that nobody asks.
type nothing struct{ session.Table }
