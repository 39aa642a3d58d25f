package cookie

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/signet-go/signet/stores"
)

// A token is the base64url, without padding, of: a format byte, the key's id, a nonce, and sealed in XAES-256-GCM the
// record, before it the other store's token where the session can be revoked.
const (
	headSize = 1 + idSize
	overhead = headSize + nonceSize + tagSize
)

// Strict: else a token would have several spellings.
var encoding = base64.RawURLEncoding.Strict()

// maxCookie is how many bytes of name and value together browsers keep.
const maxCookie = 4096

// fits returns the error of a record that is too large for a cookie.
func fits(cookie string, plain int, owned bool) error {
	n := len(cookie) + encoding.EncodedLen(overhead+plain)
	if owned {
		n += len("-owner")
	}
	if n > maxCookie {
		return fmt.Errorf("cookie: save: name and value would have %d bytes, and browsers keep %d: %w", n, maxCookie, stores.ErrTooLarge)
	}
	return nil
}

// withToken puts the other store's token before a record, which is what is sealed where the session can be revoked.
func withToken(other stores.Token, record []byte) []byte {
	t := other.Reveal()
	p := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen16+len(t)+len(record)), uint64(len(t)))
	return append(append(p, t...), record...)
}

// A desk is room to seal or open one token on. What lies there is gone once it is given back: results are copies.
type desk struct {
	sealed [maxCookie * 3 / 4]byte
	text   [maxCookie]byte
	more   [128]byte
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// besides returns what is authenticated besides the record.
func (d *desk) besides(k *key, cookie string) []byte {
	return append(append(d.more[:0], k.more...), cookie...)
}

// seal makes a token of a cookie with the newest key.
func (s *Store) seal(cookie string, plain []byte) stores.Token {
	d := desks.Get().(*desk)
	defer desks.Put(d)
	k := &s.keys[0]
	b := append(append(d.sealed[:0], format), k.id[:]...)
	b = b[:headSize+nonceSize]
	nonce := b[headSize:]
	_, _ = rand.Read(nonce) // never fails
	b = k.aead.seal(b, nonce, plain, d.besides(k, cookie))
	return stores.TokenOf(cookie, string(encoding.AppendEncode(d.text[:0], b)))
}

// open reads a token. Its errors are refusals, but for ErrNewerFormat: that record was sealed by a newer version of this program,
// and by nobody else.
func (s *Store) open(t stores.Token) (rec stores.Record, other stores.Token, err error) {
	text := t.Reveal()
	if len(text) > maxCookie {
		return rec, other, stores.ErrMalformed
	}
	d := desks.Get().(*desk)
	defer desks.Put(d)
	n, err := encoding.Decode(d.sealed[:], []byte(text))
	b := d.sealed[:n]
	switch {
	case err != nil, n < overhead, b[0] != format:
		return rec, other, stores.ErrMalformed
	case encoding.EncodedLen(n) != len(text): // the decoder skips line breaks
		return rec, other, stores.ErrMalformed
	}
	plain, ok := s.unseal(d, b, t.Cookie())
	if !ok {
		return rec, other, stores.ErrNotFound
	}
	if s.live != nil {
		n, size := binary.Uvarint(plain)
		if size <= 0 || n > uint64(len(plain)-size) {
			return rec, other, fmt.Errorf("%w: no token before the record", stores.ErrUndecodable)
		}
		plain = plain[size:]
		other, plain = stores.TokenOf(t.Cookie(), string(plain[:n])), plain[n:]
	}
	rec, err = stores.ParseRecord(plain, 0)
	return rec, other, err
}

// unseal decrypts the bytes of a token of a cookie in place, with the key that they name.
func (s *Store) unseal(d *desk, b []byte, cookie string) ([]byte, bool) {
	nonce, sealed := b[headSize:headSize+nonceSize], b[headSize+nonceSize:]
	for i := range s.keys {
		if k := &s.keys[i]; k.id == [idSize]byte(b[1:headSize]) {
			plain, err := k.aead.open(sealed[:0], nonce, sealed, d.besides(k, cookie))
			return plain, err == nil
		}
	}
	return nil, false
}
