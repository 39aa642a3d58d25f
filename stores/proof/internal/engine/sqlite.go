package engine

import (
	"context"
	"database/sql"
	"errors"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlite"
	"github.com/signet-go/signet/stores/sqlstore"
)

func connectSQLite(ctx context.Context, path, space string) (stores.Table, func() error, error) {
	t, err := sqlite.OpenTable(path, sqlstore.Layout{Table: space})
	if err != nil {
		return nil, nil, err
	}
	if err := t.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, t.Close())
	}
	return t, t.Close, nil
}

func countSQLite(ctx context.Context, path, space string) (n int, err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM "+space).Scan(&n)
	return n, errors.Join(err, db.Close())
}
