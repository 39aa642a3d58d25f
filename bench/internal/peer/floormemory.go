package peer

import (
	"context"
	"sync"
)

type shelfOfMemory struct {
	mu   sync.RWMutex
	rows map[floorID]row
}

func newShelfOfMemory() *shelfOfMemory { return &shelfOfMemory{rows: map[floorID]row{}} }

func (s *shelfOfMemory) load(_ context.Context, id floorID) (row, error) {
	s.mu.RLock()
	r, ok := s.rows[id]
	s.mu.RUnlock()
	if !ok {
		return row{}, errNoRow
	}
	return r, nil
}

func (s *shelfOfMemory) save(_ context.Context, id floorID, r row) error {
	s.mu.Lock()
	s.rows[id] = r
	s.mu.Unlock()
	return nil
}

func (s *shelfOfMemory) insert(ctx context.Context, id floorID, r row) error {
	return s.save(ctx, id, r)
}
