package faults

import (
	"context"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// engines are those that a proxy can stand before. The nodes of a cluster tell clients their own addresses.
var engines = []string{"PostgreSQL", "MariaDB", "Redis"}

// through returns where an engine is by way of a proxy, and the proxy.
func through(t *testing.T, e engine.Engine, where string) (string, *Proxy) {
	t.Helper()
	host := address(t, e, where)
	p, err := NewProxy(host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return strings.Replace(where, host, p.Addr(), 1), p
}

// address returns the host and port in a URL or DSN.
func address(t *testing.T, e engine.Engine, where string) string {
	t.Helper()
	if e.Name == "MariaDB" {
		cfg, err := mysql.ParseDSN(where)
		if err != nil {
			t.Fatal("no DSN")
		}
		return cfg.Addr
	}
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal("no URL")
	}
	if _, _, err := net.SplitHostPort(u.Host); err != nil {
		t.Fatalf("%s needs a port", e.Variable)
	}
	return u.Host
}

// requests is how many each of the eight browsers makes.
func requests() int {
	switch {
	case isLong():
		return 2000
	case testing.Short():
		return 25
	}
	return 60
}

// begin makes a session and returns its cookies.
func begin(t *testing.T, s *site) jar {
	t.Helper()
	j := jar{}
	s.must(t, j, "/count")
	return j
}

// Requests, answers and whole connections get lost, also answers to what the server has done.
func TestC5_NoLostAnswerCountsTwiceAndNoSuccessIsMadeUp(t *testing.T) {
	for _, name := range engines {
		t.Run(name, func(t *testing.T) {
			e := engine.Named(name)
			where, space := e.Where(t), engine.Space()
			direct := e.OpenAt(t, where, space)
			there, proxy := through(t, e, where)
			table, closeTable, err := e.Connect(context.Background(), there, space)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = closeTable() }()
			s := newSite(table, 2*time.Second)
			j := begin(t, newSite(table, time.Minute))
			before := look(t, direct, j).Visits
			proxy.Set(Faults{Refuse: 0.05, CutRequest: 0.03, CutAnswer: 0.05, Delay: 0.03, Late: 20 * time.Millisecond})
			c := newTally()
			c.count(s, j, requests())
			proxy.Set(Faults{})
			happened := proxy.Happened()
			t.Logf("faults: %v", happened)
			c.mustAdd(t, before, look(t, direct, j).Visits)
			for _, f := range []string{"request cut", "answer cut", "answer late"} {
				if happened[f] == 0 {
					t.Errorf("no fault %q struck", f)
				}
			}
			if c.done == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}

// A table that tries again after every failure counts twice when an answer was lost: the test above has to see that.
type stubborn struct {
	stores.Table
	rand *rand.Rand
	mu   sync.Mutex
}

func (s *stubborn) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	for {
		err := s.Table.Save(ctx, h, expected, row)
		s.mu.Lock()
		lost := err == nil && expected != 0 && s.rand.IntN(4) == 0
		s.mu.Unlock()
		if !lost {
			return err
		}
		// The answer is lost; the retry reads the new version and adds once more.
		now, err := s.Load(ctx, h)
		if err != nil {
			return err
		}
		expected = now.Version
		rec, err := now.Record()
		if err != nil {
			return err
		}
		row.Version++
		rec.Data = visits.Add(session.Of(rec.Data), 1).Data()
		row.Body = rec.Row().Body
	}
}

func TestC5_ABlindRetryIsCaught(t *testing.T) {
	table := &stubborn{Table: engine.Named("memory").Open(t), rand: rand.New(rand.NewPCG(3, 4))}
	s := newSite(table, time.Minute)
	j := begin(t, s)
	c := newTally()
	c.count(s, j, 20)
	if after := look(t, table, j).Visits; after-1 <= c.done+c.unknown {
		t.Errorf("counted %d for %d; the broken table should have counted more", after-1, c.done)
	}
}
