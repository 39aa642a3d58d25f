package peer

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"
)

// shelfOfSQL keeps rows in a table, by statements that are prepared once.
type shelfOfSQL struct{ get, put, add *sql.Stmt }

func openFloorSQLite(at Place) (*Site, error) {
	dsn := sqliteDSN(filepath.Join(at.Dir, "floor.db"))
	writer, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	const create = "CREATE TABLE floor (id BLOB PRIMARY KEY, hash BLOB, expires INTEGER, data BLOB) WITHOUT ROWID"
	s, err := newShelfOfSQL(reader, writer, "floor", create)
	return floorSite(s, func() { _ = reader.Close(); _ = writer.Close() }), err
}

// sqliteDSN opens a file the way that all contestants have it: a log written ahead, and what is committed is on the disk.
func sqliteDSN(file string) string {
	return "file:" + file + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
}

func openFloorMySQL(at Place) (*Site, error) {
	db, err := openMySQL(at.URL, "")
	if err != nil {
		return nil, err
	}
	table := randomName()
	create := "CREATE TABLE " + table + " (id VARBINARY(18) PRIMARY KEY, hash VARBINARY(32), expires BIGINT, data MEDIUMBLOB)"
	s, err := newShelfOfSQL(db, db, table, create)
	return floorSite(s, func() { _, _ = db.Exec("DROP TABLE " + table); _ = db.Close() }), err
}

// openMySQL connects to a database, by default to that of the DSN.
func openMySQL(dsn, database string) (*sql.DB, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, errors.New("the DSN can't be read") // the driver's error may hold the password
	}
	if database != "" {
		cfg.DBName = database
	}
	cfg.ClientFoundRows, cfg.ParseTime = true, true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(16)
	return db, nil
}

func newShelfOfSQL(reader, writer *sql.DB, table, create string) (*shelfOfSQL, error) {
	if _, err := writer.Exec(create); err != nil {
		return nil, err
	}
	get, err1 := reader.Prepare("SELECT hash, expires, data FROM " + table + " WHERE id = ?")
	put, err2 := writer.Prepare("UPDATE " + table + " SET expires = ?, data = ? WHERE id = ?")
	add, err3 := writer.Prepare("INSERT INTO " + table + " (id, hash, expires, data) VALUES (?, ?, ?, ?)")
	return &shelfOfSQL{get, put, add}, errors.Join(err1, err2, err3)
}

func (s *shelfOfSQL) load(ctx context.Context, id floorID) (row, error) {
	var r row
	var hash, data []byte
	switch err := s.get.QueryRowContext(ctx, id[:]).Scan(&hash, &r.expires, &data); {
	case errors.Is(err, sql.ErrNoRows):
		return row{}, errNoRow
	case err != nil:
		return row{}, err
	}
	copy(r.hash[:], hash)
	r.values = floorValues(data)
	return r, nil
}

func (s *shelfOfSQL) save(ctx context.Context, id floorID, r row) error {
	_, err := s.put.ExecContext(ctx, r.expires, []byte(r.values), id[:])
	return err
}

func (s *shelfOfSQL) insert(ctx context.Context, id floorID, r row) error {
	_, err := s.add.ExecContext(ctx, id[:], r.hash[:], r.expires, []byte(r.values))
	return err
}
