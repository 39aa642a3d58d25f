package memory

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

var ctx = context.Background()

func handle() (h stores.Handle) {
	_, _ = rand.Read(h[:])
	return h
}

func record(owner string) stores.Record {
	now := time.Now().Truncate(time.Second)
	rec := stores.Record{
		Data: session.Key[string]("theme").Set(session.Session{}, "dark").Data(), Version: 1, Owner: owner,
		Created: now, Seen: now, Expires: now.Add(time.Hour),
	}
	if owner != "" {
		rec.Authenticated = now
	}
	return rec
}

// add saves a record under a new handle.
func add(t testing.TB, table *Table, rec stores.Record) stores.Handle {
	t.Helper()
	h := handle()
	if err := table.Save(ctx, h, 0, rec.Row()); err != nil {
		t.Fatalf("save: %v", err)
	}
	return h
}

func has(table *Table, h stores.Handle) bool {
	_, err := table.Load(ctx, h)
	return err == nil
}

// check finds what the parts of a table at rest don't agree on.
func (t *Table) check(tb testing.TB) {
	tb.Helper()
	n, noted, owned, linked := 0, 0, 0, 0
	for i := range t.shards {
		s := &t.shards[i]
		for h, st := range s.records {
			n++
			if st.handle != h || int(h[0]) != i {
				tb.Errorf("a record is under another handle, or in another shard")
			}
			if st.place >= int32(len(s.due[st.due])) || s.due[st.due][st.place] != st {
				tb.Errorf("a record is not where it says that it is noted")
			}
			if minute(st.expires) < st.due {
				tb.Errorf("a record is noted for after it expires")
			}
			if st.owned != nil {
				owned++
			}
		}
		for m, all := range s.due {
			noted += len(all)
			if m < s.first {
				tb.Errorf("a minute is noted before the first one")
			}
			if len(all) == 0 {
				tb.Errorf("minute %d is kept though nothing is noted", m)
			}
		}
	}
	for i := range t.owners {
		for owner, st := range t.owners[i].newest {
			if st.owned.newer != nil {
				tb.Errorf("the newest of %q has a newer one", owner)
			}
			for ; st != nil; st = st.owned.older {
				linked++
				if st.owned.owner != owner || t.shard(st.handle).records[st.handle] != st {
					tb.Errorf("%q owns a record that is gone, or another's", owner)
				}
			}
		}
	}
	if n != t.Len() || noted != n || linked != owned {
		tb.Errorf("%d records, Len %d, %d noted, %d owned, %d by owner", n, t.Len(), noted, owned, linked)
	}
	if t.max == 0 {
		return
	}
	inLine := t.line.sides[0].Len() + t.line.sides[1].Len()
	if inLine != n || len(t.line.at) != n || t.line.sides[1].Len() != owned || n > t.max {
		tb.Errorf("%d records with room for %d, %d in line, %d owned of %d", n, t.max, inLine, t.line.sides[1].Len(), owned)
	}
}

func owner(i int) string { return "user " + strings.Repeat("x", i%7) }
