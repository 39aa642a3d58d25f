package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestAPathIsAPathWhateverItIsMadeOf(t *testing.T) {
	for _, name := range []string{
		"a b", "100%", "%41", "why?.db", "a?mode=memory", "#1", "a&b=c", "a;b", "a+b", `a'b"c`, "[x]", "ä€", "file:x", "a:b@c", "-x", ":memory:",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			table, err := OpenTable(path, sqlstore.Layout{})
			if err != nil {
				t.Fatal(err)
			}
			if err := table.Migrate(ctx); err != nil {
				t.Error(err)
			}
			h := save(t, table)
			if err := table.Close(); err != nil {
				t.Error(err)
			}
			if got := names(t, dir); !slices.Equal(got, []string{name}) {
				t.Errorf("the directory has %q; want %q", got, name)
			}
			if _, err := openedAt(t, path, sqlstore.Layout{}).Load(ctx, h); err != nil {
				t.Errorf("when it is opened again: %v", err)
			}
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWhatCantBeOpenedIsAnErrorAtOnce(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"no path":                      "",
		"memory":                       ":memory:",
		"a URI":                        "file:sessions.db",
		"a NUL":                        filepath.Join(dir, "a\x00b"),
		"a directory that isn't there": filepath.Join(dir, "none", "sessions.db"),
		"a directory":                  dir,
		"another kind of file":         text,
	} {
		if s, err := Open(path, sqlstore.Layout{}); err == nil || !strings.HasPrefix(err.Error(), "sqlite: open: ") {
			t.Errorf("%s: %v, %v", what, s, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "new"), sqlstore.Layout{Owner: `a"b`}); err == nil {
		t.Error("a layout whose names can't be used: no error")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"text"}) {
		t.Errorf("the directory has %q; want nothing new", got)
	}
}

func TestAFileThatIsNotInWriteAheadModeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	file, err := uri(path)
	if err != nil {
		t.Fatal(err)
	}
	if db, err := newReaders(dsn(file, nil)); err == nil || !strings.Contains(err.Error(), "write-ahead") {
		t.Errorf("%v, %v", db, err)
	}
}

func TestOnlyTheFilesOwnerReadsIt(t *testing.T) {
	dir := t.TempDir()
	save(t, openedAt(t, filepath.Join(dir, "sessions.db"), sqlstore.Layout{}))
	all := names(t, dir)
	if len(all) != 3 {
		t.Errorf("the files are %q; want three", all)
	}
	for _, name := range all {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", name, info.Mode(), err)
		}
	}
}

func TestWhatIsAcknowledgedIsFlushed(t *testing.T) {
	db := sql.OpenDB(opened(t, sqlstore.Layout{}).writer.connector)
	defer db.Close()
	var mode int
	if err := db.QueryRow("PRAGMA synchronous").Scan(&mode); err != nil || mode != 2 {
		t.Errorf("synchronous is %d, %v; want 2, FULL", mode, err)
	}
}

func TestReadersDoNotWrite(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	save(t, table)
	if _, err := table.readers.Exec("DELETE FROM sessions"); err == nil {
		t.Error("a reader has deleted")
	}
}

func TestOneFileMayBeOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	one, other := openedAt(t, path, sqlstore.Layout{}), openedAt(t, path, sqlstore.Layout{})
	for range 20 {
		if _, err := other.Load(ctx, save(t, one)); err != nil {
			t.Error(err)
		}
		if _, err := one.Load(ctx, save(t, other)); err != nil {
			t.Error(err)
		}
	}
}

func TestStoreHasWhatItsTableCanDo(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "sessions.db"), sqltest.OwnLayout)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(ctx); err != nil {
		t.Error(err)
	}
	var store stores.Store = s
	rec := sqltest.Record(0, "ann")
	token, err := store.Save(ctx, stores.Token{}, rec, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(ctx, token, rec.Seen); err != nil {
		t.Error(err)
	}
	if recs, err := store.(stores.Owners).List(ctx, "ann"); len(recs) != 1 || err != nil {
		t.Errorf("listed %d, %v", len(recs), err)
	}
	if n, err := store.(stores.Sweeper).Sweep(ctx, rec.Expires.Add(2*60e9)); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
