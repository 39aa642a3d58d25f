package race

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/bench/internal/server"
)

// A Trial is one interleaving of requests of one visitor. Nothing in it is left to chance.
type Trial struct {
	Name string
	Says string
	run  func(*server.Server, *gate) (lost float64, err error) // the part that went wrong, 0 to 1
}

// Trials are those of the table.
var Trials = []Trial{
	{"two keys", "two requests set different keys at once: one of them is lost", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/set?key=b") })
		return v.result(v.do(v.Get, "/get?key=a") == "" || v.do(v.Get, "/get?key=b") == "")
	}},
	{"100 counts", "a hundred requests count at once: the part of the counts that is lost", counts},
	{"log-out", "a slow write ends after the log-out: the visitor is logged in again", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/login")
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/logout") })
		return v.result(v.do(v.Get, "/who") != "")
	}},
	{"copy after log-out", "the same: a copy of the cookie from before the log-out opens the session", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/login")
		copied := s.Visitor(v.Cookies())
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/logout") })
		return v.result(v.do(copied.Get, "/who") != "")
	}},
	{"log-in", "a slow write ends after the log-in: the visitor isn't logged in", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/login") })
		return v.result(v.do(v.Get, "/who") == "")
	}},
	{"copy after log-in", "the same: a copy of the cookie from before the log-in opens a session", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		copied := s.Visitor(v.Cookies())
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/login") })
		return v.result(v.do(copied.Get, "/get?key=key000") != "" || v.do(copied.Get, "/who") != "")
	}},
	{"flash, poll", "a poll comes between the form and its page: it eats the message", func(s *server.Server, _ *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		v.do(v.Post, "/put")
		v.do(v.Poll, "/poll")
		return v.result(v.do(v.Get, "/page") == "")
	}},
	{"flash, slow write", "a slow write ends after the form: the message is lost", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		v.beside(g, "/set?key=a", func() { v.do(v.Post, "/put") })
		return v.result(v.do(v.Get, "/page") == "")
	}},
	{"flash twice", "a slow write ends after the page: the message is shown again", func(s *server.Server, g *gate) (float64, error) {
		v := visit(s)
		v.do(v.Post, "/fill?keys=1")
		v.do(v.Post, "/put")
		v.beside(g, "/set?key=a", func() {
			if v.do(v.Get, "/page") == "" {
				v.fail(errors.New("the page has no message"))
			}
		})
		return v.result(v.do(v.Get, "/page") != "")
	}},
}

// counts holds a hundred handlers until all have their session.
func counts(s *server.Server, g *gate) (float64, error) {
	const n = 100
	v := visit(s)
	v.do(v.Post, "/fill?keys=1")
	r := g.room()
	errs := make(chan error, n)
	for range n {
		go func() {
			_, err := v.Post("/count?gate=" + r.url)
			errs <- err
		}()
	}
	v.fail(r.await(n))
	r.open()
	for range n {
		v.fail(<-errs)
	}
	has, err := strconv.Atoi(v.do(v.Post, "/visit"))
	v.fail(err)
	return 1 - float64(has-1)/n, v.err
}

// A visiting is a visitor on a trial, and the first thing that went wrong in a way that is none of the trial's.
type visiting struct {
	*server.Visitor
	err error
}

func visit(s *server.Server) *visiting { return &visiting{Visitor: s.Visitor(peer.Jar{})} }

func (v *visiting) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

func (v *visiting) do(send func(string) (string, error), path string) string {
	if v.err != nil {
		return ""
	}
	body, err := send(path)
	v.fail(err)
	return body
}

// beside sends a slow request, does something while its handler waits with the session loaded, lets it go on, and waits for it.
func (v *visiting) beside(g *gate, slow string, something func()) {
	if v.err != nil {
		return
	}
	r := g.room()
	done := make(chan error, 1)
	go func() {
		_, err := v.Post(slow + "&gate=" + r.url)
		done <- err
	}()
	if err := r.await(1); err != nil {
		v.fail(fmt.Errorf("%s: %w", slow, err))
	}
	something()
	r.open()
	v.fail(<-done)
}

func (v *visiting) result(wrong bool) (float64, error) {
	if wrong {
		return 1, v.err
	}
	return 0, v.err
}
