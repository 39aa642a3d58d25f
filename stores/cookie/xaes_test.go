package cookie

import (
	"bytes"
	"crypto/sha3"
	"encoding/hex"
	"testing"
)

// The vectors are those of c2sp.org/XAES-256-GCM.
func TestXAESGivesThePublishedVectors(t *testing.T) {
	for _, v := range []struct {
		key        byte
		more, want string
	}{
		{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	} {
		x := newXAES([keySize]byte(bytes.Repeat([]byte{v.key}, keySize)))
		nonce := []byte("ABCDEFGHIJKLMNOPQRSTUVWX")
		sealed := x.seal(nil, nonce, []byte("XAES-256-GCM"), []byte(v.more))
		if got := hex.EncodeToString(sealed); got != v.want {
			t.Errorf("sealed %s; want %s", got, v.want)
		}
		if got, err := x.open(nil, nonce, sealed, []byte(v.more)); string(got) != "XAES-256-GCM" || err != nil {
			t.Errorf("opened %q, %v", got, err)
		}
		if _, err := x.open(nil, nonce, sealed, []byte(v.more+"x")); err == nil {
			t.Error("opens with other data beside it")
		}
	}
}

func TestXAESGivesThePublishedDigestOfRandomVectors(t *testing.T) {
	in, digest := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = in.Read(b)
		return b
	}
	for range 10_000 {
		key, nonce := read(keySize), read(nonceSize)
		plain := read(int(read(1)[0]))
		more := read(int(read(1)[0]))
		x := newXAES([keySize]byte(key))
		sealed := x.seal(nil, nonce, plain, more)
		if got, err := x.open(nil, nonce, sealed, more); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %x, %v; want %x", got, err, plain)
		}
		_, _ = digest.Write(sealed)
	}
	sum := make([]byte, 32)
	_, _ = digest.Read(sum)
	const want = "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"
	if got := hex.EncodeToString(sum); got != want {
		t.Errorf("digest %s; want %s", got, want)
	}
}
