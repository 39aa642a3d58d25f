package history

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/proof/internal/child"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

const childVariable = "SIGNET_TEST_HISTORY" // engine, place and space of a process that takes part

func TestMain(m *testing.M) {
	if part := os.Getenv(childVariable); part != "" {
		if err := takePart(part); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// takePart drives the plans that come in, until there are no more.
func takePart(part string) error {
	name, rest, _ := strings.Cut(part, "|")
	where, space, _ := strings.Cut(rest, "|")
	table, closeTable, err := engine.Named(name).Connect(context.Background(), where, space)
	if err != nil {
		return err
	}
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	for {
		var p Plan
		switch err := in.Decode(&p); {
		case errors.Is(err, io.EOF):
			return closeTable()
		case err != nil:
			return err
		}
		if err := out.Encode(Drive(table, p)); err != nil {
			return err
		}
	}
}

// A process drives plans.
type process interface {
	begin(Plan) error
	end() ([]Operation, error)
}

// another is a process besides this one.
type another struct {
	in  *gob.Encoder
	out *gob.Decoder
}

func startAnother(t *testing.T, e engine.Engine, where, space string) *another {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{e.Name, where, space}, "|"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	p, err := child.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		_ = in.Close()
		if code := p.Wait(); code != 0 {
			t.Errorf("the other process ended with %d", code)
		}
		_ = out.Close()
	})
	return &another{gob.NewEncoder(in), gob.NewDecoder(out)}
}

func (a *another) begin(p Plan) error { return a.in.Encode(p) }

func (a *another) end() (ops []Operation, err error) { return ops, a.out.Decode(&ops) }

// here is a process that is this one.
type here struct {
	table stores.Table
	ops   chan []Operation
}

func (h *here) begin(p Plan) error {
	h.ops = make(chan []Operation, 1)
	go func() { h.ops <- Drive(h.table, p) }()
	return nil
}

func (h *here) end() ([]Operation, error) { return <-h.ops, nil }

// run lets all processes drive the same records and returns what they saw.
func run(t *testing.T, seed uint64, processes []process) []Operation {
	t.Helper()
	for i, p := range processes {
		if err := p.begin(Plan{Seed: seed, Process: i, Callers: 4, Calls: 25, Records: 2, Deadline: 10 * time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	var all []Operation
	for _, p := range processes {
		ops, err := p.end()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ops...)
	}
	return all
}

// check reports whether a history could have happened one call after the other.
func check(ops []Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(model(), events(ops), time.Minute)
}

// story tells a history of which a record can't be explained, in the order of the calls.
func story(ops []Operation) string {
	slices.SortFunc(ops, func(a, b Operation) int { return int(a.Call - b.Call) })
	var b strings.Builder
	start := ops[0].Call
	for _, o := range ops {
		fmt.Fprintf(&b, "%8d–%8d µs  record %d  %v\n", (o.Call-start)/1000, (o.Return-start)/1000, o.Record, o)
	}
	return b.String()
}

// histories is how many are checked of each engine.
func histories(t *testing.T) int {
	switch n := os.Getenv("SIGNET_PROVE_HISTORIES"); {
	case n != "":
		many, err := strconv.Atoi(n)
		if err != nil || many <= 0 {
			t.Fatalf("SIGNET_PROVE_HISTORIES is %q", n)
		}
		return many
	case os.Getenv("SIGNET_PROVE") == "long":
		return 1000
	case testing.Short():
		return 10
	}
	return 100
}

// Two processes with four callers each make 200 calls on two records.
func TestC5_RecordsAreLinearizable(t *testing.T) {
	for _, e := range engine.All {
		t.Run(e.Name, func(t *testing.T) {
			where, space := e.Where(t), engine.Space()
			table := e.OpenAt(t, where, space)
			processes := []process{&here{table: table}, &here{table: table}}
			if e.Shared {
				processes[1] = startAnother(t, e, where, space)
			}
			base := rand.Uint64()
			calls, answers := 0, map[Answer]int{}
			for i := range histories(t) {
				seed := base + uint64(i)
				ops := run(t, seed, processes)
				if result := check(ops); result != porcupine.Ok {
					t.Fatalf("history %d is %s:\n%s", seed, result, story(ops))
				}
				calls += len(ops)
				for _, o := range ops {
					answers[o.Answer]++
				}
			}
			t.Logf("%d histories, %d calls: %v", histories(t), calls, answers)
			if answers[Conflict] == 0 || answers[NotFound] == 0 || answers[OK] < calls/2 {
				t.Errorf("the calls hardly met: %v", answers)
			}
		})
	}
}

// A careless table is one as people write it: it looks, and then it acts.
type careless struct {
	stores.Table
	save, touch, remove bool
	tidies              bool          // an insert sweeps, which it may
	early               time.Duration // by how much such a sweep is too early
	mu                  sync.Mutex
	deleted             map[stores.Handle]bool
}

func (c *careless) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if !c.save {
		err := c.Table.Save(ctx, h, expected, row)
		if c.tidies && expected == 0 && err == nil {
			_, err = c.Table.(stores.Sweeper).Sweep(ctx, row.Seen.Add(c.early))
		}
		return err
	}
	was, err := c.Load(ctx, h)
	switch {
	case errors.Is(err, stores.ErrNotFound):
		if expected != 0 {
			return stores.ErrNotFound
		}
		return c.Table.Save(ctx, h, 0, row)
	case err != nil:
		return err
	case was.Version != expected:
		return stores.ErrConflict
	}
	if err := c.Delete(ctx, h); err != nil {
		return err
	}
	return c.Table.Save(ctx, h, 0, row)
}

func (c *careless) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	if !c.touch {
		return c.Table.Touch(ctx, h, version, seen, expires)
	}
	rec, err := c.Load(ctx, h)
	if err != nil || rec.Version != version || !rec.Expires.Before(expires) {
		return nil
	}
	rec.Seen, rec.Expires = seen, expires
	_ = c.Delete(ctx, h)
	return c.Table.Save(ctx, h, 0, rec)
}

