package peer

import (
	"context"
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/redis/rueidis"
)

// shelfOfRedis keeps a row under one key: the hash, the time of expiry, the values.
type shelfOfRedis struct {
	client rueidis.Client
	prefix string
}

func openFloorRedis(at Place) (*Site, error) {
	client, err := openRedis(at.URL)
	if err != nil {
		return nil, err
	}
	return floorSite(&shelfOfRedis{client, randomName() + ":"}, client.Close), nil // its keys expire
}

func openRedis(url string) (rueidis.Client, error) {
	opts, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, errors.New("the URL can't be read") // the error may hold the password
	}
	opts.DisableCache = true
	return rueidis.NewClient(opts)
}

func (s *shelfOfRedis) key(id floorID) string { return s.prefix + string(id[:]) }

func (s *shelfOfRedis) load(ctx context.Context, id floorID) (row, error) {
	text, err := s.client.Do(ctx, s.client.B().Get().Key(s.key(id)).Build()).ToString()
	switch {
	case rueidis.IsRedisNil(err):
		return row{}, errNoRow
	case err != nil:
		return row{}, err
	case len(text) < 40:
		return row{}, errors.New("a row is cut short")
	}
	var r row
	copy(r.hash[:], text)
	r.expires = int64(binary.LittleEndian.Uint64([]byte(text[32:40])))
	r.values = floorValues(text[40:])
	return r, nil
}

func (s *shelfOfRedis) save(ctx context.Context, id floorID, r row) error {
	b := make([]byte, 0, 40+len(r.values))
	b = append(b, r.hash[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.expires))
	b = append(b, r.values...)
	text := unsafe.String(&b[0], len(b)) // nobody writes to b any more
	return s.client.Do(ctx, s.client.B().Set().Key(s.key(id)).Value(text).Ex(floorLife).Build()).Error()
}

func (s *shelfOfRedis) insert(ctx context.Context, id floorID, r row) error {
	return s.save(ctx, id, r)
}
