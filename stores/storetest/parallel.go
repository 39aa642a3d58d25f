package storetest

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

const (
	plainSum session.Key[int]        = "sum"
	cart     session.Tally[string]   = "cart"
	tags     session.Members[string] = "tags"
)

var sessionLaws = []law{
	{"S3 a token opens what was saved with it, and nothing else does", aStore, tokensOpen},
	{"S9 a stale token tells whose session it was", aStore, staleTokensTell},
	{"C1 parallel changes of different keys all survive", aStore, differentKeysSurvive},
	{"C2 what merges is exact", aStore, mergesAreExact},
	{"C3 the later commit wins that key only", aStore, laterCommitWins},
	{"C4 deleted and renewed are final", aStore, nothingComesBack},
	{"C4 a log-in never loses", aStore, logInNeverLoses},
	{"C5 a lost answer is decided by one load", aTable, lostAnswers},
	{"C5 every write names the version it was computed from", aTable, writesNameTheirVersion},
	{"C6 what load would refuse is not saved", aStore, tooLargeIsRefused},
	{"S7 idle and absolute limits hold on load and on save", aStore, limitsHold},
	{"S8 a touch is made once an interval", aStore, touchesAreRare},
	{"T6 a store that is down is never one without the session", aStore, downIsNotAbsent},
}

// crowd sends n requests of one visitor that have all loaded the session before the first of them commits.
func (s *suite) crowd(n int, change func(i int, req ring.Request) ring.Response) (*site, *browser, []answer) {
	s.Helper()
	var in sync.WaitGroup
	in.Add(n)
	w := s.serve(s.newClock(), common.with(paths{"/crowd": func(req ring.Request) ring.Response {
		var i int
		_, _ = fmt.Sscan(req.Query("i"), &i)
		in.Done()
		in.Wait()
		return change(i, req)
	}}))
	b := w.visitor()
	answers := make([]answer, n)
	cookies := b.header()
	s.together(n, func(i int) { answers[i] = w.ask("POST", fmt.Sprintf("/crowd?i=%d", i), cookies) })
	for i, a := range answers {
		if a.status != http.StatusOK || len(a.set) != 0 {
			s.Fatalf("request %d: %d, %v, %d cookies; want 200 and none", i, a.status, a.err, len(a.set))
		}
	}
	return w, b, answers
}

// session gives what is stored for a browser.
func (w *site) session(b *browser) session.Session {
	w.Helper()
	rec, err := w.store.Load(w.ctx, tokenOf(b.header()), w.clock.read())
	if err != nil {
		w.Fatalf("load: %v", err)
	}
	return session.Of(rec.Data)
}

func differentKeysSurvive(s *suite) {
	n := s.many(50, 10)
	key := func(i int) session.Key[int] { return session.Key[int](fmt.Sprintf("key %d", i)) }
	w, b, _ := s.crowd(n, func(i int, req ring.Request) ring.Response {
		return ring.Text("").With(session.Set(key(i).Set(session.From(req), i)))
	})
	stored := w.session(b)
	for i := range n {
		if v, err := key(i).Lookup(stored); v != i || err != nil {
			s.Errorf("%s is %d, %v; want %d", key(i), v, err, i)
		}
	}
}

func mergesAreExact(s *suite) {
	n := s.many(100, 20)
	exactly := func(s *suite, what string, got, want int64) {
		s.Helper()
		if got != want {
			s.Errorf("%s is %d; want %d", what, got, want)
		}
	}
	s.that("a counter", func(s *suite) {
		w, b, _ := s.crowd(n, func(int, ring.Request) ring.Response { return ring.Text("").With(visits.By(1)) })
		exactly(s, "the counter", visits.Get(w.session(b)), int64(n+1))
	})
	s.that("a counter in a session that was set", func(s *suite) {
		w, b, _ := s.crowd(n, func(_ int, req ring.Request) ring.Response {
			return ring.Text("").With(session.Set(visits.Add(session.From(req), 3)))
		})
		exactly(s, "the counter", visits.Get(w.session(b)), int64(3*n+1))
	})
	s.that("a tally", func(s *suite) {
		w, b, _ := s.crowd(n, func(i int, _ ring.Request) ring.Response {
			return ring.Text("").With(cart.By(fmt.Sprint(i%4), 2))
		})
		for i := range 4 {
			exactly(s, "a member's count", cart.Get(w.session(b), fmt.Sprint(i)), int64(n/4*2))
		}
	})
	s.that("a set", func(s *suite) {
		w, b, _ := s.crowd(n, func(i int, _ ring.Request) ring.Response {
			if i%2 == 0 {
				return ring.Text("").With(tags.With(fmt.Sprint(i), "all"))
			}
			return ring.Text("").With(tags.With("all"), tags.Without(fmt.Sprint(i+1000)))
		})
		exactly(s, "the number of members", int64(tags.Len(w.session(b))), int64(n/2+1))
	})
	s.that("an update of a plain key", func(s *suite) {
		w, b, _ := s.crowd(n, func(int, ring.Request) ring.Response {
			return ring.Text("").With(plainSum.Change(func(old int) int { return old + 1 }))
		})
		exactly(s, "the key", int64(plainSum.Get(w.session(b))), int64(n))
	})
	s.that("an attempt, and each says what it stored", func(s *suite) {
		w, b, answers := s.crowd(n, func(int, ring.Request) ring.Response {
			return session.Attempt(func(v session.Session) (session.Session, ring.Response) {
				v = plainSum.Set(v, plainSum.Get(v)+1)
				return v, ring.Text(fmt.Sprint(plainSum.Get(v)))
			})
		})
		exactly(s, "the key", int64(plainSum.Get(w.session(b))), int64(n))
		said := map[string]bool{}
		for _, a := range answers {
			said[a.body] = true
		}
		exactly(s, "the number of different answers", int64(len(said)), int64(n))
	})
}

func laterCommitWins(s *suite) {
	w := s.serve(s.newClock(), common)
	b := w.visitor()
	a := w.slowly(save, before, b, "/theme?is=late", func() {
		w.post(b, "/theme?is=early")
		w.post(b, "/save?key=other")
	})
	if a.status != http.StatusOK {
		s.Errorf("%d, %v", a.status, a.err)
	}
	if got := theme.Get(w.session(b)); got != "late" {
		s.Errorf("the key is %q; want what was committed later", got)
	}
	w.shows(b.header(), "live other+setup+theme 2")
}
