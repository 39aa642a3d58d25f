// Package server runs contestants as processes of their own, on the loopback interface.
package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/signet-go/signet/bench/internal/peer"
)

// A Kind is a contestant that can be started.
type Kind struct {
	Name    string
	Missing func() string // what has to be installed; "" for nothing
	command func(dir string) (*exec.Cmd, error)
}

// A Server is a running one. Its standard input is a pipe of ours: it ends when that closes, so also when we die.
type Server struct {
	Name, URL string
	cmd       *exec.Cmd
	stdin     io.Closer
	dir       string
}

// Kinds are these contestants of Go, and those of other languages.
func Kinds(of []peer.Peer) []Kind {
	var all []Kind
	for _, p := range of {
		all = append(all, Kind{p.Title(), func() string { return "" }, func(dir string) (*exec.Cmd, error) {
			self, err := os.Executable()
			return exec.Command(self, "-serve", p.Title()), err
		}})
	}
	return append(all, express, clojure)
}

// Start starts it and waits until it says where it listens, at most a minute.
func (k Kind) Start() (*Server, error) {
	dir, err := os.MkdirTemp("", "signet-bench")
	if err != nil {
		return nil, err
	}
	s := &Server{Name: k.Name, dir: dir}
	if s.cmd, err = k.command(dir); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s: %w", k.Name, err)
	}
	var complaint bytes.Buffer
	s.cmd.Stderr = &complaint
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		s.Stop()
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.Stop()
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		s.Stop()
		return nil, err
	}
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		said <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case s.URL = <-said:
	case <-time.After(time.Minute):
	}
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		s.Stop()
		return nil, fmt.Errorf("%s did not start: %s", k.Name, complaint.Bytes())
	}
	return s, nil
}

// PID is the number of its process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends it.
func (s *Server) Stop() {
	if s.stdin != nil {
		_ = s.stdin.Close()
	}
	if s.cmd != nil && s.cmd.Process != nil {
		late := time.AfterFunc(5*time.Second, func() { _ = s.cmd.Process.Kill() })
		_ = s.cmd.Wait()
		late.Stop()
	}
	_ = os.RemoveAll(s.dir)
}
