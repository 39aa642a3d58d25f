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

// A Book holds entries, newest first. The zero Book is empty and keeps them in memory. It is safe for concurrent use.
type Book struct {
	mu      sync.RWMutex
	entries []Entry // oldest first
	path    string  // of the file that has them too, if any
}

// OpenBook opens the book in a file, or an empty one where there is no such file yet. Without a path it is in memory.
func OpenBook(path string) (*Book, error) {
	if path == "" {
		return new(Book), nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Book{path: path}, nil
	}
	var es []Entry
	if err == nil {
		err = json.Unmarshal(content, &es)
	}
	if err != nil {
		return nil, fmt.Errorf("entries: %s: %w", path, err)
	}
	return &Book{path: path, entries: newest(es)}, nil
}

// Entries returns the entries, newest first.
func (b *Book) Entries() []Entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	es := slices.Clone(b.entries)
	slices.Reverse(es)
	return es
}

// Add adds an entry, unless the same one was added a moment ago: a form that is sent twice signs once. When it returns,
// the entry is in the file.
func (b *Book) Add(e Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.entries, e.repeats) {
		return nil
	}
	es := newest(append(slices.Clone(b.entries), e))
	if b.path != "" {
		content, err := json.MarshalIndent(es, "", "\t")
		if err == nil {
			err = replaceFile(b.path, content)
		}
		if err != nil {
			return fmt.Errorf("entries: %w", err)
		}
	}
	b.entries = es
	return nil
}

func (e Entry) repeats(other Entry) bool {
	return e.Name == other.Name && e.Text == other.Text && e.At.Sub(other.At) < doubleClick
}

func newest(es []Entry) []Entry {
	if n := len(es) - maxEntries; n > 0 {
		return es[n:]
	}
	return es
}

// replaceFile writes a file in one step: whoever opens path finds the old content or the new one.
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
