package servers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// Redis starts Valkey or Redis, whichever is installed, with nothing kept over a stop: that takes "--appendonly", "yes" and, to
// keep what was answered over a Kill, "--appendfsync", "always". Args come after the program's own, so they win; a replica is
// "--replicaof", "127.0.0.1", port. The URL is a redis:// one. The error is ErrMissing where neither is installed.
func Redis(ctx context.Context, dir string, args ...string) (*Server, error) {
	s, err := newRedis(dir, args...)
	if err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func newRedis(dir string, args ...string) (*Server, error) {
	program, err := findRedis()
	if err != nil {
		return nil, err
	}
	s, err := newServer("redis", dir)
	if err != nil {
		return nil, err
	}
	port, err := newPort()
	if err != nil {
		return nil, err
	}
	s.addr = "127.0.0.1:" + port
	s.url = "redis://" + s.addr
	s.path = program
	s.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir}, args...)
	s.end = syscall.SIGTERM
	s.ready = redisReady
	return s, nil
}

// redisReady pings: a server that loads its data answers with an error, one that wants a password first is ready for it.
func redisReady(conn net.Conn) bool {
	reply, err := ask(conn, "PING")
	return err == nil && reply == "PONG" || err != nil && strings.HasPrefix(err.Error(), "NOAUTH")
}

// ask sends one command and returns the reply, if that is a string.
func ask(conn net.Conn, command string) (string, error) {
	if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
		return "", err
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case strings.HasPrefix(line, "+"):
		return line[1:], nil
	case strings.HasPrefix(line, "-"):
		return "", fmt.Errorf("%s", line[1:])
	case strings.HasPrefix(line, "$"):
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 || n > 1<<20 {
			return "", fmt.Errorf("a reply of length %q", line[1:])
		}
		b := make([]byte, n)
		_, err = io.ReadFull(r, b)
		return string(b), err
	default:
		return "", fmt.Errorf("a reply of another kind: %q", line)
	}
}
