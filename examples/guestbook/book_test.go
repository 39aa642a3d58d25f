package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var someDay = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func bookOf(n int) *Book {
	b := new(Book)
	for i := range n {
		b.Add(Entry{Name: "Anna", Text: fmt.Sprint(i), At: someDay})
	}
	return b
}

func TestTheBookKeepsTheNewest(t *testing.T) {
	es := bookOf(maxEntries + 3).Entries()
	if len(es) != maxEntries || es[0].Text != fmt.Sprint(maxEntries+2) || es[maxEntries-1].Text != "3" {
		t.Errorf("%d entries from %q to %q", len(es), es[0].Text, es[len(es)-1].Text)
	}
}

func TestEntriesAreACopy(t *testing.T) {
	b := bookOf(2)
	b.Entries()[0].Text = "changed"
	if got := b.Entries()[0].Text; got != "1" {
		t.Errorf("the newest says %q; want %q", got, "1")
	}
}

func TestASnapshotRestoresTheBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "entries.json")
	b := bookOf(3)
	b.Add(Entry{"Søren 🖋", "Hej,\nhej \u2028 <&>", someDay.Add(time.Hour), true})
	for range 2 { // the second replaces the first
		if err := b.Snapshot(path); err != nil {
			t.Fatal(err)
		}
	}
	restored := new(Book)
	if err := restored.Restore(path); err != nil {
		t.Fatal(err)
	}
	if got, want := restored.Entries(), b.Entries(); !slices.Equal(got, want) {
		t.Errorf("restored %v; want %v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestNoSnapshotIsAnEmptyBook(t *testing.T) {
	b := new(Book)
	if err := b.Restore(filepath.Join(t.TempDir(), "none")); err != nil || len(b.Entries()) != 0 {
		t.Errorf("%d entries, error %v", len(b.Entries()), err)
	}
	if err := b.Snapshot(filepath.Join(t.TempDir(), "none", "entries")); err == nil {
		t.Error("a snapshot into a folder that isn't there is no error")
	}
}

func TestABrokenSnapshotIsAnErrorAndIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "entries.json")
	if err := os.WriteFile(path, []byte(`[{"name":"An`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := new(Book).Restore(path); err == nil {
		t.Error("no error")
	}
	if b, _ := os.ReadFile(path); string(b) != `[{"name":"An` {
		t.Errorf("the file is %q now", b)
	}
}
