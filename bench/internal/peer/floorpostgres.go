package peer

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// shelfOfPostgres keeps rows in a table, by the statements that pgx prepares and remembers.
type shelfOfPostgres struct {
	pool          *pgxpool.Pool
	get, put, add string
}

func openFloorPostgres(at Place) (*Site, error) {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, at.URL)
	if err != nil {
		return nil, errors.New("the URL can't be read") // pgx's error may hold the password
	}
	table := randomName()
	_, err = pool.Exec(ctx, "CREATE TABLE "+table+" (id bytea PRIMARY KEY, hash bytea NOT NULL, expires bigint NOT NULL, data bytea NOT NULL)")
	s := &shelfOfPostgres{
		pool,
		"SELECT hash, expires, data FROM " + table + " WHERE id = $1",
		"UPDATE " + table + " SET expires = $2, data = $3 WHERE id = $1",
		"INSERT INTO " + table + " (id, hash, expires, data) VALUES ($1, $2, $3, $4)",
	}
	return floorSite(s, func() { _, _ = pool.Exec(ctx, "DROP TABLE "+table); pool.Close() }), err
}

func (s *shelfOfPostgres) load(ctx context.Context, id floorID) (row, error) {
	var r row
	var hash, data []byte
	switch err := s.pool.QueryRow(ctx, s.get, id[:]).Scan(&hash, &r.expires, &data); {
	case errors.Is(err, pgx.ErrNoRows):
		return row{}, errNoRow
	case err != nil:
		return row{}, err
	}
	copy(r.hash[:], hash)
	r.values = floorValues(data)
	return r, nil
}

func (s *shelfOfPostgres) save(ctx context.Context, id floorID, r row) error {
	_, err := s.pool.Exec(ctx, s.put, id[:], r.expires, []byte(r.values))
	return err
}

func (s *shelfOfPostgres) insert(ctx context.Context, id floorID, r row) error {
	_, err := s.pool.Exec(ctx, s.add, id[:], r.hash[:], r.expires, []byte(r.values))
	return err
}
