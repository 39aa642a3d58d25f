package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/internal/race"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/migrate"
)

var (
	handle = stores.Handle{1}
	start  = time.Now()
)

func record(version uint64, minutes int) stores.Record {
	return stores.Record{
		Handle: handle, Version: version, Verifier: [32]byte{1}, Owner: "ann",
		Created: start, Seen: start, Expires: start.Add(time.Duration(minutes) * time.Minute),
	}
}

// An operation is a call to a table, and what it says.
type operation struct {
	name string
	call func(ctx context.Context, t stores.Table) string
}

var operations = []operation{
	{"load", func(ctx context.Context, t stores.Table) string { return state(ctx, t) }},
	save(1, 11), save(1, 12), save(2, 13), fade(1, 15),
	touch(1, 40), touch(1, 50),
	{"insert", func(ctx context.Context, t stores.Table) string {
		return say(t.Save(ctx, handle, 0, record(14, 30).Row()))
	}},
	{"delete", func(ctx context.Context, t stores.Table) string { return say(t.Delete(ctx, handle)) }},
}

func save(seen, version uint64) operation {
	return operation{fmt.Sprintf("save %d over %d", version, seen), func(ctx context.Context, t stores.Table) string {
		return say(t.Save(ctx, handle, seen, record(version, 30).Row()))
	}}
}

// fade saves a record that ends sooner than the others.
func fade(seen, version uint64) operation {
	return operation{fmt.Sprintf("fade to %d over %d", version, seen), func(ctx context.Context, t stores.Table) string {
		return say(t.Save(ctx, handle, seen, record(version, 5).Row()))
	}}
}

func touch(version uint64, minutes int) operation {
	return operation{fmt.Sprintf("touch %d to %d", version, minutes), func(ctx context.Context, t stores.Table) string {
		return say(t.Touch(ctx, handle, version, start, record(version, minutes).Expires))
	}}
}

func say(err error) string {
	for _, known := range []error{nil, stores.ErrNotFound, stores.ErrConflict} {
		if errors.Is(err, known) {
			return fmt.Sprint(known)
		}
	}
	return "failure: " + err.Error()
}

// state says what a table has.
func state(ctx context.Context, t stores.Table) string {
	row, err := t.Load(ctx, handle)
	if err != nil {
		return say(err)
	}
	return fmt.Sprintf("version %d for %v", row.Version, row.Expires.Sub(start))
}

// beginnings are what the two tables may have before: the record's version in each, 0 for none.
var beginnings = []struct {
	name     string
	from, to uint64
	ended    bool // it was deleted before, from the new table alone
}{
	{"nothing", 0, 0, false},
	{"a record in the old table", 1, 0, false},
	{"a record in the new table", 0, 1, false},
	{"a record that has moved and was left behind", 1, 1, false},
	{"a record that has moved and changed, and was left behind", 1, 2, false},
	{"a record that was deleted", 1, 0, true},
	{"a record that has moved and was deleted", 0, 1, true},
}

// A protocol makes one table of two.
type protocol func(from, to stores.Table) stores.Table

var correct protocol = func(from, to stores.Table) stores.Table { return migrate.New(from, to) }

// begin brings the tables to a beginning. Who ended the record could not delete it from the old table.
func (p protocol) begin(i int, from, to *cell) {
	ctx, b := context.Background(), beginnings[i]
	if b.from != 0 {
		_ = from.Save(ctx, handle, 0, record(b.from, 30).Row())
	}
	if b.to != 0 {
		_ = to.Save(ctx, handle, 0, record(b.to, 30).Row())
	}
	if b.ended {
		from.stuck = true
		_ = p(from, to).Delete(ctx, handle)
		from.stuck = false
	}
}

// tried is one set of operations in every order of their calls.
type tried struct {
	orders int
	wrong  []string
}

