package servers

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// given holds the ports that were handed out: the kernel may name one again before a server has bound it.
var given = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// newPort returns a port of 127.0.0.1 that nobody uses.
func newPort() (string, error) {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("servers: %w", err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		given.Lock()
		before := given.ports[port]
		given.ports[port] = true
		given.Unlock()
		if !before {
			return strconv.Itoa(port), nil
		}
	}
}

// portFree waits until addr can be bound: a client that dials a server which is down may hold the server's port for a moment, as
// its own end of the connection.
func portFree(ctx context.Context, addr string) error {
	for {
		l, err := net.Listen("tcp", addr)
		if err == nil {
			return l.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
