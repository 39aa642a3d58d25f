package memory

import (
	"container/list"
	"sync"
)

// line has the sessions in the order of their coming, anonymous ones and those with an owner, so that the oldest is found
// when there is no room left. It is kept only where there is a Max.
type line struct {
	mu    sync.Mutex
	sides [2]list.List // anonymous, owned
	at    map[*stored]*list.Element
}

func side(owned bool) int {
	if owned {
		return 1
	}
	return 0
}

// join puts a session at the end of its side.
func (l *line) join(st *stored) {
	if l.at == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(st)
	l.at[st] = l.sides[side(st.owned != nil)].PushBack(st)
}

func (l *line) leave(st *stored) {
	if l.at == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(st)
}

func (l *line) drop(st *stored) {
	if e := l.at[st]; e != nil {
		l.sides[0].Remove(e) // does nothing if it is on the other
		l.sides[1].Remove(e)
		delete(l.at, st)
	}
}

// takeOldest takes the first of a side out of the line; nil if there is none.
func (l *line) takeOldest(owned bool) *stored {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.sides[side(owned)].Front()
	if e == nil {
		return nil
	}
	st := e.Value.(*stored)
	l.drop(st)
	return st
}

// makeRoom counts one more record, and takes the place of another one if there are too many. No shard may be locked.
func (t *Table) makeRoom(owned bool) error {
	if t.count.Add(1) <= int64(t.max) || t.max == 0 {
		return nil
	}
	if t.evict(false) || owned && t.evict(true) {
		return nil
	}
	t.count.Add(-1)
	return ErrFull
}

// evict removes the oldest record of a side, if there is one.
func (t *Table) evict(owned bool) bool {
	for {
		st := t.line.takeOldest(owned)
		if st == nil {
			return false
		}
		if t.evictIf(st, owned) {
			return true
		}
	}
}

// evictIf removes a record unless it is gone, or has changed sides and so joined the line again.
func (t *Table) evictIf(st *stored, owned bool) bool {
	s := t.shard(st.handle)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records[st.handle] != st || (st.owned != nil) != owned {
		return false
	}
	t.remove(s, st)
	return true
}
