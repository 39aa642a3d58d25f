package redistest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A Proxy stands between a client and a server on loopback. It sees commands, and can keep them or their answers.
type Proxy struct {
	Addr   string
	target string
	listen net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool
	trips []string // the commands of each, joined by +
	state state
	next  chan struct{} // closed when a command has come
}

type state int

const (
	passing state = iota
	holding       // commands don't reach the server
	losing        // the answers to scripts don't reach the client, whose connection ends instead
)

// NewProxy starts a proxy to a server, until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), target: target, listen: l, conns: map[net.Conn]bool{}}
	t.Cleanup(p.Stop)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// Stop refuses what comes and ends what is there.
func (p *Proxy) Stop() {
	_ = p.listen.Close()
	p.End()
}

// End ends all connections that there are.
func (p *Proxy) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Hold keeps commands from the server, from now on.
func (p *Proxy) Hold() { p.set(holding) }

// Lose keeps the answer of the next script from the client, and ends the connection.
func (p *Proxy) Lose() { p.set(losing) }

func (p *Proxy) set(s state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = s
}

// Trips returns the round trips since it was asked before, each by its commands.
func (p *Proxy) Trips() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := strings.Join(p.trips, " ")
	p.trips = nil
	return all
}

// Next gives a channel that is closed when the next command has come, also one of the client's own.
func (p *Proxy) Next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = make(chan struct{})
	return p.next
}

// serve passes on what comes in whole bursts: what a client writes at once is one round trip.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var lose sync.Mutex // locked while an answer is to be lost
	lost := false
	go func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			lose.Lock()
			cut := lost
			lose.Unlock()
			if err != nil || cut {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	in := bufio.NewReaderSize(client, 256<<10)
	for {
		burst, names, err := readBurst(in)
		if err != nil {
			return
		}
		switch p.note(names) {
		case holding:
			continue
		case losing:
			if strings.Contains(names, "EVAL") {
				lose.Lock()
				lost = true
				lose.Unlock()
				p.set(passing)
			}
		}
		if _, err := server.Write(burst); err != nil {
			return
		}
	}
}

// note remembers a trip, unless it is of the client's own.
func (p *Proxy) note(names string) state {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		close(p.next)
		p.next = nil
	}
	switch first, _, _ := strings.Cut(names, "+"); first {
	case "PING", "HELLO", "CLIENT", "AUTH", "SELECT", "INFO", "COMMAND":
	default:
		p.trips = append(p.trips, names)
	}
	return p.state
}

// readBurst reads a command and what has come with it.
func readBurst(in *bufio.Reader) (burst []byte, names string, err error) {
	var raw bytes.Buffer
	var all []string
	for {
		args, err := readCommand(in, &raw)
		if err != nil {
			return nil, "", err
		}
		all = append(all, strings.ToUpper(args[0]))
		if in.Buffered() == 0 {
			return raw.Bytes(), strings.Join(all, "+"), nil
		}
	}
}

func readCommand(in *bufio.Reader, raw *bytes.Buffer) ([]string, error) {
	n, err := readCount(in, raw, '*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := readCount(in, raw, '$')
		if err != nil {
			return nil, err
		}
		arg := make([]byte, size+2)
		if _, err := io.ReadFull(in, arg); err != nil {
			return nil, err
		}
		raw.Write(arg)
		args[i] = string(arg[:size])
	}
	return args, nil
}

func readCount(in *bufio.Reader, raw *bytes.Buffer, kind byte) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	raw.WriteString(line)
	if line[0] != kind {
		return 0, fmt.Errorf("%q where %q was due", line, kind)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}
