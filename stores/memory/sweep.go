package memory

import (
	"context"
	"time"
)

const (
	slack = time.Minute // how long an expired record stays
	step  = 64          // records that a sweep looks at before it lets others have the shard
)

func minute(nanos int64) int32 { return int32(nanos / int64(time.Minute)) }

// watch notes when to look whether the record has expired. A record that lives on by then is noted again, so a touch
// or a save need not move anything.
func (s *shard) watch(st *stored) {
	st.due = minute(st.expires)
	noted := s.due[st.due]
	st.place = int32(len(noted))
	s.due[st.due] = append(noted, st)
}

// unwatch takes the note back at once: what waited for its minute would be memory that no Max bounds.
func (s *shard) unwatch(st *stored) {
	noted := s.due[st.due]
	last := len(noted) - 1
	if last == 0 {
		delete(s.due, st.due)
		return
	}
	moved := noted[last]
	noted[st.place], moved.place = moved, st.place
	noted[last] = nil
	s.due[st.due] = noted[:last]
}

// Sweep implements session.Sweeper. It looks only at records that may have expired, and holds a lock for some
// microseconds at a time.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	n := 0
	last := minute(nanos(now.Add(-slack))) - 1 // the last minute that was over by then
	for i := range t.shards {
		s := &t.shards[i]
		for _, m := range s.past(last) {
			for more := true; more; {
				if err := ctx.Err(); err != nil {
					return n, err
				}
				var removed int
				removed, more = t.sweepStep(s, m, last)
				n += removed
			}
		}
	}
	return n, ctx.Err()
}

// past returns the minutes up to last that have something noted.
func (s *shard) past(last int32) []int32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ms []int32
	for m := range s.due {
		if m <= last {
			ms = append(ms, m)
		}
	}
	return ms
}

// sweepStep takes a few of the records that are noted in minute m: those that expired in minute last or before.
func (t *Table) sweepStep(s *shard, m, last int32) (removed int, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range step {
		noted := s.due[m]
		if len(noted) == 0 {
			return removed, false
		}
		st := noted[len(noted)-1]
		if minute(st.expires) <= last {
			t.remove(s, st)
			removed++
			continue
		}
		s.unwatch(st)
		s.watch(st)
	}
	return removed, len(s.due[m]) > 0
}
