package faults

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/redis/rueidis"
	"go.uber.org/goleak"

	"github.com/signet-go/signet/stores/proof/internal/engine"
	"github.com/signet-go/signet/stores/proof/servers"
)

// An outage begins and ends.
type outage struct {
	name       string
	begin, end func(t *testing.T, s *servers.Server, p *Proxy)
}

var outages = []outage{
	{
		"the server is killed",
		func(_ *testing.T, s *servers.Server, _ *Proxy) { s.Kill() },
		func(t *testing.T, s *servers.Server, _ *Proxy) {
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	},
	{
		"nothing is answered",
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Silence(true) },
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Silence(false) },
	},
	{
		"nothing arrives",
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Hold(true) },
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Hold(false) },
	},
	{
		"every connection is refused",
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Set(Faults{Refuse: 1}); p.Cut() },
		func(_ *testing.T, _ *servers.Server, p *Proxy) { p.Set(Faults{}) },
	},
}

const deadline = 300 * time.Millisecond

// Whoever has no session notices nothing, whoever has one is told while it lasts, and afterwards all is as before. What is told
// comes with the deadline: during two of the outages nothing else ends a call.
func TestT6_AnOutageCostsTheDeadlineAndNoMore(t *testing.T) {
	for _, name := range engines {
		t.Run(name, func(t *testing.T) {
			e := engine.Named(name)
			server := own(t, name)
			before := goleak.IgnoreCurrent()
			there, proxy := through(t, e, server.URL())
			space := engine.Space()
			table, closeTable, err := e.Connect(t.Context(), there, space)
			if err != nil {
				t.Fatal(err)
			}
			calls := &counted{Table: table}
			s := newSite(calls, deadline)
			j := begin(t, newSite(calls, time.Minute))
			for _, o := range outages {
				t.Run(o.name, func(t *testing.T) {
					counted := look(t, table, j).Visits
					o.begin(t, server, proxy)
					made, dialed := calls.made.Load(), proxy.Dialed()
					for range 50 {
						s.must(t, jar{}, "/plain")
					}
					if n := calls.made.Load() - made; n != 0 {
						t.Errorf("%d calls of the store for requests without a cookie", n)
					}
					if n := proxy.Dialed() - dialed; n > connections {
						t.Errorf("%d connections for requests without a cookie", n)
					}
					c := newTally()
					c.count(s, j, 2)
					if c.done > 0 || len(c.wrong) > 0 {
						t.Errorf("%d requests counted, and answers of neither kind: %v", c.done, c.wrong)
					}
					o.end(t, server, proxy)
					reconnected(t, table, j)
					after := newTally()
					if after.count(newSite(calls, time.Minute), j, 2); after.done != 16 {
						t.Errorf("after the outage %d of 16 requests counted", after.done)
					}
					c.add(after)
					c.mustAdd(t, counted, look(t, table, j).Visits)
					until(t, "the server has no more connections than the pool", func() bool {
						return connected(t, e, server.URL()) <= connections
					})
				})
			}
			if err := closeTable(); err != nil {
				t.Error(err)
			}
			proxy.Close()
			if err := goleak.Find(before, goleak.IgnoreAnyFunction(waiter)); err != nil {
				t.Error(err)
			}
			if err := e.Clear(t.Context(), server.URL(), space); err != nil {
				t.Error(err)
			}
		})
	}
}

// waiter waits for the end of a server, which is started again in this test and outlives it.
const waiter = "github.com/signet-go/signet/stores/proof/internal/child.Start.func1"

// connections is the bound of each client's pool.
const connections = 16

// connected asks a server how many clients it has besides the one that asks.
func connected(t *testing.T, e engine.Engine, where string) int {
	t.Helper()
	n, err := clients(t.Context(), e, where)
	if err != nil {
		t.Fatal(err)
	}
	return n - 1
}

func clients(ctx context.Context, e engine.Engine, where string) (n int, err error) {
	switch e.Name {
	case "PostgreSQL":
		conn, err := pgx.Connect(ctx, where)
		if err != nil {
			return 0, err
		}
		err = conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").Scan(&n)
		return n, errors.Join(err, conn.Close(ctx))
	case "MariaDB":
		cfg, err := mysql.ParseDSN(where)
		if err != nil {
			return 0, err
		}
		c, err := mysql.NewConnector(cfg)
		if err != nil {
			return 0, err
		}
		db := sql.OpenDB(c)
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.processlist WHERE user <> 'system user'").Scan(&n)
		return n, errors.Join(err, db.Close())
	}
	o, err := rueidis.ParseURL(where)
	if err != nil {
		return 0, err
	}
	o.DisableCache, o.PipelineMultiplex, o.ForceSingleClient = true, -1, true
	client, err := rueidis.NewClient(o)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	text, err := client.Do(ctx, client.B().ClientList().TypeNormal().Build()).ToString()
	return strings.Count(text, "\n"), err
}
