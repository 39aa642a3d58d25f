package engine

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/postgres"
	"github.com/signet-go/signet/stores/sqlstore"
)

func connectPostgres(ctx context.Context, url, space string) (stores.Table, func() error, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, err
	}
	cfg.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	closePool := func() error { pool.Close(); return nil }
	t := postgres.NewTable(pool, sqlstore.Layout{Table: space})
	if err := t.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, closePool())
	}
	return t, closePool, nil
}

func clearPostgres(ctx context.Context, url, space string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.Exec(ctx, "DROP TABLE IF EXISTS "+space)
	return err
}

func countPostgres(ctx context.Context, url, space string) (n int, err error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	err = pool.QueryRow(ctx, "SELECT count(*) FROM "+space).Scan(&n)
	return n, err
}
