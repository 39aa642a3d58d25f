package faults

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/signet-go/signet/stores/proof/servers"
)

// fleet are the servers that tests may kill: one of each engine, as starting one for the first time takes longest.
var fleet struct {
	sync.Mutex
	dir    string
	remove func()
	ships  map[string]*servers.Server
}

func TestMain(m *testing.M) {
	if order := os.Getenv(orderVariable); order != "" {
		serve(order)
		return
	}
	code := m.Run()
	for _, s := range fleet.ships {
		s.Kill()
	}
	if fleet.remove != nil {
		fleet.remove()
	}
	os.Exit(code)
}

// own returns a running server of our own that acknowledges nothing before it is on the disk.
func own(t *testing.T, name string) *servers.Server {
	t.Helper()
	fleet.Lock()
	defer fleet.Unlock()
	ctx := context.Background()
	s, err := fleet.ships[name], error(nil)
	if s != nil {
		err = s.Start(ctx)
	} else {
		s, err = launch(ctx, name)
	}
	if err != nil {
		if errors.Is(err, servers.ErrMissing) && !required() {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	return s
}

func launch(ctx context.Context, name string) (s *servers.Server, err error) {
	if fleet.ships == nil {
		if fleet.dir, fleet.remove, err = servers.Folder(); err != nil {
			return nil, err
		}
		fleet.ships = map[string]*servers.Server{}
	}
	switch name {
	case "PostgreSQL":
		s, err = servers.Postgres(ctx, fleet.dir, "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on")
	case "MariaDB":
		s, err = servers.MariaDB(ctx, fleet.dir, "--innodb-flush-log-at-trx-commit=1")
	case "Redis":
		s, err = servers.Redis(ctx, fleet.dir, "--appendonly", "yes", "--appendfsync", "always")
	}
	if err == nil {
		fleet.ships[name] = s
	}
	return s, err
}

func required() bool { return os.Getenv("SIGNET_TEST_REQUIRE") == "1" }

func isLong() bool { return os.Getenv("SIGNET_PROVE") == "long" }
