package memory

import (
	"context"
	"math"
	"time"
)

const (
	slack = time.Minute // how long an expired record stays
	step  = 64          // records that a sweep looks at before it lets others have the shard
	few   = 4           // records that an insert looks at
)

// lastOver returns the last minute that had been over for slack by now.
func lastOver(now time.Time) int32 {
	if now.IsZero() {
		return math.MinInt32
	}
	return minute(nanos(now.Add(-slack))) - 1
}

func minute(nanos int64) int32 { return int32(nanos / int64(time.Minute)) }

// watch notes when to look whether the record has expired. A record that lives on by then is noted again, so a touch
// or a save need not move anything.
func (s *shard) watch(st *stored) {
	st.due = minute(st.expires)
	if len(s.due) == 0 || st.due < s.first {
		s.first = st.due
	}
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

// Sweep implements stores.Sweeper. It looks only at records that may have expired, and holds a lock for some
// microseconds at a time.
func (t *Table) Sweep(ctx context.Context, now time.Time) (int, error) {
	n := 0
	last := lastOver(now)
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
		if t.settle(s, noted[len(noted)-1], last) {
			removed++
		}
	}
	return removed, len(s.due[m]) > 0
}

// settle looks at a record of a shard that is locked. It removes the record if it expired in minute last or before. Otherwise it
// notes it for the minute in which it expires now.
func (t *Table) settle(s *shard, st *stored, last int32) (removed bool) {
	if minute(st.expires) <= last {
		t.remove(s, st)
		return true
	}
	s.unwatch(st)
	s.watch(st)
	return false
}

// tidy looks at a few of the records that are noted up to minute last, in a shard that is locked. An insert adds one record and
// looks at more than one, so expired records can't pile up.
func (t *Table) tidy(s *shard, last int32) {
	for range few {
		if len(s.due) == 0 || s.first > last {
			return
		}
		noted := s.due[s.first]
		if len(noted) == 0 {
			s.seek(last)
			continue
		}
		t.settle(s, noted[len(noted)-1], last)
	}
}

// seek moves first to the next minute that has something noted, or past last. Usually it is near, and there may be as many minutes
// as a session may live, so seek looks at all of them only after a long gap.
func (s *shard) seek(last int32) {
	for range step {
		s.first++
		if s.first > last || len(s.due[s.first]) > 0 {
			return
		}
	}
	s.first = math.MaxInt32
	for m := range s.due {
		s.first = min(s.first, m)
	}
}
