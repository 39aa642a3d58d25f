package csrf

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"

	"github.com/signet-go/signet/ring/session"
)

const (
	prefix = ".csrf:" // of the keys of secrets: reserved ones, which are no part of a user's data

	secretsInSession = 4  // more than one only if several pages were made at once
	pagesInSession   = 16 // with Options.OneTime
)

// A secret is what the tokens of a session, or of a page, have in common.
type secret [32]byte

func newSecret() (s secret) {
	_, _ = rand.Read(s[:])
	return s
}

// masked returns a token: random bytes, and the secret with these added to it.
func (s secret) masked() string {
	var t [2 * len(s)]byte
	_, _ = rand.Read(t[:len(s)])
	subtle.XORBytes(t[len(s):], t[:len(s)], s[:])
	return base64.RawURLEncoding.EncodeToString(t[:])
}

// unmask returns the secret of a token.
func unmask(token string) (s secret, ok bool) {
	var t [2 * len(s)]byte
	if len(token) != base64.RawURLEncoding.EncodedLen(len(t)) {
		return s, false
	}
	if _, err := base64.RawURLEncoding.Decode(t[:], []byte(token)); err != nil {
		return s, false
	}
	subtle.XORBytes(s[:], t[:len(s)], t[len(s):])
	return s, true
}

// A secretKey is the key of one secret in the session. It is bound to the session's token, so the secret is gone after a
// log-in and a renewal.
type secretKey = session.Bound[[]byte]

// find returns the key of the secret that a token has.
func find(s session.Session, token string) (found secretKey, ok bool) {
	want, valid := unmask(token)
	for name := range s.KeysWith(prefix) {
		key := secretKey(name)
		if subtle.ConstantTimeCompare(key.Get(s), want[:]) == 1 {
			found, ok = key, valid
		}
	}
	return found, ok
}

// newest returns the secret that was stored last, if there is one.
func newest(s session.Session) (last secret, ok bool) {
	for name := range s.KeysWith(prefix) {
		if b := secretKey(name).Get(s); len(b) == len(last) {
			last, ok = secret(b), true
		}
	}
	return last, ok
}

// makeRoom removes secrets that are not valid any more, and then the oldest ones until at most n are left.
func makeRoom(s session.Session, n int) session.Session {
	var names []string // oldest first
	for name := range s.KeysWith(prefix) {
		names = append(names, name)
	}
	left := len(names)
	for _, name := range names {
		if key := secretKey(name); left > n || len(key.Get(s)) != len(secret{}) {
			s, left = key.Delete(s), left-1
		}
	}
	return s
}

// keyFor returns the key of a secret that a response stores. Keys ascend in time.
func keyFor(info session.Information) secretKey {
	var now [8]byte
	for i, nanos := len(now)-1, info.Now.UnixNano(); i >= 0; i, nanos = i-1, nanos>>8 {
		now[i] = byte(nanos)
	}
	b := hex.AppendEncode([]byte(prefix), now[:])
	return secretKey(info.AppendID(b))
}
