package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

var ctx = context.Background()

// opened opens a table in a file of the test's own.
func opened(t testing.TB, l sqlstore.Layout, pragmas ...string) *Table {
	t.Helper()
	return openedAt(t, filepath.Join(t.TempDir(), "sessions.db"), l, pragmas...)
}

func openedAt(t testing.TB, path string, l sqlstore.Layout, pragmas ...string) *Table {
	t.Helper()
	table, err := open(path, l, pragmas...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := table.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return table
}

// raw rewrites what the table has stored.
func raw(table *Table) storetest.Option {
	return storetest.Raw(func(t *testing.T, _ session.Table, h session.Handle, change func([]byte) []byte) {
		var b []byte
		if err := table.readers.QueryRow("SELECT record FROM sessions WHERE handle = ?", h.String()).Scan(&b); err != nil {
			t.Fatal(err)
		}
		b = append([]byte{}, change(b)...) // never nil, which would be NULL
		if _, err := table.writer.Exec(ctx, "UPDATE sessions SET record = ? WHERE handle = ?", b, h.String()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLaws(t *testing.T) {
	table := opened(t, sqlstore.Layout{})
	storetest.Run(t, func(*testing.T) session.Table { return table }, raw(table))
}
