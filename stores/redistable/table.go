package redistable

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/signet-go/signet/stores"
)

// Table is a stores.Table in Redis. It is safe for concurrent use, by any number of processes.
type Table struct {
	client Client
	prefix string
	max    int // bytes of data
}

var (
	_ stores.Table   = (*Table)(nil)
	_ stores.Lister  = (*Table)(nil)
	_ stores.Scanner = (*Table)(nil)
)

// New makes a table. It makes no call; it panics if client is nil.
func New(client Client, options ...Option) *Table {
	if client == nil {
		panic("redis: no client")
	}
	t := &Table{client: client, prefix: "signet:", max: 64 << 10}
	for _, o := range options {
		o(t)
	}
	return t
}

const (
	slack   = time.Minute                // how long an expired session stays
	longest = 100 * 365 * 24 * time.Hour // more would overflow
	margin  = 12 * time.Hour             // how much longer than a session would live it is listed: by default no session gets older
	delay   = time.Hour                  // how much later than its list a session is written at most; far more than any deadline
)

func (t *Table) key(h stores.Handle) string {
	var buf [128]byte
	return string(base64.RawURLEncoding.AppendEncode(append(buf[:0], t.prefix...), h[:]))
}

// Load implements stores.Table.
func (t *Table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	v, ok, err := t.client.Get(ctx, t.key(h))
	switch {
	case err != nil:
		return stores.Row{}, fmt.Errorf("redis: load: %w", err)
	case !ok:
		return stores.Row{}, stores.ErrNotFound
	}
	return t.parse(v), nil
}

// Save implements stores.Table.
func (t *Table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	value, err := t.value(&row)
	if err != nil {
		return fmt.Errorf("redis: save: %w", err)
	}
	s := saving{key: t.key(h), value: value, life: life(row.Seen, row.Expires), owned: row.Owner != ""}
	if expected != 0 {
		s.replaces = versionText(expected)
	}
	// A log-in is known not to be listed. Whatever else isn't, the script finds.
	listed := false
	if row.Owner != "" && (expected == 0 || row.Login) {
		if err := t.enlist(ctx, row.Owner, h, s.life); err != nil {
			return err
		}
		listed = true
	}
	answer, err := t.run(ctx, s, listed)
	if err == nil && answer == unlisted && !listed {
		if err := t.enlist(ctx, row.Owner, h, s.life); err != nil {
			return err
		}
		answer, err = t.run(ctx, s, true)
	}
	switch {
	case err != nil:
		return fmt.Errorf("redis: save: %w", err)
	case answer == done:
		return nil
	case answer == nothing:
		return stores.ErrNotFound
	case answer == conflict:
		return stores.ErrConflict
	case answer == foreign:
		return fmt.Errorf("redis: save: %w: in its place is no session of this package", stores.ErrUndecodable)
	}
	return unknown("save", answer)
}

// A saving is what the script for it is told.
type saving struct {
	key, replaces, value string
	life                 time.Duration
	owned                bool
}

func (t *Table) run(ctx context.Context, s saving, listed bool) (int64, error) {
	sure := ""
	if s.owned {
		sure = lease(s.life, listed)
	}
	return t.client.Run(ctx, saveScript, s.key, s.replaces, s.value, millis(s.life), sure)
}

// life is how long the server keeps a session, from now on and by whatever clock.
func life(seen, expires time.Time) time.Duration {
	return min(max(expires.Sub(seen), 0), longest) + slack
}

// lease is for how long a session that was listed just now is so for sure, for scripts.
func lease(life time.Duration, listed bool) string {
	if !listed {
		return "0"
	}
	return millis(life + margin)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func unknown(call string, answer int64) error {
	return fmt.Errorf("redis: %s: the script answered %d", call, answer)
}

// Touch implements stores.Table.
func (t *Table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	key, life := t.key(h), life(seen, expires)
	move := func(listed bool) (int64, error) {
		return t.client.Run(ctx, touchScript, key, versionText(version), text(times(nil, seen, expires)), millis(life), lease(life, listed))
	}
	answer, err := move(false)
	if err == nil && answer == unlisted {
		var row stores.Row
		if row, err = t.Load(ctx, h); err != nil || row.Version != version {
			if errors.Is(err, stores.ErrNotFound) {
				err = nil // it went away meanwhile
			}
			return err
		}
		if err := t.enlist(ctx, row.Owner, h, life); err != nil {
			return err
		}
		answer, err = move(true)
	}
	switch {
	case err != nil:
		return fmt.Errorf("redis: touch: %w", err)
	case answer == done, answer == nothing:
		return nil
	}
	return unknown("touch", answer)
}

// Delete implements stores.Table.
func (t *Table) Delete(ctx context.Context, h stores.Handle) error {
	if err := t.client.Delete(ctx, t.key(h)); err != nil {
		return fmt.Errorf("redis: delete: %w", err)
	}
	return nil
}
