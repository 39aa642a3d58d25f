package storetest

import (
	"context"
	"errors"
	"flag"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/stores"
)

func TestMain(m *testing.M) {
	// Broken tables fail on purpose: nobody wants the smallest sequence of calls, or a file of it.
	_ = flag.Set("rapid.checks", "40")
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.shrinktime", "0s")
	m.Run()
}

func TestTheReferenceKeepsEveryLaw(t *testing.T) {
	Run(t, func(*testing.T) stores.Table { return newReference() })
}

func TestAStoreKeepsTheLawsThatCanBeSeen(t *testing.T) {
	RunStore(t, func(*testing.T) stores.Store { return stores.Keep(newReference()) })
}

func TestWhatATableCannotDoIsSkipped(t *testing.T) {
	r := check(func() subject {
		table := least{newReference()}
		return subject{table: table, store: stores.Keep(table)}
	})
	for _, f := range r.failures() {
		t.Errorf("%s", f)
	}
	want := []string{"T4 sweep takes what has been expired for a minute", "T5 records know their owner", "T5 a scan yields each record once"}
	if got := r.skips(); !slices.Equal(got, want) {
		t.Errorf("skipped %q; want %q", got, want)
	}
}

// brimful is a table that has no room.
type brimful struct {
	*reference
	says error
}

func (b brimful) Save(context.Context, stores.Handle, uint64, stores.Row) error { return b.says }

func TestT2_AFullTableMustSayThatItRefuses(t *testing.T) {
	for says, want := range map[error]bool{stores.ErrRefused: true, stores.ErrTooLarge: true, errors.New("full"): false, nil: false} {
		r := &recorder{}
		c := newConfig([]Option{Only("T2")})
		c.short, c.full = true, func(tb) stores.Table { return brimful{newReference(), says} }
		c.run(r, func(tb) subject {
			table := newReference()
			return subject{table: table, store: stores.Keep(table)}
		})
		if passes := len(r.failures()) == 0; passes != want {
			t.Errorf("a table that says %v passes: %v; want %v: %v", says, passes, want, r.failures())
		}
	}
}

// least is a table without the methods that it need not have.
type least struct{ stores.Table }

func TestOnlyTheNamedLawsAreChecked(t *testing.T) {
	r := check(func() subject {
		table := newReference()
		return subject{table: table, store: stores.Keep(table)}
	}, Only("T1", "C6"))
	var ran []string
	for _, p := range r.parts {
		ran = append(ran, p.path[0][:2])
	}
	if !slices.Equal(ran, []string{"T1", "C6"}) {
		t.Errorf("checked %v", ran)
	}
	defer func() {
		if recover() == nil {
			t.Error("Only accepts a law that does not exist")
		}
	}()
	Only("T99")
}

func TestLawsAreNumbered(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range laws() {
		if seen[l.name] || l.number() == l.name || !strings.ContainsAny(l.number()[:1], "TCS") {
			t.Errorf("the law %q", l.name)
		}
		seen[l.name] = true
	}
}

func TestThereIsAnInterleavingForEachPair(t *testing.T) {
	seen := map[[3]string]bool{}
	for _, i := range interleavings {
		seen[[3]string{string(i.where), i.a, i.b}] = true
	}
	for _, w := range []when{before, after} {
		for a := range operations() {
			for b := range operations() {
				if !seen[[3]string{string(w), a, b}] {
					t.Errorf("no %s held %s its call with %s beside it", a, w, b)
				}
			}
		}
	}
}

func TestTheFullRecordHasSomethingInEveryField(t *testing.T) {
	s := newSuite(&recorder{}, newConfig(nil), subject{})
	if d := s.difference(stores.Record{}, s.full()); strings.Count(d, "; want") != reflect.TypeFor[stores.Record]().NumField()-1 {
		t.Errorf("differs from the empty one in: %s", d)
	}
}

func TestAFailureShowsTheKeysThatDiffer(t *testing.T) {
	want := stores.Record{Version: 1, Data: data(map[string]string{"theme": "dark", "lang": "de"})}
	got := stores.Record{Version: 2, Data: data(map[string]string{"theme": "light", "lang": "de"})}
	text := (&suite{}).difference(got, want)
	for _, part := range []string{"Version is 2; want 1", `"theme": "dark"`, `"theme": "light"`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	if strings.Contains(text, "lang") {
		t.Errorf("a key that is equal shows in\n%s", text)
	}
}
