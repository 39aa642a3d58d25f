// Package proxy has a TCP proxy for tests. It stands between a store and its server, and the test decides what becomes of each
// message.
package proxy

import (
	"errors"
	"io"
	"net"
	"sync"
)

// A Verdict says what becomes of a message.
type Verdict int

// The verdicts.
const (
	Pass Verdict = iota // it goes on
	Drop                // it is lost, and the connection stays
	Cut                 // it is lost, and the connection ends
)

// A Link decides about the messages of one connection. A message is what was read at once. It is valid until the method returns. The
// methods are called by two goroutines.
type Link interface {
	Request(message []byte) Verdict // from the client
	Answer(message []byte) Verdict  // from the server
}

// A Splitter is a Link that divides what the client sends into messages itself.
type Splitter interface {
	Link
	Split(client io.Reader) (next func() ([]byte, error))
}

// A Noticer is a Link that is told when a message has gone on or is lost, after each Request and Answer.
type Noticer interface {
	Link
	Done()
}

// A Proxy listens on loopback. It is safe for concurrent use.
type Proxy struct {
	target  string
	link    func() Link
	running sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	addr     string
	conns    map[net.Conn]bool
	stopped  bool
}

// New starts a proxy for the server at the address target. link is called for each connection; if it returns nil, the
// connection is closed at once.
func New(target string, link func() Link) (*Proxy, error) {
	p := &Proxy{target: target, link: link, addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	return p, p.Start()
}

// Start listens again after Stop, at the same address.
func (p *Proxy) Start() error {
	l, err := net.Listen("tcp", p.Addr())
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.addr, p.stopped = l, l.Addr().String(), false
	p.running.Go(func() { p.accept(l) })
	return nil
}

// Addr returns where the proxy listens.
func (p *Proxy) Addr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addr
}

// Stop refuses new connections and ends those that there are, as a server does that is stopped.
func (p *Proxy) Stop() {
	p.mu.Lock()
	p.stopped = true
	_ = p.listener.Close()
	p.mu.Unlock()
	p.Cut()
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Wait returns when nothing of a stopped proxy runs any more.
func (p *Proxy) Wait() { p.running.Wait() }

func (p *Proxy) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		link := p.link()
		if link == nil {
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.keep(client, server)
		requests := chunks(client)
		if s, splits := link.(Splitter); splits {
			requests = s.Split(client)
		}
		done := func() {}
		if n, notices := link.(Noticer); notices {
			done = n.Done
		}
		p.running.Go(func() { p.pass(client, server, requests, link.Request, done) })
		p.running.Go(func() { p.pass(server, client, chunks(server), link.Answer, done) })
	}
}

func (p *Proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
		if p.stopped {
			_ = c.Close()
		}
	}
}

// chunks returns what is read at once.
func chunks(from io.Reader) func() ([]byte, error) {
	b := make([]byte, 64<<10)
	return func() ([]byte, error) {
		n, err := from.Read(b)
		return b[:n], err
	}
}

var errCut = errors.New("cut")

// pass moves messages until one cuts the connection or a side ends, and then ends both.
func (p *Proxy) pass(from, to net.Conn, next func() ([]byte, error), decide func([]byte) Verdict, done func()) {
	defer func() {
		_, _ = from.Close(), to.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, from)
		delete(p.conns, to)
	}()
	for {
		message, err := next()
		if len(message) > 0 {
			if forward(to, message, decide, done) != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func forward(to net.Conn, message []byte, decide func([]byte) Verdict, done func()) error {
	defer done()
	switch decide(message) {
	case Drop:
		return nil
	case Cut:
		return errCut
	}
	_, err := to.Write(message)
	return err
}
