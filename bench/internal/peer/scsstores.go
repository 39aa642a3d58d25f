package peer

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/mysqlstore"
	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/sqlite3store"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

func openSCSSQLite(at Place) (*Site, error) {
	db, err := sql.Open("sqlite", sqliteDSN(filepath.Join(at.Dir, "scs.db")))
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec("CREATE TABLE sessions (token TEXT PRIMARY KEY, data BLOB NOT NULL, expiry REAL NOT NULL)"); err != nil {
		return nil, err
	}
	if _, err := db.Exec("CREATE INDEX sessions_expiry_idx ON sessions(expiry)"); err != nil {
		return nil, err
	}
	store := sqlite3store.NewWithCleanupInterval(db, 0)
	return scsSite(store, func() { _ = db.Close() }), nil
}

// openSCSPostgres uses a schema of its own, as the name of the table is fixed.
func openSCSPostgres(at Place) (*Site, error) {
	ctx := context.Background()
	cfg, err := pgxpool.ParseConfig(at.URL)
	if err != nil {
		return nil, errors.New("the URL can't be read") // pgx's error may hold the password
	}
	schema := randomName()
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"CREATE SCHEMA " + schema,
		"CREATE TABLE sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL)",
		"CREATE INDEX sessions_expiry_idx ON sessions (expiry)",
	} {
		if _, err := pool.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	store := pgxstore.NewWithCleanupInterval(pool, 0)
	return scsSite(store, func() { _, _ = pool.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); pool.Close() }), nil
}

// openSCSMySQL uses a database of its own, as the name of the table is fixed.
func openSCSMySQL(at Place) (*Site, error) {
	admin, err := openMySQL(at.URL, "")
	if err != nil {
		return nil, err
	}
	name := randomName()
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return nil, err
	}
	db, err := openMySQL(at.URL, name)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"CREATE TABLE sessions (token CHAR(43) PRIMARY KEY, data BLOB NOT NULL, expiry TIMESTAMP(6) NOT NULL)",
		"CREATE INDEX sessions_expiry_idx ON sessions (expiry)",
	} {
		if _, err := db.Exec(statement); err != nil {
			return nil, err
		}
	}
	store := mysqlstore.NewWithCleanupInterval(db, 0)
	return scsSite(store, func() {
		_ = db.Close()
		_, _ = admin.Exec("DROP DATABASE " + name)
		_ = admin.Close()
	}), nil
}

func openSCSRedis(at Place) (*Site, error) {
	client, err := openGoRedis(at.URL)
	if err != nil {
		return nil, err
	}
	store := goredisstore.NewWithPrefix(client, randomName()+":")
	return scsSite(store, func() { _ = client.Close() }), nil // its keys expire
}

func openGoRedis(url string) (*redis.Client, error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("the URL can't be read") // the error may hold the password
	}
	return redis.NewClient(opts), nil
}
