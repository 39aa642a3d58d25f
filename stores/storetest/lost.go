package storetest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

var errDown = errors.New("connection reset by peer")

// lostAnswers checks what comes of a save whose answer is lost. The saves and loads are those of one request: its own
// load, the save, the load that decides.
func lostAnswers(s *suite) {
	s.that("it was made", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, isLost(errDown))
		w.post(b, "/count")
		w.shows(b.header(), "live setup 2")
	})
	s.that("it was not made", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, fails(errDown))
		w.post(b, "/count")
		w.shows(b.header(), "live setup 2")
	})
	s.that("it was not made twice", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, fails(errDown), fails(errDown))
		w.fails(b, "/count")
		w.shows(b.header(), "live setup 1")
	})
	s.that("the second was made", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, fails(errDown), isLost(errDown))
		w.post(b, "/count")
		w.shows(b.header(), "live setup 2")
	})
	s.that("it was made, and another one since", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, fate{after: func() error {
			w.post(b, "/save?key=other")
			return errDown
		}})
		w.fails(b, "/count")
		w.shows(b.header(), "live other+setup 3")
	})
	s.that("it was not made, but another one", func(s *suite) {
		w, b := s.start()
		w.gate.then(save, fate{before: func(context.Context) error {
			w.post(b, "/save?key=other")
			return errDown
		}})
		w.fails(b, "/count")
		w.shows(b.header(), "live other+setup 2")
	})
	s.that("it was not made, and the second comes after another one", func(s *suite) {
		// The first may have come late and be what the other one built upon: nobody knows.
		w, b := s.start()
		w.gate.then(save, fails(errDown), fate{before: func(context.Context) error {
			w.post(b, "/save?key=other")
			return nil
		}})
		w.fails(b, "/count")
		w.shows(b.header(), "live other+setup 2")
	})
	s.that("the load that should decide fails too", func(s *suite) {
		w, b := s.start()
		w.gate.then(load, fate{}, fails(errDown))
		w.gate.then(save, isLost(errDown))
		w.fails(b, "/count")
		w.shows(b.header(), "live setup 2")
	})
	s.that("a conflict that never ends is a failure by the deadline", func(s *suite) {
		patient, b := s.start()
		w := s.serve(s.newClock(), common, func(o *session.Options) { o.Deadline = 20 * time.Millisecond })
		w.gate.always(save, fate{before: func(context.Context) error {
			time.Sleep(time.Millisecond) // a store takes its time; the clock of a bubble goes on only while all wait
			return stores.ErrConflict
		}})
		promptly(s, "POST /count", func() bool { w.fails(b, "/count"); return true })
		patient.shows(b.header(), "live setup 1")
	})
	s.that("of a new session", func(s *suite) {
		w := s.serve(s.newClock(), common)
		for _, f := range []fate{isLost(errDown), fails(errDown)} {
			w.gate.then(save, f)
			w.shows(w.visitor().header(), "live setup 1")
		}
	})
	s.that("of a renewal", func(s *suite) {
		for _, f := range []fate{isLost(errDown), fails(errDown)} {
			w, b := s.start()
			old := b.header()
			w.gate.then(save, f)
			w.post(b, "/renew")
			w.shows(b.header(), "live setup 1")
			w.shows(old, "stale")
		}
	})
	s.that("of a delete", func(s *suite) {
		for _, f := range []fate{isLost(errDown), fails(errDown)} {
			w, b := s.start()
			w.gate.then(remove, f)
			w.fails(b, "/delete")
			cookies := b.header()
			w.post(b, "/delete")
			w.shows(cookies, "unknown")
		}
	})
}

func (s *suite) start() (*site, *browser) {
	s.Helper()
	w := s.serve(s.newClock(), common)
	return w, w.visitor()
}

// fails checks that a request is answered with 503 and leaves the browser's cookies alone.
func (w *site) fails(b *browser, target string) {
	w.Helper()
	if a := w.ask("POST", target, b.header()); a.status != http.StatusServiceUnavailable || a.err == nil || len(a.set) != 0 {
		w.Errorf("POST %s: %d, %v, %d cookies; want 503 and none", target, a.status, a.err, len(a.set))
	}
}

