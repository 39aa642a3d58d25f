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
	more []byte // what is authenticated besides: format, id, purpose and cookie
}

// newKey derives a key. The error tells a length, never the secret.
func newKey(secret []byte) (key, error) {
	if len(secret) < MinSecret {
		return key{}, fmt.Errorf("cookie: a secret has %d bytes; want %d random ones at least", len(secret), MinSecret)
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "signet/stores/cookie", keySize+idSize)
	if err != nil {
		return key{}, fmt.Errorf("cookie: derive a key: %w", err)
	}
	return key{id: [idSize]byte(derived[keySize:]), aead: newXAES([keySize]byte(derived))}, nil
}

// header is what a token begins with.
func (k key) header() []byte { return append([]byte{format}, k.id[:]...) }

// bound gives the key for one purpose and one cookie.
func (k key) bound(purpose, name string) key {
	k.more = append(append(k.header(), purpose...), 0)
	k.more = append(k.more, name...)
	return k
}
