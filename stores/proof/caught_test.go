package proof

import (
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"pgregory.net/rapid"
)

// TestProgramsCatchBrokenSites runs programs on sites that are broken on purpose: a story tells each of them.
func TestProgramsCatchBrokenSites(t *testing.T) {
	setFlag(t, "rapid.checks", "20000") // it ends with the first one that notices; -short makes it a fifth
	shrinking := "200ms"
	if isLong() {
		shrinking = "10s"
	}
	setFlag(t, "rapid.shrinktime", shrinking)
	for _, b := range brokenSites {
		t.Run(b.name, func(t *testing.T) {
			said := failure(func(tb rapid.TB) {
				rapid.Check(tb, func(t *rapid.T) {
					site := newSite(b.over(memory.NewTable()), b)
					site.quick = true
					runProgram(t, site)
				})
			})
			_, story, failed := strings.Cut(said, "after:\n")
			if !failed {
				t.Fatalf("no program notices: %s", said)
			}
			story, _, _ = strings.Cut(story, "To reproduce")
			t.Logf("after\n%s", strings.TrimRight(story, " \n"))
		})
	}
}

// TestInterleavingsCatchBrokenSites runs pairs on them.
func TestInterleavingsCatchBrokenSites(t *testing.T) {
	for _, b := range brokenSites {
		if b.law == "" {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			st := newStage(b.over(memory.NewTable()), b)
			st.owned = true
			said := map[string]string{}
			for cast := range casts2and3(false) {
				_, wrong, err := st.allOrders(cast)
				if err != nil {
					t.Fatal(err)
				}
				for _, law := range lawsIn(wrong) {
					if said[law] == "" {
						said[law] = wrong
					}
				}
			}
			if said[b.law] == "" {
				t.Errorf("%s holds; broken are %v", b.law, slices.Sorted(maps.Keys(said)))
			}
			t.Logf("%s", said[b.law])
		})
	}
}

// TestTheModelsAcceptATableThatSweepsByItself runs programs and interleavings on a table that removes all it may with each insert.
func TestTheModelsAcceptATableThatSweepsByItself(t *testing.T) {
	b := broken{table: func(t stores.Table) stores.Table { return tidying{Table: t} }}
	Programs(t, provable{"tidying", func(*testing.T) stores.Table { return b.over(memory.NewTable()) }, 1000, true})
	Interleavings(t, func(*testing.T) stores.Table { return b.over(memory.NewTable()) }, false)
}

// The witness of an interleaving accepts that an insert removes what has been expired for a minute, and nothing else.
func TestTheWitnessKnowsWhatAnInsertMayTake(t *testing.T) {
	for name, c := range map[string]struct {
		after, early time.Duration // between the expiry and the insert; and by how much the table is early
		law          string
	}{
		"what has been expired for two minutes": {after: 2 * time.Minute},
		"what has just expired, which stays":    {},
		"what has just expired":                 {early: 2 * time.Minute, law: "T4"},
		"what is alive":                         {after: -10 * time.Minute, early: 15 * time.Minute, law: "T4"},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now().Truncate(time.Minute)
			w := &witness{Table: tidying{memory.NewTable(), c.early}, now: func() time.Time { return now }, entries: map[stores.Handle]entry{}}
			for i := range 2 {
				rec := stores.Record{Version: 1, Created: now, Seen: now, Expires: now.Add(idle)}
				if err := w.Save(t.Context(), stores.Handle{byte(i)}, 0, rec.Row()); err != nil {
					t.Fatal(err)
				}
				now = now.Add(idle + c.after)
			}
			_, _ = w.Load(t.Context(), stores.Handle{0})
			var laws []string
			if c.law != "" {
				laws = []string{c.law}
			}
			if got := lawsIn(strings.Join(w.wrong, "\n")); !slices.Equal(got, laws) {
				t.Errorf("the witness blames %q: %q; want %q", got, w.wrong, laws)
			}
		})
	}
}

// lawsIn lists the laws that a failure names.
func lawsIn(wrong string) []string {
	var laws []string
	for _, m := range regexp.MustCompile(`(?m)^((?:[A-Z]\d+(?:, )?)+): `).FindAllStringSubmatch(wrong, -1) {
		laws = append(laws, strings.Split(m[1], ", ")...)
	}
	return laws
}

func (b broken) over(t stores.Table) stores.Table {
	if b.table == nil {
		return t
	}
	return partly{b.table(t), t}
}

// failure runs a check that is going to fail, and returns what it said.
func failure(check func(rapid.TB)) string {
	r := &recorder{}
	var wg sync.WaitGroup
	wg.Go(func() { check(r) })
	wg.Wait()
	return r.said.String()
}

// A recorder is a TB whose failures are results.
type recorder struct {
	failed bool
	said   strings.Builder
}

func (r *recorder) note(s string)                { fmt.Fprintln(&r.said, s) }
func (r *recorder) Helper()                      {}
func (r *recorder) Name() string                 { return "broken" }
func (r *recorder) Log(...any)                   {}
func (r *recorder) Logf(string, ...any)          {}
func (r *recorder) Skip(...any)                  { r.SkipNow() }
func (r *recorder) Skipf(string, ...any)         { r.SkipNow() }
func (r *recorder) SkipNow()                     { runtime.Goexit() }
func (r *recorder) Error(args ...any)            { r.note(fmt.Sprint(args...)); r.Fail() }
func (r *recorder) Errorf(f string, args ...any) { r.note(fmt.Sprintf(f, args...)); r.Fail() }
func (r *recorder) Fatal(args ...any)            { r.note(fmt.Sprint(args...)); r.FailNow() }
func (r *recorder) Fatalf(f string, args ...any) { r.note(fmt.Sprintf(f, args...)); r.FailNow() }
func (r *recorder) Fail()                        { r.failed = true }
func (r *recorder) FailNow()                     { r.Fail(); runtime.Goexit() }
func (r *recorder) Failed() bool                 { return r.failed }