// writesNameTheirVersion watches the saves of a session's life.
func writesNameTheirVersion(s *suite) {
	spy := &spy{Table: s.table}
	part := *s
	part.table, part.store = spy, stores.Keep(spy)
	w, b := part.start()
	w.post(b, "/count")
	a := w.slowly(save, before, b, "/count", func() { w.post(b, "/count") })
	w.post(b, "/renew")
	w.post(b, "/login?key=a")
	w.post(b, "/clear")
	w.post(b, "/save?key=last")
	if a.status != http.StatusOK {
		s.Errorf("%d, %v", a.status, a.err)
	}
	w.shows(b.header(), "live ann last 1")

	versions := map[uint64]bool{}
	for i, saved := range spy.saves {
		switch {
		case saved.version == 0 || versions[saved.version]:
			s.Errorf("save %d has a version that was there before, or none", i)
		case i == 0 && saved.expected != 0, i > 0 && !versions[saved.expected]:
			s.Errorf("save %d names a version that never was", i)
		}
		versions[saved.version] = true
	}
	if len(spy.saves) != 8 || spy.refused != 1 {
		s.Errorf("%d saves and %d conflicts; want 8 and 1", len(spy.saves), spy.refused)
	}
}

// A spy notes the saves that a table has accepted; it is used by one goroutine at a time.
type spy struct {
	stores.Table
	saves   []struct{ expected, version uint64 }
	refused int
}

func (t *spy) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.Table.Save(ctx, h, expected, row)
	if err == nil {
		t.saves = append(t.saves, struct{ expected, version uint64 }{expected, row.Version})
	} else {
		t.refused++
	}
	return err
}

// downIsNotAbsent checks that a store which fails is answered with 503: never as if there were no session, and without a cookie.
func downIsNotAbsent(s *suite) {
	for name, f := range map[string]fate{
		"fails": fails(errDown), "loses its answer": isLost(errDown), "was written by a newer version": fails(stores.ErrNewerFormat),
	} {
		s.that("a load that "+name, func(s *suite) {
			w, b := s.start()
			w.gate.then(load, f)
			w.fails(b, "/save?key=x")
			if n := w.gate.calls(save); n != 1 {
				s.Errorf("%d saves; want that of the visitor alone", n)
			}
			w.shows(b.header(), "live setup 1")
		})
	}
	for target, c := range map[string]call{"/count": save, "/renew": save, "/login?key=x": save, "/delete": remove} {
		s.that("a "+string(c)+" that fails, of "+target, func(s *suite) {
			w, b := s.start()
			w.gate.always(c, fails(errDown))
			w.fails(b, target)
			w.gate.always(c, fate{})
			w.shows(b.header(), "live setup 1")
		})
	}
	s.that("a touch that fails is an event, no failed response", func(s *suite) {
		w, b := s.touching()
		w.clock.add(2 * time.Minute)
		w.gate.then(touch, fails(errDown))
		s.same("the answer", w.ask("GET", "/show", b.header()).say(w), "200 live setup 1; touch failed")
	})
	for _, c := range []call{load, save, remove} {
		s.that("a "+string(c)+" that hangs is answered by the deadline", func(s *suite) {
			_, b := s.start()
			w := s.serve(s.newClock(), common, func(o *session.Options) { o.Deadline = 20 * time.Millisecond })
			w.gate.always(c, hangs)
			target := "/count"
			if c == remove {
				target = "/delete"
			}
			promptly(s, "POST "+target, func() bool { w.fails(b, target); return true })
		})
	}
	s.that("a touch that hangs ends by the deadline", func(s *suite) {
		_, b := s.start()
		var got string
		for limit := 20 * time.Millisecond; limit < patience; limit *= 2 {
			w := s.serve(s.newClock(), common, func(o *session.Options) { o.Deadline, o.TouchEvery = limit, time.Minute })
			w.clock.add(2 * time.Minute)
			w.gate.always(touch, hangs)
			got = promptly(s, "GET /show", func() string { return w.ask("GET", "/show", b.header()).say(w) })
			if w.gate.calls(touch) > 0 {
				break // otherwise the load was slower than the deadline
			}
		}
		s.same("the answer", got, "200 live setup 1; touch failed")
	})
}
