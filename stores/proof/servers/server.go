package servers

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/signet-go/signet/stores/proof/internal/child"
)

const (
	startLimit = 10 * time.Minute // far more than needed: the machine may be busy with other tests
	stopLimit  = 5 * time.Minute
	askLimit   = 30 * time.Second
	pause      = 20 * time.Millisecond
)

// A Server is one server process that can be stopped, killed and started again, always on the same port and the same data.
// It belongs to the process that started it: on Linux it dies with that, however that ends. Its methods are safe for
// concurrent use, one waiting for the other.
type Server struct {
	name  string // of the engine, for errors
	dir   string // its own: data, log, temporary files
	addr  string
	url   string
	path  string // of the program
	args  []string
	end   os.Signal           // asks the program to end in good order
	ready func(net.Conn) bool // whether it serves, asked in its own protocol

	mu      sync.Mutex
	process *child.Process // nil before the first start
}

// newServer makes a folder in dir for a server. As root it belongs to nobody.
func newServer(name, dir string) (*Server, error) {
	own, err := os.MkdirTemp(dir, name+"-")
	if err == nil {
		own, err = filepath.Abs(own)
	}
	if err == nil {
		err = child.Own(own)
	}
	if err == nil {
		err = letThrough(own)
	}
	if err != nil {
		return nil, fmt.Errorf("servers: %s: %w", name, err)
	}
	return &Server{name: name, dir: own}, nil
}

// letThrough makes the folders above path, up to that for temporary files, passable for root's nobody; those of testing.T.TempDir
// are closed to others.
func letThrough(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	top := filepath.Clean(os.TempDir())
	for up := filepath.Dir(path); strings.HasPrefix(up, top+string(filepath.Separator)); up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return err
		}
		if err := os.Chmod(up, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	return nil
}

// URL returns how to reach the server, in the form that the engine's Go client takes. It never changes and holds no secret.
func (s *Server) URL() string { return s.url }

// Addr returns host:port. It never changes.
func (s *Server) Addr() string { return s.addr }

// Log returns the path of the file with all that the server has printed, of all its starts.
func (s *Server) Log() string { return filepath.Join(s.dir, "log") }

// Start starts the server if it isn't running, and returns when it serves. If it doesn't within ten minutes, or before ctx
// ends, or if it exits, it is not running when Start returns, and the error has the end of its log.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil && s.process.Running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := portFree(ctx, s.addr); err != nil {
		return fmt.Errorf("servers: %s: %w", s.name, err)
	}
	p, err := s.launch(s.path, s.args...)
	if err != nil {
		return fmt.Errorf("servers: %s: %w", s.name, err)
	}
	s.process = p
	for !s.serves(ctx) {
		select {
		case <-p.Done():
			return fmt.Errorf("servers: %s: exited with %d while starting%s", s.name, p.Wait(), s.tail())
		case <-ctx.Done():
			p.Kill()
			return fmt.Errorf("servers: %s: does not answer: %w%s", s.name, context.Cause(ctx), s.tail())
		case <-time.After(pause):
		}
	}
	return nil
}

// Stop ends the server in good order, so that what was committed is there at the next start. What has not ended after
// five minutes is killed, which is an error. Stopping what isn't running does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || !s.process.Running() {
		return nil
	}
	s.process.Signal(s.end)
	if s.process.Within(stopLimit) {
		return nil
	}
	s.process.Kill()
	return fmt.Errorf("servers: %s: killed, as it did not stop within %v%s", s.name, stopLimit, s.tail())
}

// Kill ends the server at once with signal 9, with all processes it consists of, as if the machine had lost its power but
// for what the operating system still writes. It returns when they are gone.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.Kill()
	}
}

// Restart is Stop and Start. After a Kill it is Start alone.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start(ctx)
}

// launch starts a program in the server's folder, with its output in the log.
func (s *Server) launch(path string, args ...string) (*child.Process, error) {
	log, err := os.OpenFile(s.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TMPDIR="+s.dir)
	child.Isolate(cmd)
	return child.Start(cmd)
}

// prepare runs a program to its end.
func (s *Server) prepare(ctx context.Context, path string, args ...string) error {
	p, err := s.launch(path, args...)
	if err != nil {
		return fmt.Errorf("servers: %s: %w", s.name, err)
	}
	select {
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("servers: %s: %w", s.name, context.Cause(ctx))
	case <-p.Done():
	}
	if code := p.Wait(); code != 0 {
		return fmt.Errorf("servers: %s: %s exited with %d%s", s.name, filepath.Base(path), code, s.tail())
	}
	return nil
}

func (s *Server) serves(ctx context.Context) bool {
	conn, err := dial(ctx, s.addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	return s.ready(conn)
}

// dial opens a connection that has half a minute for everything.
func dial(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: askLimit}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(askLimit))
}

// tail returns the end of the log, to be put behind an error.
func (s *Server) tail() string {
	b, err := os.ReadFile(s.Log())
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if err != nil || lines[0] == "" {
		return ""
	}
	return "; the end of its log:\n\t" + strings.Join(lines[max(0, len(lines)-20):], "\n\t")
}
