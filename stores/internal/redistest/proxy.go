package redistest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-go/signet/stores/internal/proxy"
)

// A Proxy stands between a client and a server on loopback. It sees commands, and can keep them or their answers.
type Proxy struct {
	*proxy.Proxy
	target string

	mu    sync.Mutex
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
	p := &Proxy{target: target}
	var err error
	if p.Proxy, err = proxy.New(target, func() proxy.Link { return &link{p: p} }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
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

// A link is one connection. What a client writes at once is one message and one round trip.
type link struct {
	p     *Proxy
	names string      // the commands of the request; belongs to the goroutine of requests
	lost  atomic.Bool // the next answer is lost
}

func (l *link) Split(client io.Reader) func() ([]byte, error) {
	in := bufio.NewReaderSize(client, 256<<10)
	return func() (burst []byte, err error) {
		burst, l.names, err = readBurst(in)
		return burst, err
	}
}

func (l *link) Request([]byte) proxy.Verdict {
	switch l.p.note(l.names) {
	case holding:
		return proxy.Drop
	case losing:
		if strings.Contains(l.names, "EVAL") {
			l.lost.Store(true)
			l.p.set(passing)
		}
	}
	return proxy.Pass
}

func (l *link) Answer([]byte) proxy.Verdict {
	if l.lost.Load() {
		return proxy.Cut
	}
	return proxy.Pass
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
