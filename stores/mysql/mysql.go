// Package mysql keeps sessions in a table of MySQL or MariaDB, through the usual driver (github.com/go-sql-driver/mysql).
//
//	store, err := mysql.Open("app:secret@tcp(localhost:3306)/app", sqlstore.Layout{})
//	if err != nil {
//		…
//	}
//	defer store.Close()
//	if err := store.Migrate(ctx); err != nil {
//		…
//	}
//	app := session.Wrap(store, session.Options{})(handler)
//	go stores.SweepEvery(ctx, store, time.Minute)
//
// A program that has a *sql.DB of that driver uses [New]. Whether its DSN says clientFoundRows, parseTime or
// interpolateParams makes no difference.
//
// Every call is one prepared statement in one round trip, a save that is refused two. A statement that the server gives up, in a
// deadlock or after innodb_lock_wait_timeout, has done nothing and is sent again until the context ends, up to ten times. The table must be InnoDB's, and reads
// must go to where writes go: a replica that lags brings a log-out back for a while. A call that ends by its context leaves its
// statement running in the server, so a write may still happen.
//
// Migrate makes indexes only with the table. A table of one's own (see [sqlstore.Layout]) needs one of the column Expires for sweeps,
// and one of Owner for lists; its Handle wants a binary collation (ascii_bin), its Owner a VARBINARY(255), its Body a MEDIUMBLOB.
package mysql

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores/sqlstore"
)

// Store is a stores.Store in MySQL or MariaDB. It is safe for concurrent use, by any number of processes.
type Store struct {
	*sqlstore.Store
	db *sql.DB // to close, if it is ours
}

// New makes a store of a table in db, which is of this driver. It makes no call; it panics if the layout has names that it can't use. The
// database stays the caller's, to close after the last request. Its pool should have a connection for each request
// that is served at once, and its DSN timeouts.
func New(db *sql.DB, l sqlstore.Layout) *Store {
	return &Store{sqlstore.New(db, Dialect(), l), nil}
}

// Open is New with a database of its own. It makes no call; an error is about the DSN or the layout, and doesn't repeat the
// DSN. What the DSN doesn't say becomes: timeout 5 s, readTimeout 30 s, writeTimeout 10 s, and a strict sql_mode, as without it
// what is too long for a column would be cut. Up to 32 connections are kept, each for three minutes.
func Open(dsn string, l sqlstore.Layout) (*Store, error) {
	if _, err := Dialect().Statements(l); err != nil {
		return nil, fmt.Errorf("mysql: open: %w", err)
	}
	db, err := open(dsn)
	if err != nil {
		return nil, err
	}
	s := New(db, l)
	s.db = db
	return s, nil
}

// Close lets go of the prepared statements, and closes the database if Open has opened it.
func (s *Store) Close() error {
	err := s.Store.Close()
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	return err
}

// Dialect is that of MySQL from version 5.7 and MariaDB from version 10.2 on, for [sqlstore.NewTable] with this driver.
func Dialect() sqlstore.Dialect { return sqlstore.MySQL(number) }

func number(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

func open(dsn string) (*sql.DB, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		// Not the driver's error: where a password isn't as it should be, that may have parts of it.
		return nil, errors.New("mysql: open: the DSN is not of the form user:password@tcp(host:port)/database?name=value")
	}
	complete(cfg)
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, errors.New("mysql: open: the DSN asks for what the driver can't do")
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(3 * time.Minute) // less than servers and what stands before them let a connection idle
	return db, nil
}

const connections = 32

// complete sets what the DSN lacks.
func complete(cfg *mysql.Config) {
	for _, t := range []struct {
		d  *time.Duration
		or time.Duration
	}{{&cfg.Timeout, 5 * time.Second}, {&cfg.ReadTimeout, 30 * time.Second}, {&cfg.WriteTimeout, 10 * time.Second}} {
		if *t.d == 0 {
			*t.d = t.or
		}
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	if _, set := cfg.Params["sql_mode"]; !set {
		cfg.Params["sql_mode"] = "CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
	}
}
