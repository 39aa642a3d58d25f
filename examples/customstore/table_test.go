package main

import (
	"path/filepath"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/storetest"
)

func ours(t *testing.T) table {
	db, err := open(filepath.Join(t.TempDir(), "a file?.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return table{db}
}

func TestLaws(t *testing.T) {
	db := ours(t)
	storetest.Run(t, func(*testing.T) stores.Table { return db })
}

func TestVisitsAreCounted(t *testing.T) {
	b := ringtest.New(t, session.Wrap(stores.Keep(ours(t)), session.Options{})(count))
	b.Get("/")
	if got, want := b.Get("/").Text(), "You accessed this page 2 times."; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
}
