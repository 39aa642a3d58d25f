package stores

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

// Keep makes a Store of a Table. It makes tokens, checks them, and decides what happened if the answer to a Save was lost. Only
// handles and hashes reach the table. The Store can do what the table can: it is an [Owners] if the table is a [Lister], a
// [Sweeper] if the table is one, and an [Iterable] if the table is a [Scanner]. It is safe for concurrent use. Keep panics if t is nil.
func Keep(t Table) Store { return KeepRand(t, rand.Reader) }

// KeepRand is like Keep with another source of random bytes than crypto/rand, for tests that must repeat exactly.
func KeepRand(t Table, random io.Reader) Store {
	if t == nil || random == nil {
		panic("stores: Keep without a table or a source of random bytes")
	}
	k := &keeper{t, random}
	l, lists := t.(Lister)
	s, sweeps := t.(Sweeper)
	c, scans := t.(Scanner)
	o, i := owners{l, t}, iterable{c}
	// Each has the methods that work, and no others.
	switch {
	case lists && sweeps && scans:
		return &struct {
			*keeper
			owners
			Sweeper
			iterable
		}{k, o, s, i}
	case lists && sweeps:
		return &struct {
			*keeper
			owners
			Sweeper
		}{k, o, s}
	case lists && scans:
		return &struct {
			*keeper
			owners
			iterable
		}{k, o, i}
	case sweeps && scans:
		return &struct {
			*keeper
			Sweeper
			iterable
		}{k, s, i}
	case lists:
		return &struct {
			*keeper
			owners
		}{k, o}
	case sweeps:
		return &struct {
			*keeper
			Sweeper
		}{k, s}
	case scans:
		return &struct {
			*keeper
			iterable
		}{k, i}
	}
	return k
}

// keeper is the Store of a Table.
type keeper struct {
	table Table
	rand  io.Reader
}

// staleWindow is how long a renewed token is told from an unknown one.
const staleWindow = time.Minute

// Load implements Store.
func (k *keeper) Load(ctx context.Context, t Token, now time.Time) (Record, error) {
	h, s, ok := t.split()
	if !ok {
		return Record{}, ErrMalformed
	}
	row, err := k.table.Load(ctx, h)
	if err != nil {
		return Record{}, err
	}
	row.Handle = h
	var rec Record
	if err := row.toRecord(&rec); err != nil {
		return Record{}, fmt.Errorf("stores: load %s: %w", h, err)
	}
	if t.byHandle {
		return opened(rec, now)
	}
	hash := s.verifier(t.cookie)
	if subtle.ConstantTimeCompare(hash[:], rec.Verifier[:]) != 1 {
		last := subtle.ConstantTimeCompare(hash[:], rec.Previous[:]) == 1
		switch {
		case last && now.Before(rec.PreviousUntil):
		case now.Before(rec.Expires) && !rec.Renewed.IsZero() && now.Before(rec.Renewed.Add(staleWindow)):
			if last {
				return Record{Handle: h, Owner: rec.Owner}, ErrStale
			}
			return Record{}, ErrStale
		default:
			return Record{}, ErrNotFound
		}
	}
	return opened(rec, now)
}

// opened returns the record unless it has expired.
func opened(rec Record, now time.Time) (Record, error) {
	if !now.Before(rec.Expires) {
		return Record{}, ErrExpired
	}
	return rec, nil
}

// Save implements Store.
func (k *keeper) Save(ctx context.Context, t Token, rec Record, renew bool) (Token, error) {
	if n := rec.Data.Size() + bodySize; n > maxBody {
		return Token{}, fmt.Errorf("stores: save: %w: up to %d bytes, and %d are decoded at most", ErrTooLarge, n, maxBody)
	}
	if t.IsZero() {
		return k.create(ctx, t.cookie, rec)
	}
	h, ok := t.Handle()
	if !ok {
		return Token{}, ErrMalformed
	}
	expected := rec.Version
	if expected == 0 {
		return Token{}, errors.New("stores: save: no version that the change was computed from")
	}
	rec.Handle = h
	if renew && t.byHandle {
		return Token{}, errors.New("stores: save: a session can't be renewed by its handle: nobody would get the new token")
	}
	if renew {
		var s secret
		if err := k.readRandom(s[:]); err != nil {
			return Token{}, err
		}
		rec.Previous, rec.PreviousUntil = rec.Verifier, time.Time{}
		rec.Verifier, rec.Renewed = s.verifier(t.cookie), rec.Seen
		t = join(h, s, t.cookie)
	}
	var err error
	if rec.Version, err = k.newVersion(expected); err != nil {
		return Token{}, err
	}
	var row Row
	rec.toRow(&row)
	if err := k.save(ctx, expected, &row); err != nil {
		return Token{}, err
	}
	return t, nil
}

