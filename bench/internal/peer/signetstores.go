package peer

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/signet-go/signet/stores/goredis"
	"github.com/signet-go/signet/stores/mysql"
	"github.com/signet-go/signet/stores/postgres"
	"github.com/signet-go/signet/stores/redis"
	"github.com/signet-go/signet/stores/sqlite"
	"github.com/signet-go/signet/stores/sqlstore"
)

func openSignetSQLite(at Place) (*Site, error) {
	store, err := sqlite.Open(filepath.Join(at.Dir, "signet.db"), sqlstore.Layout{})
	if err != nil {
		return nil, err
	}
	return signetSite(store, func() { _ = store.Close() }), store.Migrate(context.Background())
}

func openSignetPostgres(at Place) (*Site, error) {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, at.URL)
	if err != nil {
		return nil, errors.New("the URL can't be read") // pgx's error may hold the password
	}
	table := randomName()
	store := postgres.New(pool, sqlstore.Layout{Table: table})
	return signetSite(store, func() {
		_, _ = pool.Exec(ctx, "DROP TABLE "+table)
		pool.Close()
	}), store.Migrate(ctx)
}

func openSignetMySQL(at Place) (*Site, error) {
	ctx := context.Background()
	db, err := openMySQL(at.URL, "")
	if err != nil {
		return nil, err
	}
	table := randomName()
	store := mysql.New(db, sqlstore.Layout{Table: table})
	return signetSite(store, func() {
		_, _ = db.Exec("DROP TABLE " + table)
		_ = db.Close()
	}), store.Migrate(ctx)
}

func openSignetRedis(at Place) (*Site, error) {
	client, err := openRedis(at.URL)
	if err != nil {
		return nil, err
	}
	return signetSite(redis.New(client, redis.Prefix(randomName()+":")), client.Close), nil // its keys expire
}

func openSignetGoRedis(at Place) (*Site, error) {
	client, err := openGoRedis(at.URL)
	if err != nil {
		return nil, err
	}
	return signetSite(goredis.New(client, goredis.Prefix(randomName()+":")), func() { _ = client.Close() }), nil
}
