// Package redistest tests the clients of redistable, each by the same tests: those of storetest on one server and on a
// cluster, and those of what only Redis can do wrong.
package redistest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
	"github.com/signet-go/signet/stores/storetest"
)

// Open makes a client for a server, or for a cluster where there are several addresses. It keeps few connections, closes
// with the test, and need not work yet. User and password are "" for nobody.
type Open func(t testing.TB, user, password string, addrs ...string) redistable.Client

// Run tests a client.
func Run(t *testing.T, open Open) {
	t.Run("laws", func(t *testing.T) { laws(t, open, Single(t)) })
	t.Run("laws on a cluster", func(t *testing.T) { laws(t, open, Cluster(t)...) })
	for _, part := range []struct {
		claim string
		check func(*testing.T, Open)
	}{
		{"T1 what is no session is an error", foreignValues},
		{"T1 a bound holds on save and on load", bound},
		{"T2 a script that the server has forgotten is sent again", forgottenScripts},
		{"C5 a lost answer is not sent again", lostAnswer},
		{"C2 C4 a hundred requests at once", crowd},
		{"T5 a session is listed for as long as it lives", listed},
		{"T5 what is listed is on the server before the session", listedFirst},
		{"T5 a list loses what is past its time", listsLosePastEntries},
		{"T5 a scan yields the sessions of its prefix", scans},
		{"T6 a server that is gone", gone},
		{"T6 a server that doesn't answer", silent},
		{"T6 a password that is wrong", wrongPassword},
		{"S7 the server's clock is of no consequence", clocks},
		{"round trips", roundTrips},
		{"a script without its check is found out", brokenScripts},
	} {
		t.Run(part.claim, func(t *testing.T) { part.check(t, open) })
	}
}

func laws(t *testing.T, open Open, addrs ...string) {
	c := open(t, "", "", addrs...)
	prefix := Prefix()
	storetest.Run(t, func(*testing.T) stores.Table { return redistable.New(c, redistable.Prefix(prefix)) }, storetest.Duplicates())
}

const head = 47

var putScript = scriptOf(`redis.call('SET', KEYS[1], ARGV[1], 'PX', 600000) return 1`)

func put(t testing.TB, c redistable.Client, key, value string) {
	t.Helper()
	if _, err := c.Run(ctx, putScript, key, value); err != nil {
		t.Fatalf("set: %v", err)
	}
}

var ctx = context.Background()

func newHandle() (h stores.Handle) {
	_, _ = rand.Read(h[:])
	return h
}

// record gives a record that lives for half an hour.
func record(owner string) stores.Record {
	now := time.Now().Truncate(time.Millisecond)
	return stores.Record{
		Data:    session.Key[string]("theme").Set(session.Session{}, "dark").Data(),
		Version: 7, Owner: owner, Created: now, Seen: now, Expires: now.Add(30 * time.Minute),
	}
}

// A place is a table on one server, and what tests need to look behind it.
type place struct {
	*redistable.Table
	client redistable.Client
	addr   string
	prefix string
}

func newPlace(t testing.TB, open Open, options ...redistable.Option) *place {
	t.Helper()
	addr := Single(t)
	return placeAt(open(t, "", "", addr), addr, options...)
}

func placeAt(c redistable.Client, addr string, options ...redistable.Option) *place {
	p := &place{client: c, addr: addr, prefix: Prefix()}
	p.Table = redistable.New(c, append(options, redistable.Prefix(p.prefix))...)
	return p
}

func (p *place) key(h stores.Handle) string { return p.prefix + h.String() }

func (p *place) list(owner string) string { return p.prefix + "owner:" + owner }

// do sends a command by another connection than the client's.
func (p *place) do(t testing.TB, args ...string) any {
	t.Helper()
	v := Do(t, p.addr, args...)
	if err, ok := v.(error); ok {
		t.Fatalf("%s: %v", args[0], err)
	}
	return v
}

func (p *place) insert(t testing.TB, rec stores.Record) stores.Handle {
	t.Helper()
	h := newHandle()
	p.save(t, h, 0, rec)
	return h
}

func (p *place) save(t testing.TB, h stores.Handle, expected uint64, rec stores.Record) {
	t.Helper()
	if err := p.Save(ctx, h, expected, rec.Row()); err != nil {
		t.Fatalf("save: %v", err)
	}
}
