package memory

import (
	"context"
	"time"

	"github.com/signet-go/signet/ring/session"
)

const (
	slack = time.Minute // how long an expired record stays
	step  = 256         // handles that a sweep looks at before it lets others have the shard
)

func minute(nanos int64) int64 { return nanos / int64(time.Minute) }

// watch notes when to look whether the record has expired. A record that lives on by then is noted again, so a touch
// or a save need not move anything.
func (s *shard) watch(h session.Handle, st *stored) {
	st.due = minute(st.expires)
	s.due[st.due] = append(s.due[st.due], h)
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
				removed, more = t.sweepStep(s, m)
				n += removed
			}
		}
	}
	return n, nil
}

// past returns the minutes up to last that have something noted.
func (s *shard) past(last int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ms []int64
	for m := range s.due {
		if m <= last {
			ms = append(ms, m)
		}
	}
	return ms
}

func (t *Table) sweepStep(s *shard, m int64) (removed int, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	noted := s.due[m]
	cut := max(0, len(noted)-step)
	todo := noted[cut:]
	s.due[m] = noted[:cut]
	if cut == 0 {
		delete(s.due, m)
	}
	for _, h := range todo {
		st, ok := s.records[h]
		switch {
		case !ok || st.due != m: // gone, or noted elsewhere
		case minute(st.expires) <= m:
			t.remove(s, h)
			removed++
		default:
			s.watch(h, &st)
			s.records[h] = st
		}
	}
	return removed, cut > 0
}
