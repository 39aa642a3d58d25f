package servers

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/signet-go/signet/stores/proof/internal/child"
)

// MariaDB starts MariaDB with its data in a new folder in dir, with the user root, the empty database signet and no password. It doesn't
// wait for the disk; a test that kills it and counts on what was committed passes "--innodb-flush-log-at-trx-commit=1". Args
// come after the program's own, so they win. The URL is a DSN for go-sql-driver/mysql. The error is ErrMissing where
// MariaDB isn't installed.
func MariaDB(ctx context.Context, dir string, args ...string) (*Server, error) {
	program, install, err := findMariaDB()
	if err != nil {
		return nil, err
	}
	s, err := newServer("mariadb", dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(s.dir, "data")
	err = s.prepare(ctx, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db",
		"--innodb-log-file-size=4M")
	if err != nil {
		return nil, err
	}
	first := filepath.Join(s.dir, "first.sql")
	err = os.WriteFile(first, []byte("CREATE DATABASE IF NOT EXISTS signet;\n"), 0o600)
	if err == nil {
		err = child.Own(first)
	}
	if err != nil {
		return nil, err
	}
	port, err := newPort()
	if err != nil {
		return nil, err
	}
	s.addr = "127.0.0.1:" + port
	s.url = "root@tcp(" + s.addr + ")/signet"
	s.path = program
	// The socket's path is relative to the data: a whole one may not be longer than 107 bytes.
	s.args = append([]string{
		"--no-defaults", "--datadir=" + data, "--port=" + port, "--bind-address=127.0.0.1", "--socket=sock", "--pid-file=pid",
		"--init-file=" + first, "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve",
		"--character-set-server=utf8mb4",
	}, args...)
	s.end = syscall.SIGTERM
	s.ready = mariadbReady
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// mariadbReady waits for a greeting: early on the server accepts connections only to answer with an error.
func mariadbReady(conn net.Conn) bool {
	var head [5]byte // length, number, version of the protocol
	_, err := io.ReadFull(conn, head[:])
	return err == nil && head[4] == 10
}
