package storetest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-go/signet/stores"
)

// Each broken table fails the law that it breaks, and what follows from it.
func TestBrokenTablesAreCaught(t *testing.T) {
	for _, b := range slices.Concat(brokenTables(), swallowed()) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // those that race sleep by its clock
				time.Sleep(123456789) // it begins at a whole second, which hides what is cut off
				b.judge(t, check(func() subject {
					table := b.make()
					return subject{table: table, store: stores.Keep(table)}
				}))
			})
		})
	}
}

// judge compares the laws that failed with those that should.
func (b broken) judge(t *testing.T, r *recorder) {
	failed := map[string]bool{}
	claimed := false
	for _, f := range r.failures() {
		failed[lawOf(f)] = true
		claimed = claimed || f.path[len(f.path)-1] == b.claim
	}
	must := append(strings.Fields(b.also), b.law)
	for _, law := range must {
		if !failed[law] {
			t.Errorf("%s holds; want it broken", law)
		}
		delete(failed, law)
	}
	for _, law := range append(strings.Fields(b.maybe), "T") { // T takes a little luck
		delete(failed, law)
	}
	if len(failed) > 0 {
		t.Errorf("it also breaks %v; want %v", slices.Sorted(maps.Keys(failed)), must)
	}
	if !claimed {
		t.Errorf("that %q holds; want it broken", b.claim)
	}
	if t.Failed() {
		for _, f := range r.failures() {
			t.Logf("%.300s", f)
		}
	}
}

// lawOf gives the number of the law that failed. S8 and T6 are checked on tables and on sessions: the latter say so.
func lawOf(f *recorder) string {
	number, _, _ := strings.Cut(f.path[0], " ")
	ofTables := slices.ContainsFunc(tableLaws, func(l law) bool { return l.name == f.path[0] })
	if !ofTables && (number == "S8" || number == "T6") {
		return number + "-session"
	}
	return number
}

