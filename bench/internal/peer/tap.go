package peer

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"
)

// A Tap stands between a site and its server and counts round trips as they are on the wire: each time that the client
// speaks after the server has.
type Tap struct {
	listener net.Listener
	target   string
	trips    atomic.Int64
	mu       sync.Mutex
	conns    []net.Conn
}

// OpenTap listens on the loopback interface for the server of the peer, and returns the address that leads through the tap.
func (p Peer) OpenTap(server string) (*Tap, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	t := &Tap{listener: l}
	var through string
	if t.target, through, err = redirect(p.Needs, server, l.Addr().String()); err != nil {
		_ = l.Close()
		return nil, "", err
	}
	go t.accept()
	return t, through, nil
}

// redirect splits the address of a server, and gives the same with another host and port.
func redirect(kind, server, to string) (target, through string, err error) {
	if kind == mysqlDSN {
		cfg, err := mysql.ParseDSN(server)
		if err != nil || cfg.Net != "tcp" {
			return "", "", errors.New("not a DSN over TCP")
		}
		target, cfg.Addr = cfg.Addr, to
		return target, cfg.FormatDSN(), nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" {
		return "", "", errors.New("not a URL with a host")
	}
	target, u.Host = u.Host, to
	return target, u.String(), nil
}

// Trips returns how many there have been.
func (t *Tap) Trips() int64 { return t.trips.Load() }

// Close ends all connections.
func (t *Tap) Close() {
	_ = t.listener.Close()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		_ = c.Close()
	}
}

func (t *Tap) accept() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", t.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		t.mu.Lock()
		t.conns = append(t.conns, client, server)
		t.mu.Unlock()
		var asked atomic.Bool // the client spoke last
		go relay(server, client, func() {
			if !asked.Swap(true) {
				t.trips.Add(1)
			}
		})
		go relay(client, server, func() { asked.Store(false) })
	}
}

// relay copies until either end closes, and tells before it hands something on.
func relay(to, from net.Conn, tell func()) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			tell()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, from)
			return
		}
	}
}
