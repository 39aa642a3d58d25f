package stores_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/storetest"
)

type table struct {
	mu   sync.Mutex
	rows map[stores.Handle]stores.Row
}

func (t *table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row, ok := t.rows[h]
	switch {
	case ctx.Err() != nil:
		return stores.Row{}, ctx.Err()
	case !ok:
		return stores.Row{}, stores.ErrNotFound
	}
	return row, nil
}

func (t *table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.rows[h]
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case expected != 0 && !ok:
		return stores.ErrNotFound
	case old.Version != expected: // an absent row has version 0
		return stores.ErrConflict
	}
	t.rows[h] = row
	return nil
}

func (t *table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	row, ok := t.rows[h]
	if ctx.Err() == nil && ok && row.Version == version && expires.After(row.Expires) {
		row.Seen, row.Expires = seen, expires
		t.rows[h] = row
	}
	return ctx.Err()
}

func (t *table) Delete(ctx context.Context, h stores.Handle) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() == nil {
		delete(t.rows, h)
	}
	return ctx.Err()
}

func TestTheTableOfThePackageCommentObservesTheRules(t *testing.T) {
	storetest.Run(t, func(*testing.T) stores.Table {
		return &table{rows: map[stores.Handle]stores.Row{}}
	})
}

func TestThePackageCommentHasTheTableThatIsTested(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("documented_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	_, section, _ := strings.Cut(string(comment), "// # A table\n")
	for line := range strings.Lines(section) {
		if code, is := strings.CutPrefix(line, "//\t"); is {
			shown.WriteString(code)
		} else if line == "//\n" && shown.Len() > 0 {
			shown.WriteString("\n")
		}
	}
	if code := strings.TrimSpace(shown.String()); code == "" || !strings.Contains(string(source), code) {
		t.Errorf("the package comment has another table:\n%s", code)
	}
}
