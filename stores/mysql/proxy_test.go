package mysql

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"

	proxies "github.com/signet-go/signet/stores/internal/proxy"
)

// A proxy stands between the driver and the server. It counts round trips, and can cut and stall.
type proxy struct {
	*proxies.Proxy
	trips atomic.Int64 // how often the client began to speak after the server

	mu   sync.Mutex
	next func() // called before the client's next message goes on
	deaf bool   // the server's messages are kept from the client
	cuts bool   // the next of them that is ends all connections
}

// proxied makes a database of the test's own behind a proxy.
func proxied(t testing.TB, change ...func(*mysql.Config)) (*proxy, string) {
	t.Helper()
	p := &proxy{}
	dsn := place(t, append(change, func(c *mysql.Config) {
		var err error
		if p.Proxy, err = proxies.New(c.Addr, p.link); err != nil {
			t.Fatal(err)
		}
		c.Addr = p.Addr()
	})...)
	t.Cleanup(p.Stop)
	return p, dsn
}

// before has f called once, before what the client says next goes to the server.
func (p *proxy) before(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = f
}

// lose keeps answers from the client from now on.
func (p *proxy) lose(lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = lost
}

// loseOne keeps the next answer from the client, and cuts.
func (p *proxy) loseOne() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf, p.cuts = true, true
}

// A link is one connection.
type link struct {
	*proxy
	answered atomic.Bool // the server has spoken last
}

func (p *proxy) link() proxies.Link {
	l := &link{proxy: p}
	l.answered.Store(true)
	return l
}

func (l *link) Request([]byte) proxies.Verdict {
	if l.answered.Swap(false) {
		l.trips.Add(1)
	}
	l.mu.Lock()
	f := l.next
	l.next = nil
	l.mu.Unlock()
	if f != nil {
		f()
	}
	return proxies.Pass
}

func (l *link) Answer([]byte) proxies.Verdict {
	l.answered.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.cuts:
		l.deaf, l.cuts = false, false
		l.Cut()
		return proxies.Cut
	case l.deaf:
		return proxies.Drop
	}
	return proxies.Pass
}
