package session

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"time"
)

// Keep makes a Store of a Table: it mints tokens, checks them, and turns writes into conditional ones. Only handles and hashes
// reach the table. The Store can do what the table can: it is an [Owners] if the table is a [Lister], and a [Sweeper] if the table is
// one. It is safe for concurrent use.
func Keep(t Table) Store { return KeepRand(t, rand.Reader) }

// KeepRand is Keep with another source of random bytes than crypto/rand, for tests that must repeat exactly.
func KeepRand(t Table, random io.Reader) Store {
	if t == nil || random == nil {
		panic("session: Keep without a table or a source of random bytes")
	}
	k := &keeper{t, random}
	l, lists := t.(Lister)
	s, sweeps := t.(Sweeper)
	switch {
	case lists && sweeps:
		return &struct {
			*keeper
			owners
			Sweeper
		}{k, owners{l, t}, s}
	case lists:
		return &struct {
			*keeper
			owners
		}{k, owners{l, t}}
	case sweeps:
		return &struct {
			*keeper
			Sweeper
		}{k, s}
	}
	return k
}

// keeper is the Store of a Table.
type keeper struct {
	table Table
	rand  io.Reader
}

// stale is how long a renewed token is told from an unknown one.
const stale = time.Minute

// Load implements Store.
func (k *keeper) Load(ctx context.Context, t Token, now time.Time) (Record, error) {
	h, s, ok := t.split()
	if !ok {
		return Record{}, ErrMalformed
	}
	rec, err := k.table.Load(ctx, h)
	if err != nil {
		return Record{}, err
	}
	rec.Handle = h
	hash := s.hash(t.cookie)
	if subtle.ConstantTimeCompare(hash[:], rec.Verifier[:]) != 1 {
		last := subtle.ConstantTimeCompare(hash[:], rec.Previous[:]) == 1
		switch {
		case last && now.Before(rec.PreviousUntil):
		case now.Before(rec.Expires) && !rec.Renewed.IsZero() && now.Before(rec.Renewed.Add(stale)):
			if last {
				return Record{Handle: h, Owner: rec.Owner}, ErrStale
			}
			return Record{}, ErrStale
		default:
			return Record{}, ErrNotFound
		}
	}
	if !now.Before(rec.Expires) {
		return Record{}, ErrExpired
	}
	return rec, nil
}

// Save implements Store.
func (k *keeper) Save(ctx context.Context, t Token, rec Record, renew bool) (Token, error) {
	if t.IsZero() {
		return k.create(ctx, t.cookie, rec)
	}
	h, ok := t.handle()
	if !ok {
		return Token{}, ErrMalformed
	}
	seen := rec.Version
	if seen == 0 {
		return Token{}, errors.New("session: save: no version that the change was computed from")
	}
	rec.Handle = h
	if renew {
		var s secret
		if err := k.draw(s[:]); err != nil {
			return Token{}, err
		}
		rec.Previous, rec.PreviousUntil = rec.Verifier, time.Time{}
		rec.Verifier, rec.Renewed = s.hash(t.cookie), rec.Seen
		t = join(h, s, t.cookie)
	}
	var err error
	if rec.Version, err = k.version(seen); err != nil {
		return Token{}, err
	}
	if err := k.save(ctx, seen, &rec); err != nil {
		return Token{}, err
	}
	return t, nil
}

// create stores rec as a new session of a cookie. Where the answer was lost and there is nothing, it makes another one, under another
// handle: the first may come late, and must not bring back what was ended meanwhile. Nobody has its token.
func (k *keeper) create(ctx context.Context, cookie string, rec Record) (Token, error) {
	var lost error
	for range 2 {
		var random struct {
			secret
			Handle
		}
		if err := k.draw(random.secret[:]); err != nil {
			return Token{}, err
		}
		if err := k.draw(random.Handle[:]); err != nil {
			return Token{}, err
		}
		rec.Handle, rec.Verifier = random.Handle, random.secret.hash(cookie)
		var err error
		if rec.Version, err = k.version(0); err != nil {
			return Token{}, err
		}
		t := join(rec.Handle, random.secret, cookie)
		notYet, err := k.once(ctx, 0, &rec)
		switch {
		case err == nil:
			return t, nil
		case !notYet:
			return Token{}, err
		}
		lost = errors.Join(lost, err)
	}
	return Token{}, errors.Join(ErrOutcomeUnknown, lost)
}

// save replaces the version seen. Where the answer is lost, what the table has then decides: our version, it is done; the
// one before, the same once more; anything else, nobody knows.
func (k *keeper) save(ctx context.Context, seen uint64, rec *Record) error {
	notYet, err := k.once(ctx, seen, rec)
	if !notYet {
		return err
	}
	again := k.table.Save(ctx, rec.Handle, seen, *rec)
	if again == nil {
		return nil
	}
	has, lerr := k.stored(ctx, rec.Handle)
	if lerr == nil && has == rec.Version { // one of them came late
		return nil
	}
	if errors.Is(again, ErrConflict) || errors.Is(again, ErrNotFound) {
		again = nil // an answer to the second try only: as a conflict it would be tried a third time, and might count twice
	}
	return errors.Join(ErrOutcomeUnknown, err, again, lerr)
}

// once writes once. notYet says that the answer was lost, and that the table has what it had before.
func (k *keeper) once(ctx context.Context, seen uint64, rec *Record) (notYet bool, err error) {
	err = k.table.Save(ctx, rec.Handle, seen, *rec)
	if err == nil || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) {
		return false, err
	}
	has, lerr := k.stored(ctx, rec.Handle)
	switch {
	case lerr != nil:
		return false, errors.Join(ErrOutcomeUnknown, err, lerr)
	case has == rec.Version:
		return false, nil
	case has == seen:
		return true, err
	}
	return false, errors.Join(ErrOutcomeUnknown, err)
}

// stored returns the version that the table has, 0 for none.
func (k *keeper) stored(ctx context.Context, h Handle) (uint64, error) {
	rec, err := k.table.Load(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return rec.Version, err
}

// Touch implements Store.
func (k *keeper) Touch(ctx context.Context, t Token, rec Record) error {
	h, ok := t.handle()
	if !ok {
		return ErrMalformed
	}
	return k.table.Touch(ctx, h, rec.Version, rec.Seen, rec.Expires)
}

// Delete implements Store.
func (k *keeper) Delete(ctx context.Context, t Token) error {
	h, ok := t.handle()
	if !ok {
		return ErrMalformed
	}
	return k.table.Delete(ctx, h)
}

func (k *keeper) draw(b []byte) error {
	if k.rand == rand.Reader {
		_, _ = rand.Read(b) // never fails
		return nil
	}
	drawn := make([]byte, len(b))
	if _, err := io.ReadFull(k.rand, drawn); err != nil {
		return fmt.Errorf("session: no random bytes: %w", err)
	}
	copy(b, drawn)
	return nil
}

// version draws the version of a write: not 0, and not the one it replaces.
func (k *keeper) version(seen uint64) (uint64, error) {
	for range 16 {
		v := mathrand.Uint64() // tells writes apart and keeps no secret
		if k.rand != rand.Reader {
			var b [8]byte
			if err := k.draw(b[:]); err != nil {
				return 0, err
			}
			v = binary.LittleEndian.Uint64(b[:])
		}
		if v != 0 && v != seen {
			return v, nil
		}
	}
	return 0, errors.New("session: the source of random bytes repeats itself")
}
