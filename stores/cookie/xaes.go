package cookie

import (
	"crypto/aes"
	"crypto/cipher"
)

const (
	keySize   = 32
	nonceSize = 24
	tagSize   = 16
)

// xaes is XAES-256-GCM (c2sp.org/XAES-256-GCM): AES-256-GCM under a key derived from half of a nonce that is long enough to be
// drawn at random, for any number of messages. It is safe for concurrent use.
type xaes struct {
	block cipher.Block
	k1    [aes.BlockSize]byte // the subkey of CMAC for whole blocks
}

func newXAES(key [keySize]byte) *xaes {
	x := &xaes{block: mustBlock(key[:])}
	x.block.Encrypt(x.k1[:], x.k1[:])
	var carry byte
	for i := len(x.k1) - 1; i >= 0; i-- {
		x.k1[i], carry = x.k1[i]<<1|carry, x.k1[i]>>7
	}
	x.k1[len(x.k1)-1] ^= carry * 0x87
	return x
}

// seal appends what plaintext is encrypted to. It may overlap plaintext exactly.
func (x *xaes) seal(dst, nonce, plaintext, more []byte) []byte {
	return x.derive(nonce).Seal(dst, nonce[12:], plaintext, more)
}

// open appends what was sealed, or returns an error where it wasn't with this key, nonce and more.
func (x *xaes) open(dst, nonce, ciphertext, more []byte) ([]byte, error) {
	return x.derive(nonce).Open(dst, nonce[12:], ciphertext, more)
}

// derive makes the cipher of a nonce: CMAC of two counters and the first half of the nonce gives its key.
func (x *xaes) derive(nonce []byte) cipher.AEAD {
	key := make([]byte, 0, keySize)
	key = append(append(key, 0, 1, 'X', 0), nonce[:12]...)
	key = append(append(key, 0, 2, 'X', 0), nonce[:12]...)
	for i := range key {
		key[i] ^= x.k1[i%aes.BlockSize]
	}
	x.block.Encrypt(key[:aes.BlockSize], key[:aes.BlockSize])
	x.block.Encrypt(key[aes.BlockSize:], key[aes.BlockSize:])
	gcm, err := cipher.NewGCM(mustBlock(key))
	if err != nil {
		panic(err) // never: the block has the right size
	}
	return gcm
}

func mustBlock(key []byte) cipher.Block {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // never: the key has the right size
	}
	return b
}
