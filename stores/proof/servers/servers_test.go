package servers

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// one is what a Server and a Cluster have in common.
type one interface {
	Kill()
	URL() string
}

// must returns a server that a function of this package has started. Without the programs the test is skipped.
func must[S one](t *testing.T) func(S, error) S {
	return func(s S, err error) S {
		t.Helper()
		if errors.Is(err, ErrMissing) && os.Getenv("SIGNET_TEST_REQUIRE") != "1" {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Kill)
		return s
	}
}

func listens(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestAServerStartsStopsAndStartsAgainOnItsPort(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) *Server{
		"postgres": func(t *testing.T) *Server { return must[*Server](t)(Postgres(t.Context(), t.TempDir())) },
		"mariadb":  func(t *testing.T) *Server { return must[*Server](t)(MariaDB(t.Context(), t.TempDir())) },
		"redis":    func(t *testing.T) *Server { return must[*Server](t)(Redis(t.Context(), t.TempDir())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			url := s.URL()
			if !strings.Contains(url, s.Addr()) {
				t.Errorf("URL %q has not the address %q", url, s.Addr())
			}
			if !s.serves(t.Context()) {
				t.Error("started, it doesn't serve")
			}
			if err := s.Start(t.Context()); err != nil {
				t.Errorf("starting what runs: %v", err)
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			if listens(s.Addr()) {
				t.Error("stopped, it listens")
			}
			if err := s.Stop(); err != nil {
				t.Errorf("stopping what is stopped: %v", err)
			}
			if err := s.Restart(t.Context()); err != nil {
				t.Error(err)
			}
			s.Kill()
			if listens(s.Addr()) {
				t.Error("killed, it listens")
			}
			if err := s.Restart(t.Context()); err != nil {
				t.Error(err)
			}
			if !s.serves(t.Context()) || s.URL() != url {
				t.Errorf("restarted, it doesn't serve %q", url)
			}
		})
	}
}

func psql(t *testing.T, s *Server, statement string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(s.path), "psql"), "-XAtq", "-d", s.URL(), "-c", statement).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestAKilledPostgresKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := must[*Server](t)(Postgres(t.Context(), t.TempDir(), "-c", "fsync=on", "-c", "full_page_writes=on"))
	if got := psql(t, s, "SHOW fsync"); got != "on" {
		t.Fatalf("fsync is %s", got)
	}
	psql(t, s, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
	s.Kill()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := psql(t, s, "SELECT count(*), sum(n) FROM kept"); got != "1000|500500" {
		t.Errorf("count and sum are %s; want 1000|500500", got)
	}
}

func TestAKilledRedisWithALogKeepsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	s := must[*Server](t)(Redis(t.Context(), t.TempDir(), "--appendonly", "yes", "--appendfsync", "always"))
	if _, err := s.ask(t.Context(), "SET kept 7"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ask(t.Context(), "GET kept"); got != "7" {
		t.Errorf("GET gives %q, %v; want 7", got, err)
	}
}

func TestARedisIsAReplicaByItsArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := must[*Server](t)(Redis(t.Context(), dir))
	host, port, _ := strings.Cut(first.Addr(), ":")
	second := must[*Server](t)(Redis(t.Context(), dir, "--replicaof", host, port))
	info, err := second.ask(t.Context(), "INFO replication")
	if err != nil || !has(info, "role:slave", "master_port:"+port) {
		t.Errorf("%v: %s", err, info)
	}
}

func TestAServerWithAPasswordIsReady(t *testing.T) {
	t.Parallel()
	s := must[*Server](t)(Redis(t.Context(), t.TempDir(), "--requirepass", "sesame"))
	if strings.Contains(s.URL(), "sesame") {
		t.Errorf("URL %q", s.URL())
	}
}

func TestAKilledNodeComesBackToItsCluster(t *testing.T) {
	t.Parallel()
	c := must[*Cluster](t)(RedisCluster(t.Context(), t.TempDir()))
	url := c.URL()
	if n := len(strings.Split(url, ",")); n != 3 {
		t.Fatalf("%d nodes in %q", n, url)
	}
	c.Nodes[1].Kill()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.URL() != url {
		t.Errorf("URL %q; want %q", c.URL(), url)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	for _, node := range c.Nodes {
		if listens(node.Addr()) {
			t.Error("stopped, a node listens")
		}
	}
}

func TestAServerThatExitsShowsTheEndOfItsLog(t *testing.T) {
	t.Parallel()
	_, err := Redis(t.Context(), t.TempDir(), "--port", "nonsense")
	if errors.Is(err, ErrMissing) && os.Getenv("SIGNET_TEST_REQUIRE") != "1" {
		t.Skip(err)
	}
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v; want what the server says", err)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("SIGNET_TEST_PATH_ONLY", "1")
	_, err := Redis(t.Context(), t.TempDir())
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("%v; want ErrMissing and what to install", err)
	}
}
