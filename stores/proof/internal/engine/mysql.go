package engine

import (
	"context"
	"database/sql"
	"errors"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores"
	mysqlstore "github.com/signet-go/signet/stores/mysql"
	"github.com/signet-go/signet/stores/sqlstore"
)

func connectMySQL(ctx context.Context, dsn, space string) (stores.Table, func() error, error) {
	db, err := openMySQL(dsn)
	if err != nil {
		return nil, nil, err
	}
	t := sqlstore.NewTable(db, mysqlstore.Dialect(), sqlstore.Layout{Table: space})
	if err := t.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return t, func() error { return errors.Join(t.Close(), db.Close()) }, nil
}

func openMySQL(dsn string) (*sql.DB, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	cfg.Logger = &mysql.NopLogger{} // a lost connection is what many tests are about
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func clearMySQL(ctx context.Context, dsn, space string) error {
	db, err := openMySQL(dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "DROP TABLE IF EXISTS "+space)
	return errors.Join(err, db.Close())
}

func countMySQL(ctx context.Context, dsn, space string) (n int, err error) {
	db, err := openMySQL(dsn)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM "+space).Scan(&n)
	return n, errors.Join(err, db.Close())
}
