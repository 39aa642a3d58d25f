package cookie

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// The other store keeps a session of its own for each of ours: the same owner, times and limits, and no values. Its token is
// inside of our seal. It changes when ours has to, at a log-in, a renewal or a log-out; what it promises about these,
// it then promises about ours. It expires no sooner than any cookie that was given out.

// alive returns the record if its session has not ended or got another token. What the other store says of a session
// besides its error, as it does of a stale one, is passed on.
func (s *Store) alive(ctx context.Context, rec stores.Record, other stores.Token, now time.Time) (stores.Record, error) {
	stub, err := s.live.Load(ctx, other, now)
	if err != nil {
		return stores.Record{Handle: stub.Handle, Owner: stub.Owner}, err
	}
	rec.Handle = stub.Handle
	return rec, nil
}

// saveLive is Save for a store whose sessions can be revoked. What does not fit must fail before the other store is
// changed; only of a new session the other store's token, and so the size, isn't known before.
func (s *Store) saveLive(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	other := stores.TokenOf(t.Cookie(), "")
	if !t.IsZero() {
		var err error
		if _, other, err = s.open(t); err != nil {
			return stores.Token{}, err
		}
	}
	record := rec.Bytes()
	if err := fits(t.Cookie(), len(withToken(other, record)), rec.Owner != ""); err != nil {
		return stores.Token{}, err
	}
	given, err := s.saveStub(ctx, other, rec, renew)
	if err != nil {
		return stores.Token{}, err
	}
	plain := withToken(given, record)
	if err := fits(t.Cookie(), len(plain), rec.Owner != ""); err != nil {
		if t.IsZero() {
			_ = s.live.Delete(ctx, given) // nobody is going to have its token
		}
		return stores.Token{}, err
	}
	return s.seal(t.Cookie(), plain), nil
}

// saveStub brings the other store's session up to rec and returns its token.
func (s *Store) saveStub(ctx context.Context, other stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	next := rec
	next.Data = stores.Data{}
	if other.IsZero() {
		return s.live.Save(ctx, other, next, renew)
	}
	stub, err := s.live.Load(ctx, other, rec.Seen)
	switch {
	case isRefusal(err):
		return other, stores.ErrNotFound
	case err != nil:
		return other, err
	case renew:
		next.Handle, next.Version = stub.Handle, stub.Version
		next.Verifier, next.Previous, next.PreviousUntil, next.Renewed = stub.Verifier, stub.Previous, stub.PreviousUntil, stub.Renewed
		return s.live.Save(ctx, other, next, true)
	case stub.Expires.Before(rec.Expires):
		stub.Seen, stub.Expires = rec.Seen, rec.Expires
		return other, s.live.Touch(ctx, other, stub)
	}
	return other, nil
}

func isRefusal(err error) bool {
	for _, e := range []error{stores.ErrNotFound, stores.ErrMalformed, stores.ErrExpired, stores.ErrStale, stores.ErrUndecodable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
