package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// An Entry is what somebody wrote.
type Entry struct {
	Name     string    `json:"name"`
	Text     string    `json:"text"`
	At       time.Time `json:"at"`
	LoggedIn bool      `json:"loggedIn,omitempty"` // the name is that of a log-in
}

const (
	maxEntries  = 200         // the newest are kept
	doubleClick = time.Minute // how soon the same words again are not a second entry
)

// A Book holds entries, newest first. The zero Book is empty. It is safe for concurrent use.
type Book struct {
	mu      sync.RWMutex
	entries []Entry // oldest first
}

// Entries returns the entries, newest first.
func (b *Book) Entries() []Entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	es := slices.Clone(b.entries)
	slices.Reverse(es)
	return es
}

// Add adds an entry, unless the same one was added a moment ago: a form that is sent twice signs once.
func (b *Book) Add(e Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.entries, e.repeats) {
		return
	}
	b.entries = newest(append(b.entries, e))
}

func (e Entry) repeats(other Entry) bool {
	return e.Name == other.Name && e.Text == other.Text && e.At.Sub(other.At) < doubleClick
}

func newest(es []Entry) []Entry {
	if n := len(es) - maxEntries; n > 0 {
		return slices.Clone(es[n:]) // a slice of it would keep the array of all that ever were
	}
	return es
}

// Snapshot writes the entries to a file, in one step: whoever opens path finds the old content or the new one.
func (b *Book) Snapshot(path string) error {
	b.mu.RLock()
	content, err := json.MarshalIndent(b.entries, "", "\t")
	b.mu.RUnlock()
	if err == nil {
		err = replaceFile(path, content)
	}
	if err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	return nil
}

func replaceFile(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Restore makes the entries of a snapshot those of the book. Where there is no such file, nothing changes.
func (b *Book) Restore(path string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var es []Entry
	if err == nil {
		err = json.Unmarshal(content, &es)
	}
	if err != nil {
		return fmt.Errorf("entries: %s: %w", path, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = newest(es)
	return nil
}
