package servers

import (
	"slices"
	"testing"
)

func TestTheNewestPostgresWins(t *testing.T) {
	dirs := []string{"/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/17/bin", "/opt/homebrew/opt/postgresql@14/bin"}
	newestFirst(dirs)
	want := []string{"/usr/lib/postgresql/17/bin", "/opt/homebrew/opt/postgresql@14/bin", "/usr/lib/postgresql/9.6/bin"}
	if !slices.Equal(dirs, want) {
		t.Errorf("%q; want %q", dirs, want)
	}
}
