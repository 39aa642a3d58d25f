package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// ErrMissing is returned where a server's programs are not installed. The error that wraps it says what to install.
var ErrMissing = errors.New("not installed")

// packages names, by engine, what Debian calls its programs. Without the client's, mariadb-install-db finds no my_print_defaults.
var packages = map[string][]string{
	"postgres": {"postgresql"},
	"mariadb":  {"mariadb-server-core", "mariadb-client-core"},
	"redis":    {"redis-server"},
}

func missing(name string) error {
	return fmt.Errorf("servers: %s: %w; on Debian: apt-get install%s", name, ErrMissing, join(packages[name]))
}

func join(names []string) (s string) {
	for _, name := range names {
		s += " " + name
	}
	return s
}

// find looks for the programs of an engine.
func find(name string) (err error) {
	switch name {
	case "postgres":
		_, err = findPostgres()
	case "mariadb":
		_, _, err = findMariaDB()
	case "redis":
		_, err = findRedis()
	default:
		err = fmt.Errorf("servers: %q is none of postgres, mariadb, redis", name)
	}
	return err
}

// findPostgres returns the folder with the programs of the newest PostgreSQL. Debian keeps them out of the PATH, and what is in it
// may be somebody's wrapper.
func findPostgres() (string, error) {
	var dirs []string
	for _, pattern := range outsidePath(
		"/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	) {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	newestFirst(dirs)
	if inPath, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(inPath))
	}
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", missing("postgres")
}

func newestFirst(dirs []string) {
	slices.SortStableFunc(dirs, func(a, b string) int { return major(b) - major(a) })
}

var number = regexp.MustCompile(`[0-9]+`)

// major returns the first number in a path, the version of what is there.
func major(path string) int {
	n, _ := strconv.Atoi(number.FindString(path))
	return n
}

func findMariaDB() (program, install string, err error) {
	program, ok := look("mariadbd")
	install, ok2 := look("mariadb-install-db")
	if !ok || !ok2 {
		return "", "", missing("mariadb")
	}
	return program, install, nil
}

func findRedis() (string, error) {
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, ok := look(name); ok {
			return path, nil
		}
	}
	return "", missing("redis")
}

// look finds a program in the PATH or in one of the places for servers, which need not be in it.
func look(name string) (string, bool) {
	if path, err := exec.LookPath(name); err == nil {
		return path, true
	}
	for _, dir := range outsidePath(
		"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin",
	) {
		if path := filepath.Join(dir, name); executable(path) {
			return path, true
		}
	}
	return "", false
}

// outsidePath returns the folders, or none if SIGNET_TEST_PATH_ONLY is 1.
func outsidePath(dirs ...string) []string {
	if os.Getenv("SIGNET_TEST_PATH_ONLY") == "1" {
		return nil
	}
	return dirs
}

func executable(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}
