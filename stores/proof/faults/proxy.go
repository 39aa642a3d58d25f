// Package faults lets the network, the server and the application fail in the worst moments, and looks at what is left.
//
//	SIGNET_PROVE=long            more of everything, and half an hour of the mixed load
//	SIGNET_PROVE_SOAK=duration   how long the mixed load runs; 15 seconds by default, 3 with -short
package faults

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// A Proxy stands between a store and its server. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
	dialed int
	faults Faults
	rand   *rand.Rand
	count  map[string]int
	held   int // messages that have arrived and not gone on

	requests, answers gate
	marked            []byte        // requests stop only if they contain it
	stopped           chan struct{} // closed when one has
}

// A gate is passed by messages; closed to those that stop at it.
type gate chan struct{}

// Faults are what may happen to each message, as probabilities. The zero Faults is a good network.
type Faults struct {
	Refuse     float64 // a connection is closed at once
	CutRequest float64 // a request doesn't reach the server
	CutAnswer  float64 // the server has done it, but nobody hears of it
	Delay      float64 // an answer comes late
	Late       time.Duration
}

// NewProxy makes a proxy for the server at an address, which is there until close.
func NewProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	open := make(gate)
	close(open)
	p := &Proxy{
		listener: l, target: target, conns: map[net.Conn]bool{}, rand: rand.New(rand.NewPCG(1, 2)),
		count: map[string]int{}, requests: open, answers: open,
	}
	p.running.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set says what may happen from now on.
func (p *Proxy) Set(f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = f
}

// Silence holds back all answers until it is called again with false.
func (p *Proxy) Silence(yes bool) { p.set(&p.answers, yes) }

// Hold holds back all requests until it is called again with false. They then reach the server, also where the client has
// given up.
func (p *Proxy) Hold(yes bool) { p.set(&p.requests, yes) }

// HoldMarked is Hold(true) for requests that contain mark alone, and for what comes after one on its connection. The channel
// is closed when the first one has arrived.
func (p *Proxy) HoldMarked(mark string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marked, p.stopped = []byte(mark), make(chan struct{})
	p.shut(&p.requests, true)
	return p.stopped
}

func (p *Proxy) set(g *gate, shut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marked, p.stopped = nil, nil
	p.shut(g, shut)
}

// shut shuts or opens a gate. The caller holds the lock.
func (p *Proxy) shut(g *gate, shut bool) {
	select {
	case <-*g:
		if shut {
			*g = make(gate)
		}
	default:
		if !shut {
			close(*g)
		}
	}
}

// Held returns how many messages are held back just now, by whatever fault.
func (p *Proxy) Held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// Dialed returns how many connections were made.
func (p *Proxy) Dialed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialed
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Happened returns how often each fault has struck.
func (p *Proxy) Happened() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.count)
}

// Close ends the proxy and its connections, and returns when nothing of it runs any more.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Cut()
	p.Silence(false)
	p.Hold(false)
	p.running.Wait()
}

// strikes draws whether a fault happens, and counts it.
func (p *Proxy) strikes(name string, of func(Faults) float64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rand.Float64() >= of(p.faults) {
		return false
	}
	p.count[name]++
	return true
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.dialed++
		p.mu.Unlock()
		if p.strikes("connection refused", func(f Faults) float64 { return f.Refuse }) {
			_ = c.Close()
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = c.Close()
			continue
		}
		p.keep(c, server)
		p.running.Go(func() { p.pass(c, server, p.request) })
		p.running.Go(func() { p.pass(server, c, p.answer) })
	}
}

func (p *Proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
		if p.closed {
			_ = c.Close()
		}
	}
}

// wait passes a gate.
func (p *Proxy) wait(g *gate, message []byte) {
	p.mu.Lock()
	now := *g
	p.held++
	if g == &p.requests && p.stopped != nil {
		if !bytes.Contains(message, p.marked) {
			p.mu.Unlock()
			return
		}
		select {
		case <-p.stopped:
		default:
			close(p.stopped)
		}
	}
	p.mu.Unlock()
	<-now
}

// passed notes that a message which was at a gate has gone on, or is lost.
func (p *Proxy) passed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held--
}

// request decides about one message of the client: whether it is lost.
func (p *Proxy) request(message []byte) bool {
	p.wait(&p.requests, message)
	return p.strikes("request cut", func(f Faults) float64 { return f.CutRequest })
}

// answer decides about one message of the server: whether it is lost.
func (p *Proxy) answer(message []byte) bool {
	p.wait(&p.answers, message)
	if p.strikes("answer cut", func(f Faults) float64 { return f.CutAnswer }) {
		return true
	}
	if p.strikes("answer late", func(f Faults) float64 { return f.Delay }) {
		p.mu.Lock()
		late := p.faults.Late
		p.mu.Unlock()
		time.Sleep(late) // the fault itself, nothing that a test waits for
	}
	return false
}

// pass copies messages until one is lost or a side ends, and then ends both.
func (p *Proxy) pass(from, to net.Conn, lost func([]byte) bool) {
	defer func() {
		_, _ = from.Close(), to.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, from)
		delete(p.conns, to)
	}()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && !p.forward(to, b[:n], lost) || err != nil {
			return
		}
	}
}

func (p *Proxy) forward(to net.Conn, message []byte, lost func([]byte) bool) bool {
	defer p.passed()
	if lost(message) {
		return false
	}
	_, err := to.Write(message)
	return err == nil
}
