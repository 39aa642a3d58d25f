package memory

import (
	"sync"

	"github.com/signet-go/signet/ring/session"
)

// line has the handles in the order of their coming, so that the oldest is found when there is no room left. It is
// kept only where there is a Max. What it names may be gone or have changed sides; that is checked when its turn comes.
type line struct {
	mu    sync.Mutex
	sides [2]queue // anonymous, owned
}

type queue struct {
	handles []session.Handle
	head    int
}

func side(owned bool) int {
	if owned {
		return 1
	}
	return 0
}

// join puts a handle at the end of its side.
func (l *line) join(t *Table, h session.Handle, owned bool) {
	if t.max == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	q := &l.sides[side(owned)]
	q.handles = append(q.handles, h)
	if len(q.handles) > 4*t.max+64 {
		q.tidy(t, owned)
	}
}

// makeRoom counts one more record, and takes the place of another one if there are too many.
func (t *Table) makeRoom(owned bool) error {
	if t.count.Add(1) <= int64(t.max) || t.max == 0 {
		return nil
	}
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	if t.evict(false) || owned && t.evict(true) {
		return nil
	}
	t.count.Add(-1)
	return ErrFull
}

// evict removes the oldest record of a side, if there is one.
func (t *Table) evict(owned bool) bool {
	q := &t.line.sides[side(owned)]
	for q.head < len(q.handles) {
		h := q.handles[q.head]
		q.head++
		if t.evictIf(h, owned) {
			return true
		}
	}
	return false
}

func (t *Table) evictIf(h session.Handle, owned bool) bool {
	s := t.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.records[h]
	if !ok || (st.owner != "") != owned {
		return false
	}
	t.remove(s, h)
	return true
}

// tidy forgets the handles that are gone or have changed sides.
func (q *queue) tidy(t *Table, owned bool) {
	var keep []session.Handle
	for _, h := range q.handles[q.head:] {
		s := t.shard(h)
		s.mu.RLock()
		st, ok := s.records[h]
		s.mu.RUnlock()
		if ok && (st.owner != "") == owned {
			keep = append(keep, h)
		}
	}
	*q = queue{handles: keep}
}
