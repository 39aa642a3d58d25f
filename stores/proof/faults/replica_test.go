package faults

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/signet-go/signet/stores/proof/internal/engine"
	"github.com/signet-go/signet/stores/proof/servers"
)

// Redis acknowledges before its replica has heard of it. So where the replica takes over, the last writes are gone, and
// log-outs among them are undone. What is left is a beginning of what was acknowledged, nothing is counted twice, and the
// configuration that narrows the gap is measured.
func TestWhatAPromotedReplicaHasIsABeginning(t *testing.T) {
	cut := func(p *Proxy) { p.Set(Faults{Refuse: 1}); p.Cut() }
	lag := func(p *Proxy) { p.Silence(true) }
	tests := []promotion{
		{"the replica keeps up", nil, func(*Proxy) {}, false},
		{"the replica lags", nil, lag, false},
		{"the replica lags, and one has to be there", atLeastOne, lag, false}, // it is there for all that the primary knows
		{"the replica is cut off", nil, cut, false},
		{"the replica is cut off, and one has to be there", atLeastOne, cut, true},
	}
	for i, p := range tests {
		if testing.Short() && i != 1 && i != 4 {
			continue
		}
		t.Run(p.name, p.run)
	}
}

// A promotion is of a replica whose primary was killed.
type promotion struct {
	name    string
	args    []string     // of the primary
	link    func(*Proxy) // what becomes of the connection between the two
	refuses bool         // the primary, without the replica
}

// atLeastOne makes a primary refuse writes when no replica was heard of for some seconds.
var atLeastOne = []string{"--min-replicas-to-write", "1", "--min-replicas-max-lag", "10"}

const leaving = 20 // browsers that log out one after the other

func (p promotion) run(t *testing.T) {
	e, space := engine.Named("Redis"), engine.Space()
	primary, replica, proxy := pair(t, p.args)
	table, closeTable, err := e.Connect(t.Context(), primary.URL(), space)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closeTable() }()
	s, patient := newSite(table, time.Second), newSite(table, time.Minute)
	j := begin(t, patient)
	jars := make([]jar, leaving)
	for i := range jars {
		jars[i] = jar{}
		patient.must(t, jars[i], "/login?as=ann")
	}
	until(t, "the replica has caught up", func() bool { return command(t, replica, "DBSIZE") == command(t, primary, "DBSIZE") })

	p.link(proxy)
	c := newTally()
	var killed atomic.Bool
	var all sync.WaitGroup
	all.Go(func() {
		for !killed.Load() {
			c.count(s, j, 1)
		}
	})
	out := 0 // log-outs that were acknowledged
	for out < leaving && s.get(jars[out], "/logout").err == nil {
		out++
	}
	until(t, "enough was asked for", func() bool { return c.asked() >= 100 })
	if p.refuses {
		more := newTally()
		if more.count(s, j, 1); more.done > 0 {
			t.Errorf("%d counts were acknowledged without a replica", more.done)
		}
		c.add(more)
	}
	primary.Kill()
	killed.Store(true)
	all.Wait()

	command(t, replica, "REPLICAOF", "NO", "ONE")
	promoted := e.OpenAt(t, replica.URL(), space)
	now, revived := look(t, promoted, j).Visits, 0
	for i, j := range jars[:out] {
		switch live := look(t, promoted, j).State == "live"; {
		case live:
			revived++
		case revived > 0:
			t.Errorf("log-out %d is there, an earlier one is not", i)
		}
	}
	t.Logf("%d counts acknowledged, %d lost; %d log-outs acknowledged, %d revived; %d counts unknown, %d failed",
		c.done, max(0, 1+c.done-now), out, revived, c.unknown, c.failed)
	if now > 1+c.done+c.unknown {
		t.Errorf("the counter is %d; want %d at most", now, 1+c.done+c.unknown)
	}
	for number, times := range c.told {
		if times > 1 {
			t.Errorf("%d pages showed the number %s", times, number)
		}
	}
	if len(c.wrong) > 0 {
		t.Errorf("answers of neither kind: %q", c.wrong)
	}
	more := newTally()
	if more.count(newSite(promoted, time.Minute), j, 1); more.done != 8 {
		t.Errorf("the replica that was promoted answered %d of 8 requests", more.done)
	}
}

// pair starts a primary and a replica that follows it by way of a proxy.
func pair(t *testing.T, args []string) (primary, replica *servers.Server, between *Proxy) {
	t.Helper()
	start := func(args ...string) *servers.Server {
		s, err := servers.Redis(t.Context(), t.TempDir(), args...)
		if errors.Is(err, servers.ErrMissing) && !required() {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Kill)
		return s
	}
	primary = start(append([]string{"--repl-diskless-sync-delay", "0"}, args...)...)
	between, err := NewProxy(primary.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(between.Close)
	host, port, _ := strings.Cut(between.Addr(), ":")
	replica = start("--replicaof", host, port)
	until(t, "the replica follows", func() bool {
		return strings.Contains(command(t, replica, "INFO", "replication"), "master_link_status:up")
	})
	until(t, "the primary knows of it", func() bool {
		return args == nil || strings.Contains(command(t, primary, "INFO", "replication"), "min_slaves_good_slaves:1")
	})
	return primary, replica, between
}

// command sends one command to a server of Redis.
func command(t *testing.T, s *servers.Server, words ...string) string {
	t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.Addr()}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	answer, err := client.Do(t.Context(), client.B().Arbitrary(words...).Build()).ToAny()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(answer)
}
