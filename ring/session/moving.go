package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// Moving turns the session that a visitor still has with another library into a session of [Wrap], at the first request
// that brings it. So nobody is logged out when a running site changes to this package. The folder moving beside this
// package has ready-made ones for scs and gorilla/sessions.
//
// An old session is looked for if a request has the old cookie and no session of an owner here, and another site
// hasn't made it. It becomes one session here, however many requests bring it at once, and it becomes one only once:
// after a log-out, or when the new session has expired, the old cookie opens nothing. The new session is stored before
// the handler runs, whatever the handler says. A response that doesn't fail sets the cookie of the new session and
// makes the browser forget the old one. If that response is lost, the next request finds the same session by the old
// cookie.
//
// The old library must not serve requests any more, as it knows of no log-out here. With a [Sealer] the new session is
// as final as that store's sessions are.
type Moving struct {
	// Cookie is the cookie of the old library: Name, Path, Domain, Secure, SameSite and Partitioned count. An empty Path
	// is "/". Its value is what the old session goes by.
	Cookie http.Cookie

	// Load returns what the old session holds that a value of the cookie opens. If it opens none, or one that has
	// expired, the error is ErrAbsent. Any other error is a failure of the store: the answer is that of
	// Options.OnFailure, and the visitor stays who he is. s is what the new session begins with: the values of the
	// visitor's anonymous session here, if there is one. Load may run several times for a session, also at once, and
	// should only read. Its context ends with Options.Deadline.
	Load func(ctx context.Context, value string, s Session) (Moved, error)

	// Marks keeps for each old session that it was moved, until Moved.Expires. It may be the table of the store, or
	// another one that all processes share. It must keep what it has: if a mark is lost, the old cookie opens a session
	// again. What a mark holds is encrypted with the old cookie's value.
	Marks stores.Table
}

// Moved is what an old session becomes.
type Moved struct {
	Session Session
	Owner   string    // "" for an anonymous session
	Created time.Time // the old log-in, or the beginning of the old session; limits count from it. Zero or later than now is now

	// Idle, Absolute and Persistent are limits of its own, as those of Lifetime. The zero values are those of Options.
	Idle, Absolute time.Duration
	Persistent     bool

	// Expires is when the old library would end the session at the latest. Zero means 400 days from now, which is as
	// long as browsers keep a cookie.
	Expires time.Time
}

const (
	markKey   Key[[]byte] = ".moved"
	markSlack             = time.Hour // clocks differ, and the old library may have its own idea of when a session ends
)

// markVerifier is no secret's hash, so no token opens a mark.
var markVerifier = sha256.Sum256([]byte("signet/ring/session: moved"))

// movingSetup is a Moving that has been checked.
type movingSetup struct {
	*Moving
	forget string // the Set-Cookie field that makes a browser forget the old cookie
}

func newMovingSetup(o *Moving, own ...string) (*movingSetup, error) {
	if o == nil {
		return nil, nil
	}
	old := o.Cookie
	if o.Load == nil || o.Marks == nil || old.Name == "" {
		return nil, errors.New("session: Options.Moving needs a Cookie with a Name, a Load and Marks")
	}
	if slices.Contains(own, old.Name) {
		return nil, fmt.Errorf("session: Options.Moving: the old cookie has the name of a new one, %s", old.Name)
	}
	forget := http.Cookie{
		Name: old.Name, Path: old.Path, Domain: old.Domain, Secure: old.Secure, HttpOnly: true, SameSite: old.SameSite,
		Partitioned: old.Partitioned, MaxAge: -1, Expires: time.Unix(1, 0),
	}
	if forget.Path == "" {
		forget.Path = "/"
	}
	if err := cookies.Check(forget); err != nil {
		return nil, fmt.Errorf("session: Options.Moving.Cookie: %w", err)
	}
	return &movingSetup{o, forget.String()}, nil
}

// mayBring reports whether a request may have the old cookie.
func (s *movingSetup) mayBring(req *ring.Request) bool {
	if s == nil {
		return false
	}
	for line := range req.Header.All("Cookie") {
		if strings.Contains(line, s.Cookie.Name) {
			return true
		}
	}
	return false
}

// A mark stands for an old session that was moved. It holds the token of the new one, and is encrypted with the value of
// the old cookie, so that a copy of the table opens nothing.
type mark struct {
	handle stores.Handle
	seal   cipher.AEAD
}

func newMark(cookie, value string) (mark, error) {
	prk, err := hkdf.Extract(sha256.New, []byte(value), []byte("signet moved session"))
	if err != nil {
		return mark{}, err
	}
	var k mark
	expanded, err := hkdf.Expand(sha256.New, prk, cookie, len(k.handle)+32)
	if err != nil {
		return mark{}, err
	}
	copy(k.handle[:], expanded)
	block, err := aes.NewCipher(expanded[len(k.handle):])
	if err != nil {
		return mark{}, err
	}
	k.seal, err = cipher.NewGCMWithRandomNonce(block)
	return k, err
}

// row returns what the table keeps.
func (k mark) row(t stores.Token, now, expires time.Time) stores.Row {
	sealed := k.seal.Seal(nil, nil, []byte(t.Reveal()), k.handle[:])
	return stores.Record{
		Handle: k.handle, Data: markKey.Set(Session{}, sealed).Data(), Version: mathrand.Uint64N(1<<64-1) + 1,
		Verifier: markVerifier, Created: now, Seen: now, Expires: expires,
	}.Row()
}

// open is the inverse of row.
func (k mark) open(row stores.Row) (string, error) {
	rec, err := row.Record()
	if err != nil {
		return "", err
	}
	sealed, err := markKey.Lookup(Of(rec.Data))
	if err != nil {
		return "", err
	}
	value, err := k.seal.Open(nil, nil, sealed, k.handle[:])
	if err != nil {
		return "", errors.New("a mark that the old cookie's value doesn't open")
	}
	return string(value), nil
}