// create stores rec as a new session of a cookie. If the answer is lost and no record exists, it tries again under a new
// handle. The first insert may still arrive, but nobody has its token, so it can't revive a session that has ended since.
func (k *keeper) create(ctx context.Context, cookie string, rec Record) (Token, error) {
	var lost error
	for range 2 {
		var random struct {
			secret
			Handle
		}
		if err := k.readRandom(random.secret[:]); err != nil {
			return Token{}, err
		}
		if err := k.readRandom(random.Handle[:]); err != nil {
			return Token{}, err
		}
		rec.Handle, rec.Verifier = random.Handle, random.secret.verifier(cookie)
		var err error
		if rec.Version, err = k.newVersion(0); err != nil {
			return Token{}, err
		}
		t := join(rec.Handle, random.secret, cookie)
		var row Row
		rec.toRow(&row)
		unchanged, err := k.saveOnce(ctx, 0, &row)
		switch {
		case err == nil:
			return t, nil
		case !unchanged:
			return Token{}, err
		}
		lost = errors.Join(lost, err)
	}
	return Token{}, errors.Join(ErrOutcomeUnknown, lost)
}

// save replaces the expected version. If the answer is lost and the table still holds that version, it tries once more.
func (k *keeper) save(ctx context.Context, expected uint64, row *Row) error {
	unchanged, err := k.saveOnce(ctx, expected, row)
	if !unchanged {
		return err
	}
	again := k.table.Save(ctx, row.Handle, expected, *row)
	if again == nil {
		return nil
	}
	has, lerr := k.stored(ctx, row.Handle)
	if lerr == nil && has == row.Version { // one of the two arrived late
		return nil
	}
	if isAnswer(again) {
		again = nil // it answers the second try only: as a conflict it would lead to a third one, and might count twice
	}
	return errors.Join(ErrOutcomeUnknown, err, again, lerr)
}

// isAnswer reports whether a table has answered a Save, so that it is known what has become of it.
func isAnswer(err error) bool {
	return err == nil || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused)
}

// saveOnce calls Save of the table once. If the answer is lost, it loads what the table holds then. Our version means that the
// save succeeded. The expected one means that the table is unchanged, so that a caller may try again. With any other
// version the outcome is unknown. Versions are random so that ours can be told from another program's: two that count up
// from one version would both write the same next one.
func (k *keeper) saveOnce(ctx context.Context, expected uint64, row *Row) (unchanged bool, err error) {
	err = k.table.Save(ctx, row.Handle, expected, *row)
	if isAnswer(err) {
		return false, err
	}
	has, lerr := k.stored(ctx, row.Handle)
	switch {
	case lerr != nil:
		return false, errors.Join(ErrOutcomeUnknown, err, lerr)
	case has == row.Version:
		return false, nil
	case has == expected:
		return true, err
	}
	return false, errors.Join(ErrOutcomeUnknown, err)
}

// stored returns the version that the table holds, 0 if it has no row.
func (k *keeper) stored(ctx context.Context, h Handle) (uint64, error) {
	row, err := k.table.Load(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return row.Version, err
}

// Touch implements Store.
func (k *keeper) Touch(ctx context.Context, t Token, rec Record) error {
	h, ok := t.Handle()
	if !ok {
		return ErrMalformed
	}
	return k.table.Touch(ctx, h, rec.Version, rec.Seen, rec.Expires)
}

// Delete implements Store.
func (k *keeper) Delete(ctx context.Context, t Token) error {
	h, ok := t.Handle()
	if !ok {
		return ErrMalformed
	}
	return k.table.Delete(ctx, h)
}

// readRandom fills b.
func (k *keeper) readRandom(b []byte) error {
	if k.rand == rand.Reader {
		_, _ = rand.Read(b) // never fails
		return nil
	}
	drawn := make([]byte, len(b))
	if _, err := io.ReadFull(k.rand, drawn); err != nil {
		return fmt.Errorf("stores: no random bytes: %w", err)
	}
	copy(b, drawn)
	return nil
}

// newVersion returns a random version for a write that replaces old. It is neither 0 nor old.
func (k *keeper) newVersion(old uint64) (uint64, error) {
	for range 16 {
		v := mathrand.Uint64() // it tells writes apart, and need not be unpredictable
		if k.rand != rand.Reader {
			var b [8]byte
			if err := k.readRandom(b[:]); err != nil {
				return 0, err
			}
			v = binary.LittleEndian.Uint64(b[:])
		}
		if v != 0 && v != old {
			return v, nil
		}
	}
	return 0, errors.New("stores: the source of random bytes repeats itself")
}
