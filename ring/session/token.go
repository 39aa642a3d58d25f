package session

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A Handle names a session in a store. It is public: it may be logged and shown, as in a list of a user's sessions, for
// it opens nothing. The zero Handle names none.
type Handle [18]byte

// String returns the handle as 24 characters of base64url.
func (h Handle) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// ParseHandle is the inverse of String.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) == handleLen {
		if n, err := base64.RawURLEncoding.Decode(h[:], []byte(s)); err == nil && n == len(h) {
			return h, nil
		}
	}
	return Handle{}, fmt.Errorf("session: a handle is %d characters of base64url", handleLen)
}

// A Token is what a session's cookie holds: whoever has it has the session. It opens the session in the cookie that it was
// made for, and in no other one, so that two sites or two sessions of a site can share a store. It does not print.
type Token struct{ s, cookie string }

// TokenOf makes a token of a cookie's value. The cookie is named as in [Options.Cookie], "__Host-session" by default, also for
// the cookie with "-owner" at its end. With an empty value it is no token, and says for which cookie Save makes one. Programs that
// load or save without [Wrap] need it, and stores that make tokens of their own.
func TokenOf(cookie, value string) Token { return Token{value, cookie} }

// Reveal returns the token itself. It belongs into a cookie and nowhere else.
func (t Token) Reveal() string { return t.s }

// Cookie returns the name of the cookie that the token is for, as TokenOf takes it.
func (t Token) Cookie() string { return t.cookie }

// IsZero reports whether there is no token, but at most a cookie.
func (t Token) IsZero() bool { return t.s == "" }

// String returns "[token]", so that a token doesn't reach a log by accident.
func (t Token) String() string { return "[token]" }

// GoString is String.
func (t Token) GoString() string { return "[token]" }

// Format writes "[token]" whatever the verb is.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// LogValue is String.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// A token of Keep is a handle and a verifier. 18 and 33 bytes are 24 and 44 characters without spare bits, so a token
// has one spelling, and the handle decodes alone.
const (
	handleLen = 24
	secretLen = 44
	tokenLen  = handleLen + secretLen
)

type secret [33]byte

// split reads a token; ok is false for what Keep could not have made.
func (t Token) split() (h Handle, s secret, ok bool) {
	if len(t.s) != tokenLen {
		return h, s, false
	}
	var buf [tokenLen]byte
	copy(buf[:], t.s)
	var both [len(h) + len(s)]byte
	// The decoder skips line breaks, which then are missing in what it gives.
	if n, err := base64.RawURLEncoding.Decode(both[:], buf[:]); err != nil || n != len(both) {
		return h, s, false
	}
	copy(h[:], both[:])
	copy(s[:], both[len(h):])
	return h, s, true
}

// handle reads the public half of a token of Keep; ok is false for what is none.
func (t Token) handle() (h Handle, ok bool) {
	if len(t.s) != tokenLen {
		return h, false
	}
	var buf [handleLen]byte
	copy(buf[:], t.s)
	n, err := base64.RawURLEncoding.Decode(h[:], buf[:])
	return h, err == nil && n == len(h)
}

// hash returns what a store knows of a secret: nobody can tell the secret from it, nor the same secret in another cookie. The
// secret has one length, so no two pairs are hashed alike. A name of up to 22 bytes leaves it at one block of SHA-256.
func (s secret) hash(cookie string) [32]byte {
	var buf [len(s) + 64]byte
	return sha256.Sum256(append(append(buf[:0], s[:]...), cookie...))
}

func join(h Handle, s secret, cookie string) Token {
	var buf [tokenLen]byte
	base64.RawURLEncoding.Encode(buf[:handleLen], h[:])
	base64.RawURLEncoding.Encode(buf[handleLen:], s[:])
	return Token{string(buf[:]), cookie}
}

// Why a token is refused. Load returns these; they are answers, not failures.
var (
	// ErrNotFound: no session under this handle, or the verifier is another one's. Tables return it for a handle they
	// don't have.
	ErrNotFound = errors.New("session: not found")
	// ErrMalformed: nothing that this store could have made; it was not looked up.
	ErrMalformed = errors.New("session: malformed token")
	// ErrExpired: the session has outlived a limit.
	ErrExpired = errors.New("session: expired")
	// ErrStale: the session got a new token within the last minute.
	ErrStale = errors.New("session: stale token")
)
