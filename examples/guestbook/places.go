package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/rueidis"

	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/mysql"
	"github.com/signet-go/signet/stores/postgres"
	"github.com/signet-go/signet/stores/redis"
	"github.com/signet-go/signet/stores/sqlite"
	"github.com/signet-go/signet/stores/sqlstore"
)

// entriesFile has what people wrote, where the store is no file.
const entriesFile = "guestbook.entries.json"

func openSQLite(ctx context.Context, path string) (place, error) {
	t, err := sqlite.OpenTable(path, sqlstore.Layout{})
	if err != nil {
		return place{}, err
	}
	if err := t.Migrate(ctx); err != nil {
		return place{}, errors.Join(err, t.Close())
	}
	return place{
		table:   t,
		keeps:   "Sessions and entries are kept in files beside this program, and survive whatever becomes of it.",
		entries: path + ".entries.json",
		close:   t.Close,
	}, nil
}

func openPostgres(ctx context.Context, url string) (place, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return place{}, err
	}
	t := postgres.NewTable(pool, sqlstore.Layout{})
	if err := t.Migrate(ctx); err != nil {
		pool.Close()
		return place{}, err
	}
	return place{
		table:   t,
		keeps:   "Sessions are kept in PostgreSQL.",
		entries: entriesFile,
		close:   func() error { pool.Close(); return nil },
	}, nil
}

func openMySQL(ctx context.Context, dsn string) (place, error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return place{}, err
	}
	t := sqlstore.NewTable(db, mysql.Dialect(), sqlstore.Layout{})
	if err := t.Migrate(ctx); err != nil {
		return place{}, errors.Join(err, db.Close())
	}
	return place{
		table:   t,
		keeps:   "Sessions are kept in MySQL or MariaDB.",
		entries: entriesFile,
		close:   func() error { return errors.Join(t.Close(), db.Close()) },
	}, nil
}

func openRedis(_ context.Context, url string) (place, error) {
	o, err := rueidis.ParseURL(url)
	if err != nil {
		return place{}, err
	}
	client, err := rueidis.NewClient(o)
	if err != nil {
		return place{}, err
	}
	return place{
		table:   redis.NewTable(client),
		keeps:   "Sessions are kept in Redis.",
		entries: entriesFile,
		close:   func() error { client.Close(); return nil },
	}, nil
}

// openCookie seals with the secret in a file, which it makes if there is none.
func openCookie(_ context.Context, path string) (place, error) {
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(path, secret, 0o600)
	}
	if err != nil {
		return place{}, err
	}
	s, err := cookie.New(secret)
	if err != nil {
		return place{}, fmt.Errorf("%s: %w", path, err)
	}
	return place{
		sealed:  s,
		keeps:   "A session is kept in your browser, encrypted, so nobody can list or end those of other browsers.",
		entries: entriesFile,
		close:   func() error { return nil },
	}, nil
}

// maxSessions is far more than this book will see; a flood of visitors without cookies ends here, and not the process.
const maxSessions = 100_000

// openMemory keeps sessions in memory, and in a file over a planned restart if one is named.
func openMemory(_ context.Context, path string) (place, error) {
	t := memory.NewTable(memory.Max(maxSessions))
	if path == "" {
		return place{
			table: t,
			keeps: "Sessions and entries are kept in memory: when this program stops, they are gone.",
			close: func() error { return nil },
		}, nil
	}
	_, err := t.Restore(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = t.Snapshot(path) // of nothing: a file that can't be written should be known now and not at the end
	}
	if err != nil {
		return place{}, err
	}
	return place{
		table:   t,
		keeps:   "Sessions are kept in memory, and in a file over a planned restart. A crash forgets them.",
		entries: path + ".entries.json",
		close:   func() error { return t.Snapshot(path) },
	}, nil
}
