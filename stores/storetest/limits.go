package storetest

import (
	"net/http"
	"strings"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

func tooLargeIsRefused(s *suite) {
	const most = 1500
	big := func(name string) ring.Handler {
		return func(req ring.Request) ring.Response {
			n := 900
			if name == "huge" {
				n = 2 * most
			}
			return ring.Text("").With(session.Set(session.Key[string](name).Set(session.From(req), strings.Repeat("x", n))))
		}
	}
	start := func(s *suite) (*site, *browser) {
		w := s.serve(s.newClock(), common.with(paths{"/huge": big("huge"), "/one": big("one"), "/other": big("other")}),
			func(o *session.Options) { o.MaxBytes = most })
		return w, w.visitor()
	}
	named := func(s *suite, a answer, keys ...string) {
		s.Helper()
		if a.err == nil || a.status != http.StatusRequestEntityTooLarge || len(a.set) != 0 {
			s.Fatalf("%d, %v, %d cookies; want a failed response of 413", a.status, a.err, len(a.set))
		}
		for _, k := range keys {
			if !strings.Contains(a.err.Error(), `"`+k+`"`) {
				s.Errorf("error %v; want the key %s named", a.err, k)
			}
		}
	}
	s.that("of one request", func(s *suite) {
		w, b := start(s)
		named(s, w.ask("POST", "/huge", b.header()), "huge")
		w.shows(b.header(), "live setup 1")
	})
	s.that("of a new visitor", func(s *suite) {
		w, _ := start(s)
		named(s, w.ask("POST", "/huge", ""), "huge")
	})
	s.that("of what two requests merge to", func(s *suite) {
		w, b := start(s)
		a := w.slowly(save, before, b, "/one", func() { w.post(b, "/other") })
		named(s, a, "one", "other")
		w.shows(b.header(), "live other+setup 1")
	})
}

func limitsHold(s *suite) {
	s.that("an idle session is over", func(s *suite) {
		w, b := s.start()
		w.clock.add(30*time.Minute - time.Second)
		w.shows(b.header(), "live setup 1")
		w.clock.add(time.Second)
		w.shows(b.header(), "expired")
		s.same("events", w.told(), "refused expired")
	})
	s.that("a used session is over when its lifetime is", func(s *suite) {
		w := s.serve(s.newClock(), common, func(o *session.Options) { o.Absolute = time.Hour })
		b := w.visitor()
		for range 3 {
			w.clock.add(19 * time.Minute)
			w.post(b, "/count")
		}
		w.clock.add(3*time.Minute - time.Second)
		w.shows(b.header(), "live setup 4")
		w.clock.add(time.Second)
		w.shows(b.header(), "expired")
	})
	s.that("a session that expires while its handler runs is not saved", func(s *suite) {
		c := s.newClock()
		w := s.serve(c, common.with(paths{"/slow": func(ring.Request) ring.Response {
			c.add(31 * time.Minute)
			return ring.Text("").With(visits.By(1))
		}}))
		b := w.visitor()
		s.same("the answer", w.ask("POST", "/slow", b.header()).say(w), "409 dropped")
		w.shows(b.header(), "expired")
	})
	s.that("one that a parallel request has used meanwhile is", func(s *suite) {
		c := s.newClock()
		w := s.serve(c, common)
		b := w.visitor()
		slow := s.serve(c, paths{"/slow": func(ring.Request) ring.Response {
			c.add(20 * time.Minute)
			w.post(b, "/save?key=other")
			c.add(20 * time.Minute)
			return ring.Text("").With(visits.By(1))
		}})
		s.same("the answer", slow.ask("POST", "/slow", b.header()).say(slow), "200 saved after 1")
		w.shows(b.header(), "live other+setup 3")
	})
	s.that("a session that expires while its handler runs is not touched", func(s *suite) {
		c := s.newClock()
		w := s.serve(c, common.with(paths{"/slow": func(ring.Request) ring.Response {
			c.add(31 * time.Minute)
			return ring.Text("")
		}}), func(o *session.Options) { o.TouchEvery = time.Second })
		b := w.visitor()
		c.add(time.Minute)
		w.ask("GET", "/slow", b.header())
		w.shows(b.header(), "expired")
	})
	s.that("an expired session is not brought back by a new one", func(s *suite) {
		w, b := s.start()
		old := b.header()
		w.clock.add(31 * time.Minute)
		w.post(b, "/save?key=new")
		w.shows(b.header(), "live new 1")
		if b.header() == old {
			s.Errorf("the new session has the old token")
		}
		w.shows(old, "expired")
	})
}

// touching starts a site that touches once a minute.
func (s *suite) touching() (*site, *browser) {
	s.Helper()
	w := s.serve(s.newClock(), common, func(o *session.Options) { o.TouchEvery = time.Minute })
	return w, w.visitor()
}

func touchesAreRare(s *suite) {
	s.that("a session in use stays", func(s *suite) {
		w, b := s.touching()
		for range 4 {
			w.clock.add(20 * time.Minute)
			w.shows(b.header(), "live setup 1")
		}
		s.same("events", w.told(), "touched, touched, touched, touched")
	})
	s.that("once an interval", func(s *suite) {
		w, b := s.touching()
		for range 12 {
			w.clock.add(15 * time.Second)
			w.shows(b.header(), "live setup 1")
		}
		if n := w.gate.calls(touch); n != 3 {
			s.Errorf("%d touches in 3 minutes; want 3", n)
		}
	})
	s.that("it changes no data and no version", func(s *suite) {
		w, b := s.touching()
		handle := w.handle(b.header())
		w.clock.add(2 * time.Minute)
		a := w.slowly(save, before, b, "/count", func() { w.shows(b.header(), "live setup 1") })
		s.same("the answer", a.say(w), "200 touched, saved")
		if w.handle(b.header()) != handle {
			s.Errorf("the session has another handle")
		}
		w.shows(b.header(), "live setup 2")
	})
	s.that("an empty session is never touched", func(s *suite) {
		w, b := s.touching()
		w.post(b, "/clear")
		w.clock.add(59 * time.Second)
		w.shows(b.header(), "live")
		w.clock.add(time.Second)
		w.shows(b.header(), "expired")
		if n := w.gate.calls(touch); n != 0 {
			s.Errorf("%d touches; want none", n)
		}
	})
}