// try runs operations side by side, in all orders, on all beginnings. What they say, and what is there afterwards, must be
// what some order of whole operations gives on one plain table, one in which nobody comes before somebody who had ended.
func try(made protocol, side ...operation) (all tried) {
	ctx := context.Background()
	for number, b := range beginnings {
		want := map[string][][]int{} // outcome to the orders that give it
		for order := range permutations(len(side)) {
			plain := &cell{}
			switch {
			case b.ended:
			case b.to != 0:
				_ = plain.Save(ctx, handle, 0, record(b.to, 30).Row())
			case b.from != 0:
				_ = plain.Save(ctx, handle, 0, record(b.from, 30).Row())
			}
			said := make([]string, len(side))
			for _, i := range order {
				said[i] = side[i].call(ctx, plain)
			}
			outcome := strings.Join(append(said, state(ctx, plain)), "; ")
			want[outcome] = append(want[outcome], slices.Clone(order))
		}
		for s := new(schedule); ; {
			from, to := &cell{}, &cell{}
			made.begin(number, from, to)
			table := made(stepped{from, s}, stepped{to, s})
			said := make([]string, len(side))
			var calls []func(context.Context)
			for i, op := range side {
				calls = append(calls, func(ctx context.Context) { said[i] = op.call(ctx, table) })
			}
			spans := s.run(calls)
			all.orders++
			outcome := strings.Join(append(said, state(ctx, made(from, to))), "; ")
			if !slices.ContainsFunc(want[outcome], func(order []int) bool { return agrees(order, spans) }) {
				all.wrong = append(all.wrong, fmt.Sprintf("%s, in the order %v: %s", b.name, s.choices, outcome))
			}
			if back := made.comesBack(from, to); back != "" {
				all.wrong = append(all.wrong, fmt.Sprintf("%s, in the order %v: %s", b.name, s.choices, back))
			}
			if !s.next() {
				break
			}
		}
	}
	return all
}

// tryStuck runs operations side by side, in all orders, on all beginnings, while nothing can be deleted from the old table.
// Whatever is there afterwards, time must bring nothing else back.
func tryStuck(made protocol, side ...operation) (all tried) {
	for number, b := range beginnings {
		for s := new(schedule); ; {
			from, to := &cell{}, &cell{}
			made.begin(number, from, to)
			from.stuck = true
			table := made(stepped{from, s}, stepped{to, s})
			var calls []func(context.Context)
			for _, op := range side {
				calls = append(calls, func(ctx context.Context) { op.call(ctx, table) })
			}
			s.run(calls)
			all.orders++
			if back := made.comesBack(from, to); back != "" {
				all.wrong = append(all.wrong, fmt.Sprintf("%s, in the order %v: %s", b.name, s.choices, back))
			}
			if !s.next() {
				break
			}
		}
	}
	return all
}

// comesBack sweeps both tables as time goes by. It says what is live at some time and is not the record that there is now.
func (p protocol) comesBack(from, to *cell) string {
	table := p(from, to)
	is, err := table.Load(context.Background(), handle)
	if err != nil {
		is.Version = 0
	}
	for from.row.Version != 0 || to.row.Version != 0 {
		// Nothing changes before the next sweep that takes something.
		now := to.row.Expires
		if from.row.Version != 0 && (to.row.Version == 0 || from.row.Expires.Before(now)) {
			now = from.row.Expires
		}
		now = now.Add(2 * time.Minute)
		from.sweep(now)
		to.sweep(now)
		row, err := table.Load(context.Background(), handle)
		if err == nil && now.Before(row.Expires) && row.Version != is.Version {
			return fmt.Sprintf("after %v there is version %d, where there was %d", now.Sub(start), row.Version, is.Version)
		}
	}
	return ""
}

// agrees reports whether an order has nobody before somebody who had ended when he began.
func agrees(order []int, spans []span) bool {
	for k, i := range order {
		for _, later := range order[k+1:] {
			if spans[later].last >= 0 && spans[later].last < spans[i].first {
				return false
			}
		}
	}
	return true
}

// permutations yields all orders of n.
func permutations(n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		var extend func(order []int) bool
		extend = func(order []int) bool {
			if len(order) == n {
				return yield(order)
			}
			for i := range n {
				if !slices.Contains(order, i) && !extend(append(order, i)) {
					return false
				}
			}
			return true
		}
		extend(nil)
	}
}

func TestEveryOrderOfTheCallsOfTwoOperationsIsAsIfThereWereOneTable(t *testing.T) {
	total := 0
	for i, a := range operations {
		for _, b := range operations[i:] {
			total += correct.check(t, a, b)
		}
	}
	t.Logf("%d orders", total)
}

func TestEveryOrderOfTheCallsOfThreeOperationsIsAsIfThereWereOneTable(t *testing.T) {
	if testing.Short() || race.Enabled {
		t.Skip("a hundred thousand orders; their calls take turns, so there is no race to detect")
	}
	load, change, shorter, longer, end := operations[0], operations[1], operations[4], operations[5], operations[8]
	total := 0
	for _, side := range [][]operation{
		{change, longer, end}, {load, change, end}, {load, longer, end}, {load, change, longer}, {load, shorter, change},
	} {
		total += correct.check(t, side...)
	}
	t.Logf("%d orders", total)
}

func TestC4_WhatCanNotBeDeletedFromTheOldTableDoesNotComeBack(t *testing.T) {
	total := 0
	for i, a := range operations {
		for _, b := range operations[i:] {
			r := tryStuck(correct, a, b)
			if total += r.orders; len(r.wrong) > 0 {
				t.Errorf("%s beside %s: %d of %d orders are wrong, such as %s", a.name, b.name, len(r.wrong), r.orders, r.wrong[0])
			}
		}
	}
	t.Logf("%d orders", total)
}

