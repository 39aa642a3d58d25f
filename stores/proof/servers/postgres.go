package servers

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
)

// Postgres starts PostgreSQL with its data in a new folder in dir, with the user postgres, the database postgres and no password. It
// doesn't wait for the disk; a test that kills it and counts on what was committed passes "-c", "fsync=on", "-c",
// "full_page_writes=on". Args come after the program's own, so they win. The URL is one for pgx. The error is
// ErrMissing where PostgreSQL isn't installed.
func Postgres(ctx context.Context, dir string, args ...string) (*Server, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	s, err := newServer("postgres", dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(s.dir, "data")
	err = s.prepare(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return nil, err
	}
	port, err := newPort()
	if err != nil {
		return nil, err
	}
	s.addr = "127.0.0.1:" + port
	s.url = "postgres://postgres@" + s.addr + "/postgres?sslmode=disable"
	s.path = filepath.Join(bin, "postgres")
	// No socket in the file system: the path of a test's folder is easily longer than the 107 bytes that one may have.
	s.args = append([]string{
		"-D", data, "-h", "127.0.0.1", "-p", port, "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200",
	}, args...)
	s.end = os.Interrupt // don't wait for clients
	s.ready = postgresReady
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// postgresReady opens a session: while the server starts or recovers it is refused with an error.
func postgresReady(conn net.Conn) bool {
	const version = 3 << 16
	parameters := "user\x00postgres\x00database\x00postgres\x00\x00"
	packet := binary.BigEndian.AppendUint32(nil, uint32(8+len(parameters)))
	packet = binary.BigEndian.AppendUint32(packet, version)
	packet = append(packet, parameters...)
	if _, err := conn.Write(packet); err != nil {
		return false
	}
	var kind [1]byte
	_, err := io.ReadFull(conn, kind[:])
	return err == nil && kind[0] == 'R'
}