func (c *careless) Delete(ctx context.Context, h stores.Handle) error {
	if !c.remove {
		return c.Table.Delete(ctx, h)
	}
	c.mu.Lock() // forgets every other log-out
	defer c.mu.Unlock()
	if c.deleted[h] {
		delete(c.deleted, h)
		return nil
	}
	c.deleted[h] = true
	return c.Table.Delete(ctx, h)
}

func TestHistoriesCatchTablesThatAreBroken(t *testing.T) {
	for name, c := range map[string]*careless{
		"save looks and then acts":              {save: true},
		"touch writes the old record":           {touch: true},
		"delete forgets":                        {remove: true, deleted: map[stores.Handle]bool{}},
		"an insert takes what has just expired": {tidies: true, early: 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			c.Table = memory.NewTable()
			processes := []process{&here{table: c}, &here{table: c}}
			for i := range 2000 {
				if check(run(t, uint64(i), processes)) == porcupine.Illegal {
					t.Logf("caught by history %d", i)
					return
				}
			}
			t.Error("not caught by 2000 histories")
		})
	}
}

// What the checker accepts and refuses, call by call.
func TestTheModelKnowsWhatARecordMayDo(t *testing.T) {
	at := func(call int64, o Operation) Operation {
		o.Call, o.Return = call, call+10
		return o
	}
	insert := Operation{Kind: Save, Version: 1, Content: 2, Expires: 100, Answer: OK}
	load := func(a Answer, version uint64, expires int64) Operation {
		return Operation{Kind: Load, Answer: a, Version: version, Content: 2 * version, Expires: expires}
	}
	save := func(seen, version uint64, a Answer) Operation {
		return Operation{Kind: Save, Seen: seen, Version: version, Content: 2 * version, Expires: 100, Answer: a}
	}
	remove := Operation{Kind: Delete, Answer: OK}
	other := func(before int64, a Answer) Operation { // an insert of another record, which may take what expired before then
		return Operation{Kind: Save, Record: 1, Version: 5, Content: 10, Expires: before + (61 * time.Minute).Microseconds(), Answer: a}
	}
	tidied := func(before int64, a Answer, then ...Operation) []Operation {
		return slices.Concat([]Operation{at(0, insert)}, at(20, other(before, a)).seen(2), then)
	}
	for name, test := range map[string]struct {
		ops  []Operation
		want porcupine.CheckResult
	}{
		"what was saved is there":                {[]Operation{at(0, insert), at(20, load(OK, 1, 100))}, porcupine.Ok},
		"what was never saved isn't":             {[]Operation{at(0, insert), at(20, load(OK, 3, 100))}, porcupine.Illegal},
		"a save at another version is refused":   {[]Operation{at(0, insert), at(20, save(9, 3, Conflict))}, porcupine.Ok},
		"a save at another version is no answer": {[]Operation{at(0, insert), at(20, save(9, 3, OK))}, porcupine.Illegal},
		"a second insert is refused":             {[]Operation{at(0, insert), at(20, save(0, 3, OK))}, porcupine.Illegal},
		"deleted stays so":                       {[]Operation{at(0, insert), at(20, remove), at(40, load(OK, 1, 100))}, porcupine.Illegal},
		"deleted is not saved":                   {[]Operation{at(0, insert), at(20, remove), at(40, save(1, 3, OK))}, porcupine.Illegal},
		"a touch moves the expiry":               {[]Operation{at(0, insert), at(20, Operation{Kind: Touch, Seen: 1, Expires: 200, Answer: OK}), at(40, load(OK, 1, 200))}, porcupine.Ok},
		"a touch moves nothing backwards":        {[]Operation{at(0, insert), at(20, Operation{Kind: Touch, Seen: 1, Expires: 50, Answer: OK}), at(40, load(OK, 1, 50))}, porcupine.Illegal},
		"a touch of another version is none":     {[]Operation{at(0, insert), at(20, Operation{Kind: Touch, Seen: 7, Expires: 200, Answer: OK}), at(40, load(OK, 1, 200))}, porcupine.Illegal},
		"a sweep takes what has expired":         {[]Operation{at(0, insert), at(20, Operation{Kind: Sweep, Expires: 150, Answer: OK}), at(40, load(NotFound, 0, 0))}, porcupine.Ok},
		"a sweep takes nothing else":             {[]Operation{at(0, insert), at(20, Operation{Kind: Sweep, Expires: 50, Answer: OK}), at(40, load(NotFound, 0, 0))}, porcupine.Illegal},
		"an insert takes what has expired":       {tidied(101, OK, at(40, load(NotFound, 0, 0))), porcupine.Ok},
		"an insert may leave what has expired":   {tidied(101, OK, at(40, load(OK, 1, 100))), porcupine.Ok},
		"an insert takes nothing else":           {tidied(100, OK, at(40, load(NotFound, 0, 0))), porcupine.Illegal},
		"a refused insert takes nothing":         {append(tidied(50, OK, at(40, other(101, Conflict)).seen(2)...), at(60, load(NotFound, 0, 0))), porcupine.Illegal},
		"a refused insert changes nothing":       {append(tidied(50, OK, at(40, other(101, Conflict)).seen(2)...), at(60, load(OK, 1, 100))), porcupine.Ok},
		"a failed insert may take it later":      {tidied(101, Unknown, at(40, load(OK, 1, 100)), at(60, load(NotFound, 0, 0))), porcupine.Ok},
		"what an insert took stays away":         {tidied(101, OK, at(40, load(NotFound, 0, 0)), at(60, load(OK, 1, 100))), porcupine.Illegal},
		"nothing goes without an insert":         {[]Operation{at(0, insert), at(20, load(NotFound, 0, 0))}, porcupine.Illegal},
		"an unknown save may have been done":     {[]Operation{at(0, insert), at(20, save(1, 3, Unknown)), at(40, load(OK, 3, 100))}, porcupine.Ok},
		"an unknown save may be done later":      {[]Operation{at(0, insert), at(20, save(1, 3, Unknown)), at(40, load(OK, 1, 100)), at(60, load(OK, 3, 100))}, porcupine.Ok},
		"an unknown save is done once":           {[]Operation{at(0, insert), at(20, save(1, 3, Unknown)), at(40, load(OK, 3, 100)), at(60, save(3, 5, OK)), at(80, load(OK, 3, 100))}, porcupine.Illegal},
	} {
		if got := check(test.ops); got != test.want {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
}
