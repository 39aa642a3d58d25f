package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/migrate"
)

// A store is where the guest book keeps sessions.
type store struct {
	sessions stores.Store
	owners   stores.Owners // nil where nobody can list an owner's sessions
	keeps    string        // for the footer: how long things last
	entries  string        // the file of what people wrote; none if empty
	close    func() error
}

// A kind is a value of -store.
type kind struct {
	name string
	dsn  string // where it is unless -dsn says so; must be said if empty and example isn't
	like string // an example of a DSN
	open func(ctx context.Context, dsn string) (place, error)
}

// A place is an open store: one with a table, or one that has none.
type place struct {
	table   stores.Table
	sealed  stores.Store // where there is no table
	keeps   string
	entries string
	close   func() error
}

var kindsThere = []kind{
	{"sqlite", "guestbook.db", "guestbook.db", openSQLite},
	{"postgres", "", "postgres://me@localhost/guestbook", openPostgres},
	{"mysql", "", "me:password@tcp(localhost)/guestbook", openMySQL},
	{"redis", "", "redis://localhost:6379", openRedis},
	{"cookie", "guestbook.key", "guestbook.key", openCookie},
	{"memory", "", "", openMemory},
}

const dsnHelp = "a file (guestbook.db, or guestbook.key for cookie; for memory, one that carries sessions over a planned restart), or the URL of a server"

func kinds() []string {
	var names []string
	for _, k := range kindsThere {
		names = append(names, k.name)
	}
	return names
}

// openStore opens a store by the name that -store has for it. With from, as "store=dsn", who is logged in there is so here.
func openStore(ctx context.Context, name, dsn, from string) (store, error) {
	p, err := openPlace(ctx, "-store", name, dsn)
	if err != nil {
		return store{}, err
	}
	if from != "" {
		name, dsn, _ := strings.Cut(from, "=")
		old, err := openPlace(ctx, "-from", name, dsn)
		if err != nil {
			return store{}, errors.Join(err, p.close())
		}
		if p, err = p.after(old); err != nil {
			return store{}, err
		}
	}
	s := store{sessions: p.sealed, keeps: p.keeps, entries: p.entries, close: p.close}
	if p.table != nil {
		s.sessions = stores.Keep(p.table)
		s.owners, _ = stores.As[stores.Owners](s.sessions)
	}
	return s, nil
}

func openPlace(ctx context.Context, flag, name, dsn string) (place, error) {
	i := slices.IndexFunc(kindsThere, func(k kind) bool { return k.name == name })
	if i < 0 {
		return place{}, usageError{fmt.Errorf("there is no %s %q; there is: %s", flag, name, strings.Join(kinds(), ", "))}
	}
	k := kindsThere[i]
	if dsn == "" {
		dsn = k.dsn
	}
	if dsn == "" && k.like != "" {
		return place{}, usageError{fmt.Errorf("%s %s needs to know where that is, such as %s", flag, name, k.like)}
	}
	p, err := k.open(ctx, dsn)
	if err != nil {
		return place{}, fmt.Errorf("%s %s: %w", flag, name, err)
	}
	return p, nil
}

// after is p with the sessions of old, which move when they are used.
func (p place) after(old place) (place, error) {
	end := func() error { return errors.Join(p.close(), old.close()) }
	if p.table == nil || old.table == nil {
		return place{}, errors.Join(usageError{errors.New("-from works between stores that keep a table")}, end())
	}
	return place{
		table:   migrate.New(old.table, p.table),
		keeps:   p.keeps,
		entries: old.entries, // the book is the same
		close:   end,
	}, nil
}