func brokenTables() []broken {
	return []broken{
		{name: "an upsert", make: func() stores.Table { return upsert{newReference()} }, law: "T2",
			claim: "a record that never was is not found, and not made", also: "T3 C1 C2 C3 C4 C5 C6"},
		{name: "it revives the deleted", make: func() stores.Table { return revives{newReference()} }, law: "T2",
			claim: "a record that was deleted is not found, and does not come back", also: "C4"},
		{name: "an insert overwrites", make: func() stores.Table { return overwrites{newReference()} }, law: "T2",
			claim: "an insert over a record is a conflict"},
		{name: "a conflict says not found", make: func() stores.Table { return alwaysGone{newReference()} }, law: "T2",
			claim: "another version is a conflict", also: "T3 C1 C2 C3 C4 C5 C6"},
		{name: "a conflict says nothing", make: func() stores.Table { return shrugs{newReference()} }, law: "T2",
			claim: "another version is a conflict", also: "T3 C1 C2 C3 C4 C5 C6"},
		{name: "it checks, then acts", make: func() stores.Table { return racy{newReference()} }, law: "T2",
			claim: "of parallel saves over one version one wins", also: "C1 C2"},
		{name: "it compares versions as floats", make: func() stores.Table { return float{newReference()} }, law: "T2",
			claim: "another version is a conflict"},
		{name: "a touch changes the version", make: func() stores.Table { return bumps{newReference()} }, law: "S8",
			claim: "it moves seen and expiry, and nothing else", also: "C4 S8-session"},
		{name: "a touch ignores the version", make: func() stores.Table { return blindTouch{newReference()} }, law: "S8",
			claim: "it does nothing to another version"},
		{name: "a touch goes backwards", make: func() stores.Table { return backTouch{newReference()} }, law: "S8",
			claim: "it never goes backwards", also: "C4"},
		{name: "a touch makes a record", make: func() stores.Table { return makingTouch{newReference()} }, law: "S8",
			claim: "it makes no record", also: "C4"},
		{name: "a touch rewrites the data", make: func() stores.Table {
			return staleTouch{newReference(), map[stores.Handle]stores.Row{}}
		}, law: "S8", claim: "it does nothing to another version", also: "C4 T5"},
		{name: "a touch that loses is an error", make: func() stores.Table { return strictTouch{newReference()} }, law: "S8",
			claim: "it does nothing to another version", also: "C4"},
		{name: "a sweep takes everything", make: func() stores.Table { return takesAll{newReference()} }, law: "T4",
			claim: "an expired record goes, a live one stays"},
		{name: "a sweep takes what has just expired", make: func() stores.Table { return hasty{newReference()} }, law: "T4",
			claim: "not before a minute has passed"},
		{name: "a sweep takes nothing", make: func() stores.Table { return lazy{newReference()} }, law: "T4",
			claim: "an expired record goes, a live one stays"},
		{name: "a sweep miscounts", make: func() stores.Table { return boastful{newReference()} }, law: "T4",
			claim: "however many there are"},
		{name: "a sweep does not look again", make: func() stores.Table { return rashSweep{newReference()} }, law: "T4",
			claim: "a save beside it holds, or is told"},
		{name: "a scan ends with its first page", make: func() stores.Table { return onePage{newReference()} }, law: "T5",
			claim: "as it was saved, expired ones too"},
		{name: "a scan leaves out the expired", make: func() stores.Table { return aliveOnly{newReference()} }, law: "T5",
			claim: "as it was saved, expired ones too"},
		{name: "pages of a scan overlap", make: func() stores.Table { return twicePaged{newReference()} }, law: "T5",
			claim: "as it was saved, expired ones too"},
		{name: "deleting what is absent is an error", make: func() stores.Table { return strictDelete{newReference()} }, law: "T4",
			claim: "what is absent is no error", also: "C4"},
		{name: "a delete only empties", make: func() stores.Table { return keeps{newReference()} }, law: "T4",
			claim: "what was deleted is not found", also: "T2 T5 S8 C4 C5"},
		{name: "the index of owners forgets", make: func() stores.Table {
			return forgetful{newReference(), map[stores.Handle]string{}}
		}, law: "T5", claim: "a record is listed when somebody logs in, and after a renewal"},
		{name: "the index of owners is not checked", make: func() stores.Table {
			return loose{newReference(), map[stores.Handle][]string{}}
		}, law: "T5", claim: "a record is listed for its present owner only"},
		{name: "owners of other case are the same", make: func() stores.Table { return folding{newReference()} }, law: "T5",
			claim: "owners are told apart to the last byte"},
		{name: "the anonymous are listed", make: func() stores.Table { return ownsNobody{newReference()} }, law: "T5",
			claim: "nobody owns the anonymous ones"},
		{name: "an owner without sessions is an error", make: func() stores.Table { return strictList{newReference()} }, law: "T5",
			claim: "a record is listed when it is created with an owner"},
		{name: "a record that can't be read fails the list", make: func() stores.Table { return upset{newReference()} }, law: "T5",
			claim: "a record that can't be read hides no other, and can be ended"},
		{name: "a record that can't be read is not listed", make: func() stores.Table { return discreet{newReference()} }, law: "T5",
			claim: "a record that can't be read hides no other, and can be ended"},
		{name: "it ignores the context", make: func() stores.Table { return deaf{newReference()} }, law: "T6",
			claim: "a context that is cancelled"},
		{name: "a failing load says not found", make: func() stores.Table { return calm{newReference()} }, law: "T6",
			claim: "a context that is past its deadline", maybe: "C5"},
		{name: "what can't be read is not found", make: func() stores.Table { return hopeful{newReference()} }, law: "T1",
			claim: "a body that is no session"},
		{name: "it keeps whole seconds", make: func() stores.Table {
			return changed{newReference(), func(r *stores.Record) { r.Created = r.Created.Truncate(time.Second) }, false}
		}, law: "T1", claim: "a record with every field set"},
		{name: "it has versions of its own", make: func() stores.Table {
			return changed{newReference(), func(r *stores.Record) { r.Version = 1 }, false}
		}, law: "T1", claim: "versions of all 64 bits", also: "T2 T3 T4 T5 T6 S8 C1 C2 C3 C4 C5 C6"},
		{name: "it cuts handles", make: func() stores.Table { return short{newReference()} }, law: "T1",
			claim: "handles that differ in one bit", also: "S3 T5"},
		{name: "it drops large data", make: func() stores.Table {
			return changed{newReference(), func(r *stores.Record) {
				if r.Data.Size() > 1<<15 {
					r.Data = stores.Data{}
				}
			}, false}
		}, law: "T1", claim: "data as large as a session may be"},
	}
}
