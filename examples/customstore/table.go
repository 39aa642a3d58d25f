package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/signet-go/signet/stores"
)

// schema is a table of our own layout: the session's content as one value, and beside it what statements look at.
const schema = `CREATE TABLE IF NOT EXISTS visitor (
	id      TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	owner   BLOB NOT NULL,
	seen    INTEGER NOT NULL, -- nanoseconds since 1970
	expires INTEGER NOT NULL,
	body    BLOB NOT NULL,
	comment TEXT              -- nothing that sessions know of
)`

// table is the stores.Table of it. What a session is, when it is over and who may have it is decided by stores.Keep.
type table struct{ db *sql.DB }

func (t table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	var version, seen, expires int64
	var owner, body []byte
	err := t.db.QueryRowContext(ctx, "SELECT version, owner, seen, expires, body FROM visitor WHERE id = ?", h.String()).
		Scan(&version, &owner, &seen, &expires, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return stores.Row{}, stores.ErrNotFound
	}
	return stores.Row{
		Version: uint64(version), Owner: string(owner), Seen: time.Unix(0, seen), Expires: time.Unix(0, expires), Body: stores.BodyOf(body),
	}, err
}

func (t table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	args := []any{int64(row.Version), []byte(row.Owner), row.Seen.UnixNano(), row.Expires.UnixNano(), row.Body.Bytes(), h.String()}
	if expected == 0 {
		n, err := t.change(ctx, "INSERT INTO visitor (version, owner, seen, expires, body, id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", args...)
		if err == nil && n == 0 {
			return stores.ErrConflict
		}
		return err
	}
	n, err := t.change(ctx, "UPDATE visitor SET version = ?, owner = ?, seen = ?, expires = ?, body = ? WHERE id = ? AND version = ?", append(args, int64(expected))...)
	if err != nil || n == 1 {
		return err
	}
	if _, err := t.Load(ctx, h); err != nil {
		return err // ErrNotFound: it is gone
	}
	return stores.ErrConflict
}

func (t table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	_, err := t.change(ctx, "UPDATE visitor SET seen = ?, expires = ? WHERE id = ? AND version = ? AND expires < ?",
		seen.UnixNano(), expires.UnixNano(), h.String(), int64(version), expires.UnixNano())
	return err
}

func (t table) Delete(ctx context.Context, h stores.Handle) error {
	_, err := t.change(ctx, "DELETE FROM visitor WHERE id = ?", h.String())
	return err
}

// Sweep makes it a stores.Sweeper too. A large site would do it in steps.
func (t table) Sweep(ctx context.Context, now time.Time) (int, error) {
	n, err := t.change(ctx, "DELETE FROM visitor WHERE expires < ?", now.Add(-time.Minute).UnixNano())
	return int(n), err
}

func (t table) change(ctx context.Context, statement string, args ...any) (int64, error) {
	res, err := t.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
