// Package cookie keeps sessions in the browser: the cookie holds the session itself, encrypted and authenticated. There is
// nothing to run beside the program, and nothing is looked up.
//
//	secret, err := os.ReadFile("/run/secrets/session")
//	…
//	store, err := cookie.New(secret)
//	…
//	app := session.Wrap(store, session.Options{})(handler)
//
// # What a cookie can't promise
//
// A cookie is a copy. Nobody can take it back, and of two that were given out in parallel the browser keeps the one
// that arrives last. So this store keeps fewer laws than those on a server do. With [Revocable] a small record of
// each session, without its values, is kept on a server too; that brings back what is final.
//
//	law  the cookie alone                                   with Revocable
//	C1   of parallel changes the response that arrives      the same
//	     last wins, with the whole session; the others
//	     are lost, and nobody is told
//	C2   the same: parallel counts are lost                 the same
//	C3   the same: all keys, not only the one               the same
//	C4   a log-out makes the browser forget the cookie; a   a log-out, a log-in and a renewal are final:
//	     copy of it opens until its absolute limit, and a   each cookie given out before is dead, and a late
//	     late response of before brings the session back;   change is dropped and told
//	     so does a cookie of before a log-in or renewal,
//	     as what it was
//	C5   writes name no version                             of log-ins, renewals and log-outs they do
//	C6   a session has to fit: 4096 bytes with the name,    about 2,830 bytes
//	     about 2,900 bytes of keys and values
//	S6   a log-in gives a new cookie; the one of before     that one is dead
//	     stays what it was, an anonymous session
//	S7   the absolute limit holds, it is inside the seal;   the same
//	     idling is no limit unless Options.Idle or
//	     Lifetime says so, and then counts from the last
//	     write
//	S8   there is no touch                                  the same
//	S9   each write sends the cookie, a reader none         the same
//	F3   parallel requests may each show a message          the same
//	T5   nobody can list or end an owner's sessions         the store of Revocable can
//	T6   nothing can be down                                503 where that store is down
//
// Everything else holds. A site where such a loss matters, with a cart or a counter, wants a store on a server.
//
// # Secrets
//
// A secret is 32 random bytes or more. [New] seals with one, and opens what was sealed with those of [Opens] too; so to
// replace a secret, first let every process open the new one, then seal with it, and drop the old one when the longest
// lifetime has passed. Who drops a secret logs out everybody whose cookie was sealed with it: that is no failure. Who
// has a secret can make any session.
//
// A cookie opens under its own name only: that of Options.Cookie, which each token has with it. It tells its
// reader nothing but its size and which key it needs.
//
// A request can bring the cookie of an anonymous and of an owner's session, 4096 bytes each; the server in front has to
// take header fields of more than 8 KB then.
package cookie

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/signet-go/signet/stores"
)

// Store is a stores.Store that seals sessions into their tokens. Make one with [New]. It is safe for concurrent use.
type Store struct {
	keys []key        // the first one seals
	live stores.Store // nil: nothing can be revoked
}

var _ stores.Sealer = (*Store)(nil)

// An Option changes what [New] makes.
type Option func(*config)

type config struct {
	older [][]byte
	live  stores.Store
}

// Opens adds secrets that don't seal any more, or not yet, and still open what was sealed with them.
func Opens(secrets ...[]byte) Option {
	return func(c *config) { c.older = append(c.older, secrets...) }
}

// Revocable makes log-outs, log-ins and renewals final: store keeps a record without values of every session, and where it
// has none any more, the cookie opens nothing. That costs a load for each request with a cookie, one more for each write,
// and a save for each new session, log-in and renewal; a store that is down is answered with 503. List, DeleteOwned and Sweep of that store
// work on these sessions. What was sealed without it doesn't open with it, nor the other way round: who turns it on or off logs
// everybody out. It panics if store is nil or seals sessions itself.
func Revocable(store stores.Store) Option {
	if _, seals := stores.As[stores.Sealer](store); seals || store == nil {
		panic("cookie: Revocable needs a store that keeps sessions")
	}
	return func(c *config) { c.live = store }
}

// New makes a store that seals with secret. It is an error if secret, or one of [Opens], has fewer than [MinSecret] bytes.
func New(secret []byte, options ...Option) (*Store, error) {
	var c config
	for _, o := range options {
		o(&c)
	}
	s := &Store{live: c.live}
	purpose := "session"
	if s.live != nil {
		purpose = "revocable session"
	}
	for _, secret := range append([][]byte{secret}, c.older...) {
		k, err := newKey(secret, purpose)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

// Development makes a store with a random secret that nobody keeps: when the program ends, everybody is logged out, and two
// processes don't open each other's cookies. It is for development and tests.
func Development(options ...Option) *Store {
	secret := make([]byte, MinSecret)
	_, _ = rand.Read(secret) // never fails
	s, err := New(secret, options...)
	if err != nil {
		panic(err) // a secret of Opens
	}
	return s
}

// Seals implements stores.Sealer.
func (s *Store) Seals() {}

// Load implements stores.Store. A token that is altered, of another cookie or sealed with an unknown secret is
// stores.ErrNotFound or stores.ErrMalformed.
func (s *Store) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	if err := ctx.Err(); err != nil {
		return stores.Record{}, err
	}
	rec, other, err := s.open(t)
	switch {
	case err != nil:
		return stores.Record{}, err
	case !now.Before(rec.Expires):
		return stores.Record{}, stores.ErrExpired
	case s.live != nil:
		return s.alive(ctx, rec, other, now)
	}
	return rec, nil
}

// Save implements stores.Store: it seals rec, which replaces nothing. Where that does not fit into a cookie, the error is
// stores.ErrTooLarge.
func (s *Store) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	if err := ctx.Err(); err != nil {
		return stores.Token{}, err
	}
	rec.Version = version()
	if s.live != nil {
		return s.saveLive(ctx, t, rec, renew)
	}
	if t.IsZero() {
		_, _ = rand.Read(rec.Handle[:])
	}
	plain := rec.Bytes()
	if err := fits(t.Cookie(), len(plain), rec.Owner != ""); err != nil {
		return stores.Token{}, err
	}
	return s.seal(t.Cookie(), plain), nil
}

// version draws a version: not 0.
func version() uint64 { return mathrand.Uint64N(1<<64-1) + 1 }

// Touch implements stores.Store: it fails, as what the browser has can't be touched. [session.Wrap] doesn't call it on a
// stores.Sealer.
func (s *Store) Touch(context.Context, stores.Token, stores.Record) error { return errTouch }

var errTouch = errors.New("cookie: touch: what the browser has can't be touched: a Store around this one needs the method Unwrap, for session.As")

// Delete implements stores.Store. Without [Revocable] all there is to do is to make the browser forget the cookie, which
// [session.Wrap] does.
func (s *Store) Delete(ctx context.Context, t stores.Token) error {
	if err := ctx.Err(); err != nil || s.live == nil {
		return err
	}
	_, other, err := s.open(t)
	if err != nil {
		return nil // it opens nothing that could end
	}
	return s.live.Delete(ctx, other)
}
