package faults

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// A loading table has something happen to what was loaded.
type loading struct {
	stores.Table
	happen func(*stores.Record)
}

func (l loading) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := l.Table.Load(ctx, h)
	if err == nil {
		var rec stores.Record
		if rec, err = row.Record(); err == nil {
			l.happen(&rec)
			row = rec.Row()
		}
	}
	return row, err
}

// The clock of the machine is set while a request is on its way.
func TestS7_AClockThatIsSetBetweenLoadAndCommitDecides(t *testing.T) {
	tests := []struct {
		path   string
		by     time.Duration
		status int
		want   view // by the clock that was set
	}{
		{"/count", -time.Hour, 200, view{State: "live", Visits: 2}},
		{"/login?as=ann", -time.Hour, 200, ann},
		{"/renew", -time.Hour, 200, visitor},
		{"/logout", -time.Hour, 200, nobody},
		{"/bye", -time.Hour, 200, view{State: "live"}},
		{"/count", time.Hour, 409, view{State: "expired"}},
		{"/renew", time.Hour, 409, view{State: "expired"}},
		{"/login?as=ann", time.Hour, 200, view{State: "live", Owner: "ann"}}, // a log-in carries its own proof
		{"/logout", time.Hour, 200, nobody},
	}
	for _, name := range []string{"memory", "SQLite", "PostgreSQL", "Redis"} {
		t.Run(name, func(t *testing.T) {
			table := engine.Named(name).Open(t)
			for _, test := range tests {
				t.Run(fmt.Sprintf("%s by %v", test.path[1:], test.by), func(t *testing.T) {
					var ahead atomic.Int64
					clock := func(o *session.Options) {
						o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
					}
					j := begin(t, newSite(table, time.Minute, clock))
					set := loading{table, func(*stores.Record) { ahead.Store(int64(test.by)) }}
					a := newSite(set, time.Minute, clock).get(j, test.path)
					if a.status != test.status {
						t.Errorf("%s: %d, %v; want %d", test.path, a.status, a.err, test.status)
					}
					got, err := newSite(table, time.Minute, clock).get(j.with(a), "/look").view()
					if err != nil || got != test.want {
						t.Errorf("the browser sees %v, %v; want %v", got, err, test.want)
					}
				})
			}
		})
	}
}

// Two programs share a store, and one has tighter limits: it goes by them, whoever has used the session before. The other one goes by
// its own where it was the last that used it.
func TestS7_TwoApplicationsWithDifferentOptionsShareAStore(t *testing.T) {
	for _, name := range []string{"memory", "SQLite", "PostgreSQL", "Redis"} {
		t.Run(name, func(t *testing.T) {
			table := engine.Named(name).Open(t)
			now := time.Now()
			with := func(idle, touch time.Duration, max int) *site {
				return newSite(table, time.Minute, func(o *session.Options) {
					o.Now = func() time.Time { return now }
					o.Idle, o.TouchEvery, o.MaxBytes = idle, touch, max
				})
			}
			loose, tight := with(time.Hour, time.Minute, 0), with(10*time.Minute, time.Minute, 8)
			j := begin(t, loose)
			sees := func(s *site, want view) {
				t.Helper()
				if got, err := s.get(j, "/look").view(); err != nil || got != want {
					t.Errorf("the browser sees %v, %v; want %v", got, err, want)
				}
			}
			for range 9 { // touched by the tight one, from the first limit of the loose one on to beyond its end
				now = now.Add(9 * time.Minute)
				sees(tight, visitor)
			}
			now = now.Add(time.Minute)
			sees(loose, visitor)
			now = now.Add(11 * time.Minute)
			sees(tight, view{State: "expired"})
			loose.must(t, j, "/count")
			sees(tight, view{State: "live", Visits: 2})
			if a := tight.get(j, "/count"); a.status != 413 {
				t.Errorf("a session that is too large for it: %d; want 413", a.status)
			}
			tight.must(t, j, "/logout")
			if len(j) > 0 {
				t.Errorf("%d cookies are left", len(j))
			}
		})
	}
}

// A table gives back what nobody has saved.
func TestT1_ARecordOfNonsenseIsNoPanicAndNoSessionForEver(t *testing.T) {
	far, past := time.Unix(1<<40, 0), time.Unix(-1<<40, 0)
	all := func(at time.Time) func(*stores.Record) {
		return func(r *stores.Record) {
			r.Created, r.Authenticated, r.Renewed, r.Seen, r.Expires, r.PreviousUntil = at, at, at, at, at, at
		}
	}
	tests := []struct {
		name  string
		spoil func(*stores.Record)
		want  [5]int // what look, count, login, renew and logout are answered with
	}{
		{"version 0", func(r *stores.Record) { r.Version = 0 }, [5]int{200, 503, 503, 503, 200}},
		{"no times", all(time.Time{}), [5]int{200, 200, 200, 200, 200}},
		{"times of long ago", all(past), [5]int{200, 200, 200, 200, 200}},
		{"times far away", all(far), [5]int{200, 200, 200, 200, 200}},
		{"limits below zero", func(r *stores.Record) { r.Idle, r.Absolute = math.MinInt64, math.MinInt64 }, [5]int{200, 200, 200, 200, 200}},
		{"limits without end", func(r *stores.Record) { r.Idle, r.Absolute, r.Persistent = math.MaxInt64, math.MaxInt64, true }, [5]int{200, 200, 200, 200, 200}},
		{"an owner in the cookie of nobody", func(r *stores.Record) { r.Owner = "eve" }, [5]int{200, 200, 200, 200, 200}},
		{"another handle", func(r *stores.Record) { r.Handle[0]++ }, [5]int{200, 200, 200, 200, 200}},
		{"nothing at all", func(r *stores.Record) { *r = stores.Record{} }, [5]int{200, 200, 200, 200, 200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got [5]int
			for i, path := range []string{"/look", "/count", "/login?as=ann", "/renew", "/logout"} {
				table := memory.NewTable()
				j := begin(t, newSite(table, time.Minute))
				a := newSite(loading{table, test.spoil}, time.Minute).get(j, path)
				got[i] = a.status
				then := look(t, table, j.with(a))
				if then.Owner == "eve" {
					t.Errorf("%s: the session is eve's", path)
				}
				rows, err := table.List(t.Context(), "ann")
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					r, err := row.Record()
					if err != nil {
						t.Fatal(err)
					}
					if left := time.Until(r.Expires); left > 12*time.Hour && r.Absolute == 0 {
						t.Errorf("%s: ann's session ends in %v", path, left)
					}
				}
			}
			if got != test.want {
				t.Errorf("answered with %v; want %v", got, test.want)
			}
		})
	}
}
