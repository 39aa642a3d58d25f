package peer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"
)

// floorSealed keeps the session in the cookie, the time of expiry before the values: a nonce, and sealed under it in XAES-256-GCM. Plain
// AES-GCM with a nonce of 12 random bytes would do half of the work, but its key has to be changed before 2^32 messages are sealed
// with it, and a library does not know how many that secret has seen.
type floorSealed struct {
	block cipher.Block
	mask  [aes.BlockSize]byte // what CMAC adds to a whole block
	in    turn
}

const (
	sealedCookie = "__Host-sealed="
	floorNonce   = 24
	floorTag     = 16
)

func openFloorSealed(Place) (*Site, error) {
	block, err := aes.NewCipher(randomKey(32))
	if err != nil {
		return nil, err
	}
	f := &floorSealed{block: block}
	block.Encrypt(f.mask[:], f.mask[:])
	hi, lo := binary.BigEndian.Uint64(f.mask[:]), binary.BigEndian.Uint64(f.mask[8:])
	binary.BigEndian.PutUint64(f.mask[:], hi<<1|lo>>63)
	binary.BigEndian.PutUint64(f.mask[8:], lo<<1^hi>>63*0x87)
	return &Site{HTTP: f}, nil
}

// cipher makes that of a nonce.
func (f *floorSealed) cipher(nonce []byte) cipher.AEAD {
	key := make([]byte, 2*aes.BlockSize)
	for i := range 2 {
		half := key[i*aes.BlockSize:][:aes.BlockSize]
		half[1], half[2] = byte(i+1), 'X'
		copy(half[4:], nonce[:12])
		subtle.XORBytes(half, half, f.mask[:])
		f.block.Encrypt(half, half)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func (f *floorSealed) open(r *http.Request) (floorValues, bool) {
	text, ok := cookieValue(r, sealedCookie)
	if !ok {
		return "", false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < floorNonce {
		return "", false
	}
	nonce, sealed := b[:floorNonce], b[floorNonce:]
	b, err = f.cipher(nonce).Open(sealed[:0], nonce[12:], sealed, nil)
	if err != nil || len(b) < 8 || time.Now().Unix() >= int64(binary.LittleEndian.Uint64(b)) {
		return "", false
	}
	return floorValues(b[8:]), true
}

func (f *floorSealed) seal(values floorValues) string {
	b := make([]byte, floorNonce+8, floorNonce+8+len(values)+floorTag)
	nonce, plain := b[:floorNonce], b[floorNonce:]
	_, _ = rand.Read(nonce)
	binary.LittleEndian.PutUint64(plain, uint64(time.Now().Add(floorLife).Unix()))
	plain = append(plain, values...)
	b = f.cipher(nonce).Seal(nonce, nonce[12:], plain, nil)
	return sealedCookie + base64.RawURLEncoding.EncodeToString(b) + floorAttributes
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