func (p protocol) check(t *testing.T, side ...operation) int {
	t.Helper()
	r := try(p, side...)
	if len(r.wrong) > 0 {
		var names []string
		for _, op := range side {
			names = append(names, op.name)
		}
		t.Errorf("%s: %d of %d orders are wrong, such as %s", strings.Join(names, " beside "), len(r.wrong), r.orders, r.wrong[0])
	}
	return r.orders
}

// Each of these is the protocol with one mistake, which two operations must show.

type pair struct {
	stores.Table
	from, to stores.Table
}

func newPair(from, to stores.Table) pair { return pair{migrate.New(from, to), from, to} }

// unmarking deletes from both tables and leaves no mark.
type unmarking struct{ pair }

func (p unmarking) Delete(ctx context.Context, h stores.Handle) error {
	if err := p.from.Delete(ctx, h); err != nil {
		return err
	}
	return p.to.Delete(ctx, h)
}

// glancing does not look again at the new table.
type glancing struct{ pair }

func (p glancing) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := p.to.Load(ctx, h)
	if errors.Is(err, stores.ErrNotFound) {
		return p.from.Load(ctx, h)
	}
	return row, err
}

// hasty deletes the old record before it inserts the new one.
type hasty struct{ pair }

func (p hasty) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if old, err := p.from.Load(ctx, h); err != nil || old.Version != expected {
		return p.Table.Save(ctx, h, expected, row)
	}
	if err := p.from.Delete(ctx, h); err != nil {
		return err
	}
	return p.to.Save(ctx, h, 0, row)
}

// copying moves what it loads, as if nothing could happen meanwhile.
type copying struct{ pair }

func (p copying) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	if _, err := p.to.Load(ctx, h); errors.Is(err, stores.ErrNotFound) {
		if old, err := p.from.Load(ctx, h); err == nil {
			_ = p.from.Delete(ctx, h)
			_ = p.to.Save(ctx, h, 0, old)
		}
	}
	return p.Table.Load(ctx, h)
}

// blind replaces what the old table has by a record that ends sooner, before it has deleted that.
type blind struct{ pair }

func (p blind) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := p.to.Save(ctx, h, expected, row)
	if expected == 0 || !errors.Is(err, stores.ErrNotFound) {
		return err
	}
	if old, err := p.from.Load(ctx, h); err != nil || old.Version != expected {
		return p.Table.Save(ctx, h, expected, row)
	}
	if err := p.to.Save(ctx, h, 0, row); err != nil {
		return err
	}
	return p.from.Delete(ctx, h)
}

// forgetful leaves a mark for five minutes, whatever it stands for.
type forgetful struct{ pair }

func (p forgetful) Delete(ctx context.Context, h stores.Handle) error {
	err := p.Table.Delete(ctx, h)
	if mark, lerr := p.to.Load(ctx, h); lerr == nil {
		version := mark.Version
		mark.Version, mark.Expires = version+1, start.Add(5*time.Minute)
		_ = p.to.Save(ctx, h, version, mark)
	}
	return err
}

func TestC4_ABrokenProtocolIsCaughtWhereNothingCanBeDeletedFromTheOldTable(t *testing.T) {
	for name, broken := range map[string]protocol{
		"what ends sooner is written at once": func(from, to stores.Table) stores.Table { return blind{newPair(from, to)} },
		"marks last for five minutes":         func(from, to stores.Table) stores.Table { return forgetful{newPair(from, to)} },
	} {
		wrong := 0
		for _, op := range operations {
			wrong += len(tryStuck(broken, op).wrong)
		}
		if wrong == 0 {
			t.Errorf("nothing shows that %s", name)
		}
		t.Logf("%s: %d orders are wrong", name, wrong)
	}
}

func TestABrokenProtocolIsCaught(t *testing.T) {
	for name, broken := range map[string]protocol{
		"deletes leave no mark":     func(from, to stores.Table) stores.Table { return unmarking{newPair(from, to)} },
		"loads look once":           func(from, to stores.Table) stores.Table { return glancing{newPair(from, to)} },
		"the old record goes first": func(from, to stores.Table) stores.Table { return hasty{newPair(from, to)} },
		"loads move":                func(from, to stores.Table) stores.Table { return copying{newPair(from, to)} },
	} {
		wrong := 0
		for i, a := range operations {
			for _, b := range operations[i:] {
				wrong += len(try(broken, a, b).wrong)
			}
		}
		if wrong == 0 {
			t.Errorf("nothing shows that %s", name)
		}
		t.Logf("%s: %d orders are wrong", name, wrong)
	}
}
