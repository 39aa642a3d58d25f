package stores

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
)

// A Token is the value of a session's cookie: whoever has it has the session. It opens the session only in the cookie that
// it was made for, so two sites, or two sessions of one site, can share a store. It does not print.
type Token struct {
	value, cookie string
	byHandle      bool // value is a handle, and no secret is needed
}

// TokenOf returns the token that a cookie holds. The cookie is named as in Options.Cookie of package session,
// "__Host-session" by default, also if the value comes from the cookie of an owner's session, which has "-owner" at the end of its
// name. With an empty value it is no token; Save then creates a session for that cookie. Programs that load or save without
// session.Wrap need it, and so do stores that make their own tokens.
func TokenOf(cookie, value string) Token { return Token{value: value, cookie: cookie} }

// ByHandle returns a token that opens the session of a handle without its secret, in a store that [Keep] has made: for lists of
// sessions, background jobs and programs of administrators. The handle must come from the program itself, such as from
// [Lister], and never from a visitor whose right to that session has not been checked. The session can't be renewed by it.
// Stores that don't know such tokens refuse them with ErrMalformed.
func ByHandle(h Handle) Token { return Token{value: h.String(), byHandle: true} }

// Reveal returns the token itself. Put it in a cookie and nowhere else. It is "" for a token of [ByHandle], which no cookie can
// hold.
func (t Token) Reveal() string {
	if t.byHandle {
		return ""
	}
	return t.value
}

// Cookie returns the name of the cookie that the token is for, as TokenOf takes it.
func (t Token) Cookie() string { return t.cookie }

// IsZero reports whether there is no token, and at most the name of a cookie.
func (t Token) IsZero() bool { return t.value == "" }

// Handle returns the handle of the session that the token is for. ok is false if neither [Keep] nor [ByHandle] has made the token.
func (t Token) Handle() (h Handle, ok bool) {
	if t.byHandle {
		h, err := ParseHandle(t.value)
		return h, err == nil
	}
	if len(t.value) != tokenLen {
		return h, false
	}
	var buf [handleLen]byte
	copy(buf[:], t.value)
	n, err := base64.RawURLEncoding.Decode(h[:], buf[:])
	return h, err == nil && n == len(h)
}

// String returns "[token]", so that a token doesn't reach a log by accident.
func (t Token) String() string { return "[token]" }

// GoString is like String.
func (t Token) GoString() string { return "[token]" }

// Format writes "[token]" whatever the verb is.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// LogValue is like String.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// A token of Keep is a handle and a secret. 18 and 33 bytes are 24 and 44 characters without spare bits, so a token
// has one spelling, and the handle can be decoded alone.
const (
	secretLen = 44
	tokenLen  = handleLen + secretLen
)

type secret [33]byte

// split returns the halves of a token; ok is false if Keep could not have made it. A token of ByHandle has no secret.
func (t Token) split() (h Handle, s secret, ok bool) {
	if t.byHandle {
		h, ok = t.Handle()
		return h, s, ok
	}
	if len(t.value) != tokenLen {
		return h, s, false
	}
	var buf [tokenLen]byte
	copy(buf[:], t.value)
	var both [len(h) + len(s)]byte
	// The decoder skips line breaks, and then returns fewer bytes.
	if n, err := base64.RawURLEncoding.Decode(both[:], buf[:]); err != nil || n != len(both) {
		return h, s, false
	}
	copy(h[:], both[:])
	copy(s[:], both[len(h):])
	return h, s, true
}

// verifier returns what a table stores of a secret. Nobody can tell the secret from it, nor recognize the same secret in
// another cookie. All secrets have one length, so no two pairs of secret and cookie have the same hash. With a cookie's name of
// up to 22 bytes the hash takes one block of SHA-256.
func (s secret) verifier(cookie string) [32]byte {
	var buf [len(s) + 64]byte
	return sha256.Sum256(append(append(buf[:0], s[:]...), cookie...))
}

func join(h Handle, s secret, cookie string) Token {
	var buf [tokenLen]byte
	base64.RawURLEncoding.Encode(buf[:handleLen], h[:])
	base64.RawURLEncoding.Encode(buf[handleLen:], s[:])
	return Token{value: string(buf[:]), cookie: cookie}
}
