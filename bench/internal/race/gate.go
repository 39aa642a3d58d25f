package race

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// A gate holds handlers: one that comes to a room of it waits there until the room is opened. So a trial knows that a
// handler has its session, and decides what happens before it goes on.
type gate struct {
	url   string
	srv   *http.Server
	mu    sync.Mutex
	rooms map[string]*room
}

type room struct {
	url     string
	arrived chan struct{}
	opened  chan struct{}
}

func newGate() (*gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{url: "http://" + l.Addr().String() + "/", rooms: map[string]*room{}}
	g.srv = &http.Server{Handler: g}
	go func() { _ = g.srv.Serve(l) }()
	return g, nil
}

func (g *gate) close() { _ = g.srv.Close() }

// room makes a room that nobody has come to yet.
func (g *gate) room() *room {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := fmt.Sprint(len(g.rooms))
	r := &room{g.url + name, make(chan struct{}), make(chan struct{})}
	g.rooms["/"+name] = r
	return r
}

// ServeHTTP answers a handler that waits, when it may go on.
func (g *gate) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	g.mu.Lock()
	r := g.rooms[req.URL.Path]
	g.mu.Unlock()
	if r == nil {
		return
	}
	select {
	case r.arrived <- struct{}{}:
	case <-r.opened:
	case <-req.Context().Done():
		return
	}
	select {
	case <-r.opened:
	case <-req.Context().Done():
	}
}

var errNobody = errors.New("the handler did not come to the gate")

// await returns when n handlers are in the room.
func (r *room) await(n int) error {
	late := time.After(20 * time.Second)
	for range n {
		select {
		case <-r.arrived:
		case <-late:
			return errNobody
		}
	}
	return nil
}

func (r *room) open() { close(r.opened) }
