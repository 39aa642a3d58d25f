package servers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// The ports of servers lie below those that the kernel hands out to clients, 32768 and up on Linux, so that no client's end of a
// connection takes the port of a server that is down.
const firstPort, lastPort = 10240, 32767

// reserved holds a UDP socket for each port that was handed out, until the process ends. That keeps a port of TCP from the servers of
// other processes, which ask for both as well.
var reserved struct {
	sync.Mutex
	sockets []net.PacketConn
}

var errNoPort = errors.New("servers: no port is free")

// newPort returns a port of 127.0.0.1 that nobody uses and that is reserved for the caller.
func newPort() (string, error) {
	last := min(lastPort, firstOfClients()-1)
	if last-firstPort < 1000 { // a machine for very many clients: then a port may be lost to one while its server is down
		last = 65535
	}
	n := last - firstPort + 1
	start := rand.IntN(n)
	for i := range n {
		if port := strconv.Itoa(firstPort + (start+i)%n); reserve(port) {
			return port, nil
		}
	}
	return "", fmt.Errorf("%w between %d and %d", errNoPort, firstPort, last)
}

func reserve(port string) bool {
	addr := "127.0.0.1:" + port
	socket, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		socket.Close()
		return false
	}
	l.Close()
	reserved.Lock()
	defer reserved.Unlock()
	reserved.sockets = append(reserved.sockets, socket)
	return true
}

// firstOfClients returns the first port that the kernel hands out to clients.
func firstOfClients() int {
	var first int
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err == nil {
		_, err = fmt.Sscan(string(b), &first)
	}
	if err != nil {
		return lastPort + 1 // no Linux: 49152 and up elsewhere
	}
	return first
}

// portFree waits until addr can be bound: the kernel may hold the port of a server that has just ended for a moment.
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
