package mysql

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// A proxy stands between the driver and the server. It counts round trips, and can cut and stall.
type proxy struct {
	target string
	addr   string
	trips  atomic.Int64 // how often the client began to speak after the server

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	next     func() // called before the client's next words go on
	deaf     bool   // the server's words are kept from the client
	cuts     bool   // the next of them that is ends all connections
}

// proxied makes a database of the test's own behind a proxy.
func proxied(t testing.TB, change ...func(*mysql.Config)) (*proxy, string) {
	t.Helper()
	p := &proxy{conns: map[net.Conn]bool{}}
	dsn := place(t, append(change, func(c *mysql.Config) {
		p.target = c.Addr
		p.start(t, "127.0.0.1:0")
		c.Addr = p.addr
	})...)
	t.Cleanup(p.stop)
	return p, dsn
}

func (p *proxy) start(t testing.TB, addr string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.addr = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
}

// stop refuses connections and cuts those that are there, as a server does that is stopped.
func (p *proxy) stop() {
	_ = p.listener.Close()
	p.cut()
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
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

// isLost reports whether words of the server are kept from the client.
func (p *proxy) isLost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.cuts {
		return p.deaf
	}
	p.deaf, p.cuts = false, false
	for c := range p.conns {
		_ = c.Close()
	}
	return true
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var answered atomic.Bool // the server has spoken last
	answered.Store(true)
	go func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			answered.Store(true)
			if p.isLost() {
				continue
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if answered.Swap(false) {
			p.trips.Add(1)
		}
		p.mu.Lock()
		f := p.next
		p.next = nil
		p.mu.Unlock()
		if f != nil {
			f()
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
