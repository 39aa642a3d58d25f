// Package engine opens every store there is, for tests that run on all of them.
package engine

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

// An Engine is where sessions can be kept.
type Engine struct {
	Name     string
	Variable string // of the environment, for where it is; none if empty
	Shared   bool   // by several processes

	// Connect opens a table in a space of its own: where is a URL, or the path of a file; space a name of letters
	// and digits. Whoever names the same place and space has the same sessions.
	Connect func(ctx context.Context, where, space string) (table stores.Table, closeTable func() error, err error)
	// Clear removes what a space has.
	Clear func(ctx context.Context, where, space string) error
	// Count returns how many sessions a space has; nil where nobody knows.
	Count func(ctx context.Context, where, space string) (int, error)
}

// All are the engines, memory first.
var All = []Engine{
	{"memory", "", false, connectMemory, nothing, nil},
	{"SQLite", "", true, connectSQLite, nothing, countSQLite},
	{"PostgreSQL", "SIGNET_TEST_POSTGRES_URL", true, connectPostgres, clearPostgres, countPostgres},
	{"MariaDB", "SIGNET_TEST_MYSQL_DSN", true, connectMySQL, clearMySQL, countMySQL},
	{"Redis", "SIGNET_TEST_REDIS_URL", true, connectRedis, nothing, nil},
	{"Redis Cluster", "SIGNET_TEST_REDIS_CLUSTER", true, connectRedis, nothing, nil},
}

// Named returns an engine by its name.
func Named(name string) Engine {
	for _, e := range All {
		if e.Name == name {
			return e
		}
	}
	panic("engine: there is no " + name)
}

// Space returns a name that nobody else has.
func Space() string { return "proof_" + strings.ToLower(rand.Text()[:12]) }

// Where returns where tests find the engine. Where that is not known the test is skipped, or fails if SIGNET_TEST_REQUIRE is 1.
func (e Engine) Where(t testing.TB) string {
	t.Helper()
	if e.Variable == "" {
		return filepath.Join(t.TempDir(), "sessions.db")
	}
	where := os.Getenv(e.Variable)
	switch {
	case where != "":
	case os.Getenv("SIGNET_TEST_REQUIRE") == "1":
		t.Fatalf("%s is not set", e.Variable)
	default:
		t.Skipf("%s is not set", e.Variable)
	}
	return where
}

// Open opens a table in a space that ends with the test.
func (e Engine) Open(t testing.TB) stores.Table {
	t.Helper()
	return e.OpenAt(t, e.Where(t), Space())
}

// OpenAt is Open for a place and a space that are known.
func (e Engine) OpenAt(t testing.TB, where, space string) stores.Table {
	t.Helper()
	table, closeTable, err := e.Connect(context.Background(), where, space)
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	t.Cleanup(func() {
		if err := closeTable(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		if err := e.Clear(ctx, where, space); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	})
	return table
}

func nothing(context.Context, string, string) error { return nil }

// connections is enough for what tests do at once.
const connections = 16

func connectMemory(context.Context, string, string) (stores.Table, func() error, error) {
	return memory.NewTable(), func() error { return nil }, nil
}
