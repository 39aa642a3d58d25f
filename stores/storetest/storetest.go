// Package storetest checks that a store keeps the laws that sessions rely on: what is saved comes back, no update is
// lost, what was deleted or renewed stays so, and a store that fails never looks like one without a session.
//
//	func TestLaws(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) stores.Table {
//			table, err := mystore.Open(t.TempDir())
//			if err != nil {
//				t.Fatal(err)
//			}
//			t.Cleanup(table.Close)
//			return table
//		})
//	}
//
// Each law is a subtest whose name begins with its number, as "T2 save is conditional", so one is run alone by
// go test -run 'Laws/T2'. Laws of a table (T) are checked on its methods, those of sessions (C, S) through
// stores.Keep and session.Wrap. What a table need not have (stores.Lister, stores.Sweeper) is skipped where it has
// none. With -short everything is smaller, for servers that are slow.
//
// The suite waits for nothing and moves no clock but its own: records begin about now, and live long enough that an
// engine which expires by a clock of its own, right within some minutes, does not interfere. It demands times to the
// microsecond.
package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/stores"
)

// Run checks a table. It calls open for each law; open may give the same table again, also one that holds sessions, as
// handles and owners are drawn at random. What open gives must be nobody's in production: Sweep is called on it.
func Run(t *testing.T, open func(t *testing.T) stores.Table, options ...Option) {
	t.Helper()
	newConfig(options).run(testingT{t}, func(t tb) subject {
		table := open(t.(testingT).T)
		if table == nil {
			t.Fatalf("open gave no table")
		}
		return subject{table: table, store: stores.Keep(table)}
	})
}

// RunStore checks a store that is no table, such as one that seals the record into the token: the laws that can be
// seen from outside. A store that can't promise all of them says with [Only] which it does.
func RunStore(t *testing.T, open func(t *testing.T) stores.Store, options ...Option) {
	t.Helper()
	newConfig(options).run(testingT{t}, func(t tb) subject {
		store := open(t.(testingT).T)
		if store == nil {
			t.Fatalf("open gave no store")
		}
		return subject{store: store}
	})
}

// An Option changes what is checked.
type Option func(*config)

// Only checks these laws alone, such as "T1" and "C6", for a store that promises no others. "T" is the comparison of
// random calls with a map, which takes T1 to T5. It panics if there is no such law.
func Only(laws ...string) Option {
	for _, l := range laws {
		if !isLaw(l) {
			panic("storetest: Only: there is no law " + l)
		}
	}
	return func(c *config) { c.only = append(c.only, laws...) }
}

// Short makes everything smaller, as -short does. It is for a table whose code has been checked in full, and which is
// checked again because something around it differs: a setting of the driver, an isolation level, names of columns.
func Short() Option {
	return func(c *config) { c.short = true }
}

// Full adds to T2 what Save must say if it has no room for another session. open returns a table that refuses the next
// anonymous session.
func Full(open func(t *testing.T) stores.Table) Option {
	return func(c *config) { c.full = func(t tb) stores.Table { return open(t.(testingT).T) } }
}

// Duplicates lets a scan yield a record more than once, as one does that walks a hash table while it changes its size.
// Without this option T5 demands that each comes once.
func Duplicates() Option {
	return func(c *config) { c.duplicates = true }
}

type config struct {
	only       []string
	short      bool
	duplicates bool
	full       func(tb) stores.Table
}

func newConfig(options []Option) *config {
	c := &config{short: testing.Short()}
	for _, o := range options {
		o(c)
	}
	return c
}

// A law is one or more of the laws, and how it is checked.
type law struct {
	name  string // begins with its number
	needs need
	check func(*suite)
}

func (l law) number() string {
	number, _, _ := strings.Cut(l.name, " ")
	return number
}

type need int

const (
	aStore need = iota
	aTable
	aLister
	aSweeper
	aScanner
)

// laws lists all there are, in the order in which they are checked.
func laws() []law { return slices.Concat(tableLaws, sessionLaws) }

func isLaw(number string) bool {
	return slices.ContainsFunc(laws(), func(l law) bool { return l.number() == number })
}

// subject is what is checked; table is nil for a store that is none.
type subject struct {
	table stores.Table
	store stores.Store
}

func (c *config) run(t tb, open func(tb) subject) {
	t.Helper()
	for _, l := range laws() {
		if c.only != nil && !slices.Contains(c.only, l.number()) {
			continue
		}
		t.Run(l.name, func(t tb) {
			s := newSuite(t, c, open(t))
			s.require(l.needs)
			if l.number() != "T1" && s.table != nil {
				s.findLost()
			}
			l.check(s)
		})
	}
}
