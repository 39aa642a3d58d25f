// Package faults lets the network, the server and the application fail in the worst moments, and looks at what is left.
//
//	SIGNET_PROVE=long            more of everything, and half an hour of the mixed load
//	SIGNET_PROVE_SOAK=duration   how long the mixed load runs; 15 seconds by default, 3 with -short
package faults

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/signet-go/signet/stores/internal/proxy"
)

// A Proxy stands between a store and its server. It is safe for concurrent use.
type Proxy struct {
	*proxy.Proxy

	mu     sync.Mutex
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
	open := make(gate)
	close(open)
	p := &Proxy{rand: rand.New(rand.NewPCG(1, 2)), count: map[string]int{}, requests: open, answers: open}
	var err error
	p.Proxy, err = proxy.New(target, p.connect)
	return p, err
}

// connect decides whether a connection is refused.
func (p *Proxy) connect() proxy.Link {
	p.mu.Lock()
	p.dialed++
	p.mu.Unlock()
	if p.strikes("connection refused", func(f Faults) float64 { return f.Refuse }) {
		return nil
	}
	return link{p}
}

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

// Happened returns how often each fault has struck.
func (p *Proxy) Happened() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.count)
}

// Close ends the proxy and its connections, and returns when nothing of it runs any more.
func (p *Proxy) Close() {
	p.Stop()
	p.Silence(false)
	p.Hold(false)
	p.Wait()
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

// A link is one connection through a Proxy.
type link struct{ p *Proxy }

// Request decides about one message of the client.
func (l link) Request(message []byte) proxy.Verdict {
	l.p.wait(&l.p.requests, message)
	return cutIf(l.p.strikes("request cut", func(f Faults) float64 { return f.CutRequest }))
}

// Answer decides about one message of the server.
func (l link) Answer(message []byte) proxy.Verdict {
	l.p.wait(&l.p.answers, message)
	if l.p.strikes("answer cut", func(f Faults) float64 { return f.CutAnswer }) {
		return proxy.Cut
	}
	if l.p.strikes("answer late", func(f Faults) float64 { return f.Delay }) {
		l.p.mu.Lock()
		late := l.p.faults.Late
		l.p.mu.Unlock()
		time.Sleep(late) // the fault itself, nothing that a test waits for
	}
	return proxy.Pass
}

// Done notes that a message which was at a gate has gone on, or is lost.
func (l link) Done() {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	l.p.held--
}

func cutIf(lost bool) proxy.Verdict {
	if lost {
		return proxy.Cut
	}
	return proxy.Pass
}
