// Package peer has the contestants: the same small application written for each session library as that library's own
// documentation writes one, and once by hand.
//
// The application has these paths; /read to /poll are what is measured, the rest is what parallel requests are tried on:
//
//	/plain          answers "ok" and does not look at the session
//	/read           answers with the value of key000
//	/write          sets key000 to one of two values in turn
//	/fill?keys=n    sets key000 and on, n of them; of &size=n bytes each where a library lets values be long
//	/put            sends a flash message and redirects to /page
//	/page           shows it
//	/visit          counts, and answers with the number
//	/poll           a background request that shares the layout of /page, and so shows messages as well
//	/set?key=k      loads the session, waits at the gate, sets k
//	/get?key=k      answers with the value of k
//	/count          loads the session, waits at the gate, counts
//	/login /logout  the way the library's documentation does it, a new token included where it has that
//	/who            answers with the name of who is logged in
//
// Waiting at the gate is a GET of the address in the field "gate", which answers when the handler may go on.
package peer

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/valyala/fasthttp"
)

// A Peer is a library with one of its stores.
type Peer struct {
	Name   string
	Module string // whose version counts; empty for what has none
	Store  string // what sessions are kept in
	Needs  string // the environment variable that names its server; empty for what needs none
	Open   func(Place) (*Site, error)
}

// Title is name and store, as in a table.
func (p Peer) Title() string {
	if p.Store == "" {
		return p.Name
	}
	return p.Name + ", " + p.Store
}

// Version is the version of the library that is linked in, "" where it is part of this project or of Go.
func (p Peer) Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || p.Module == "" {
		return ""
	}
	for _, d := range info.Deps {
		if d.Path == p.Module {
			return d.Version
		}
	}
	return ""
}

// A Place is where a peer keeps its sessions.
type Place struct {
	Dir string // an empty directory of its own
	URL string // of the server; empty for the one that the environment names
}

// Site is an open application. Exactly one of HTTP and Fast is set.
type Site struct {
	HTTP http.Handler
	Fast fasthttp.RequestHandler // fiber's

	// Watch has the site count the parallel writes that commits were merged with. Only Signet knows.
	Watch func(conflicts *atomic.Int64)

	done []func()
}

// Close lets go of what the site holds.
func (s *Site) Close() {
	for _, f := range s.done {
		f()
	}
}

// ErrNeeds tells that a server is missing.
var ErrNeeds = errors.New("no server")

// Start opens the peer, in place p.
func (p Peer) Start(at Place) (*Site, error) {
	if p.Needs != "" && at.URL == "" {
		if at.URL = os.Getenv(p.Needs); at.URL == "" {
			return nil, fmt.Errorf("%s: %w: set %s", p.Title(), ErrNeeds, p.Needs)
		}
	}
	site, err := p.Open(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Title(), err)
	}
	return site, nil
}

// KeyName is the name of the ith key of a session.
func KeyName(i int) string { return fmt.Sprintf("key%03d", i) }

const (
	firstKey = "key000"
	value    = "some value"
	message  = "Saved"
	user     = "Ann"
)

var values = [2]string{value, "other value"}

// sized is a value of so many bytes, by default the ordinary one.
func sized(size string) string {
	if n, _ := strconv.Atoi(size); n > 0 {
		return strings.Repeat("x", n)
	}
	return value
}

// turn gives one of two values, never the same twice in a row, so that every write is one.
type turn struct{ n atomic.Uint32 }

func (t *turn) next() string { return values[t.n.Add(1)%2] }

// wait goes to the gate and returns when it opens.
func wait(gate string) {
	if gate == "" {
		return
	}
	if !strings.HasPrefix(gate, "http://127.0.0.1:") {
		return // the gate is the program that measures, on this machine
	}
	resp, err := http.Get(gate)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// randomKey is for what peers sign and seal with.
func randomKey(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
