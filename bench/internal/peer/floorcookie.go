package peer

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

// floorSealed keeps the session in the cookie: AES-GCM with a random nonce, the time of expiry before the values.
type floorSealed struct {
	aead cipher.AEAD
	in   turn
}

const sealedCookie = "__Host-sealed="

func openFloorSealed(Place) (*Site, error) {
	block, err := aes.NewCipher(randomKey(32))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Site{HTTP: &floorSealed{aead: aead}}, err
}

func (f *floorSealed) open(r *http.Request) (floorValues, bool) {
	text, ok := cookieValue(r, sealedCookie)
	if !ok {
		return "", false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	b, err = f.aead.Open(b[:0], nil, b, nil)
	if err != nil || len(b) < 8 || time.Now().Unix() >= int64(binary.LittleEndian.Uint64(b)) {
		return "", false
	}
	return floorValues(b[8:]), true
}

func (f *floorSealed) seal(values floorValues) string {
	b := make([]byte, 8, 8+len(values))
	binary.LittleEndian.PutUint64(b, uint64(time.Now().Add(floorLife).Unix()))
	sealed := f.aead.Seal(nil, nil, append(b, values...), nil)
	return sealedCookie + base64.RawURLEncoding.EncodeToString(sealed) + floorAttributes
}

func (f *floorSealed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	values, ok := f.open(r)
	text, changed := answer(r, values, &f.in)
	h := w.Header()
	if ok {
		h.Set("Cache-Control", "private")
		h.Set("Vary", "Cookie")
	}
	if changed != "" {
		h.Set("Cache-Control", "no-store")
		h.Set("Set-Cookie", f.seal(changed))
	}
	finish(w, r, text)
}
