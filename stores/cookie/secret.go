package cookie

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// MinSecret is how many bytes a secret must have at least. They should be random: openssl rand -base64 32.
const MinSecret = 32

// format is the first byte of a token.
const format = 1

const idSize = 4

// A key is what becomes of a secret: what seals, and by which name a token says that it was sealed by it.
type key struct {
	id   [idSize]byte
	aead *xaes
	more []byte // what is authenticated besides, before the name of the cookie: format, id, purpose and a zero
}

// newKey derives a key for one purpose. The error tells a length, never the secret.
func newKey(secret []byte, purpose string) (key, error) {
	if len(secret) < MinSecret {
		return key{}, fmt.Errorf("cookie: a secret has %d bytes; want %d random ones at least", len(secret), MinSecret)
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "signet/stores/cookie", keySize+idSize)
	if err != nil {
		return key{}, fmt.Errorf("cookie: derive a key: %w", err)
	}
	k := key{id: [idSize]byte(derived[keySize:]), aead: newXAES([keySize]byte(derived))}
	k.more = append(append(k.header(), purpose...), 0)
	return k, nil
}

// header is what a token begins with.
func (k key) header() []byte { return append([]byte{format}, k.id[:]...) }
