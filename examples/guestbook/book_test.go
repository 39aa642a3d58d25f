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

func bookOf(t *testing.T, n int) *Book {
	b := new(Book)
	for i := range n {
		add(t, b, Entry{Name: "Anna", Text: fmt.Sprint(i), At: someDay})
	}
	return b
}

func add(t *testing.T, b *Book, e Entry) {
	t.Helper()
	if err := b.Add(e); err != nil {
		t.Fatal(err)
	}
}

func TestTheBookKeepsTheNewest(t *testing.T) {
	es := bookOf(t, maxEntries+3).Entries()
	if len(es) != maxEntries || es[0].Text != fmt.Sprint(maxEntries+2) || es[maxEntries-1].Text != "3" {
		t.Errorf("%d entries from %q to %q", len(es), es[0].Text, es[len(es)-1].Text)
	}
}

func TestEntriesAreACopy(t *testing.T) {
	b := bookOf(t, 2)
	b.Entries()[0].Text = "changed"
	if got := b.Entries()[0].Text; got != "1" {
		t.Errorf("the newest says %q; want %q", got, "1")
	}
}

func TestABookInAFileIsThereAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "entries.json")
	b, err := OpenBook(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		add(t, b, Entry{Name: "Anna", Text: fmt.Sprint(i), At: someDay})
	}
	add(t, b, Entry{"Søren 🖋", "Hej,\nhej \u2028 <&>", someDay.Add(time.Hour), true})
	again, err := OpenBook(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Entries(), b.Entries(); !slices.Equal(got, want) {
		t.Errorf("there are %v; want %v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestAnEntryThatCannotBeKeptIsNotInTheBook(t *testing.T) {
	b, err := OpenBook(filepath.Join(t.TempDir(), "none", "entries"))
	if err != nil || len(b.Entries()) != 0 {
		t.Fatalf("%d entries, error %v; want an empty book", len(b.Entries()), err)
	}
	if err := b.Add(Entry{Name: "Anna", Text: "Hello", At: someDay}); err == nil || len(b.Entries()) != 0 {
		t.Errorf("%d entries, error %v", len(b.Entries()), err)
	}
}

func TestABrokenFileIsAnErrorAndIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "entries.json")
	if err := os.WriteFile(path, []byte(`[{"name":"An`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenBook(path); err == nil {
		t.Error("no error")
	}
	if b, _ := os.ReadFile(path); string(b) != `[{"name":"An` {
		t.Errorf("the file is %q now", b)
	}
}
