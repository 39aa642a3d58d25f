package storetest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// An operation is a request and the call that it is held at.
type operation struct {
	name   string
	target string
	call   call
	touch  bool
}

func operations() map[string]operation {
	return map[string]operation{
		"load":   {"load", "/show", load, false},
		"save":   {"save", "/save?key=", save, false}, // the key is the actor's name
		"renew":  {"renew", "/renew", save, false},
		"touch":  {"touch", "/show", touch, true},
		"delete": {"delete", "/delete", remove, false},
	}
}

// An interleaving is two requests of one browser. The call of a is held, before it reaches the table or after; b
// comes and is answered whole; then a goes on. What each is told, and what the session is afterwards under the token of
// before and under the newest one that was given out, follows from the laws.
type interleaving struct {
	where when
	a, b  string
	aSays string // status, body, events, cookies
	bSays string
	oldIs string
	fresh string // "" where no new token was given out
}

var interleavings = []interleaving{
	{before, "load", "load", "200 live setup 1", "200 live setup 1", "live setup 1", ""},
	{before, "load", "save", "200 live b+setup 2", "200 saved", "live b+setup 2", ""},
	{before, "load", "renew", "200 stale; refused stale", "200 renewed; cookie", "stale", "live setup 1"},
	{before, "load", "touch", "200 live setup 1", "200 live setup 1; touched", "live setup 1", ""},
	{before, "load", "delete", "200 unknown; refused unknown", "200 deleted; no cookie", "unknown", ""},

	{before, "save", "load", "200 saved", "200 live setup 1", "live a+setup 2", ""},
	{before, "save", "save", "200 saved after 1", "200 saved", "live a+b+setup 3", ""},
	{before, "save", "renew", "409 dropped", "200 renewed; cookie", "stale", "live setup 1"},
	{before, "save", "touch", "200 saved", "200 live setup 1; touched", "live a+setup 2", ""},
	{before, "save", "delete", "409 dropped", "200 deleted; no cookie", "unknown", ""},

	{before, "renew", "load", "200 renewed; cookie", "200 live setup 1", "stale", "live setup 1"},
	{before, "renew", "save", "200 renewed after 1; cookie", "200 saved", "stale", "live b+setup 2"},
	{before, "renew", "renew", "409 dropped", "200 renewed; cookie", "stale", "live setup 1"},
	{before, "renew", "touch", "200 renewed; cookie", "200 live setup 1; touched", "stale", "live setup 1"},
	{before, "renew", "delete", "409 dropped", "200 deleted; no cookie", "unknown", ""},

	{before, "touch", "load", "200 live setup 1; touched", "200 live setup 1", "live setup 1", ""},
	{before, "touch", "save", "200 live setup 1; touched", "200 saved", "live b+setup 2", ""},
	{before, "touch", "renew", "200 live setup 1; touched", "200 renewed; cookie", "stale", "live setup 1"},
	{before, "touch", "touch", "200 live setup 1; touched", "200 live setup 1; touched", "live setup 1", ""},
	{before, "touch", "delete", "200 live setup 1; touched", "200 deleted; no cookie", "unknown", ""},

	{before, "delete", "load", "200 deleted; no cookie", "200 live setup 1", "unknown", ""},
	{before, "delete", "save", "200 deleted; no cookie", "200 saved", "unknown", ""},
	{before, "delete", "renew", "200 deleted; no cookie", "200 renewed; cookie", "unknown", "unknown"},
	{before, "delete", "touch", "200 deleted; no cookie", "200 live setup 1; touched", "unknown", ""},
	{before, "delete", "delete", "200 deleted; no cookie", "200 deleted; no cookie", "unknown", ""},

	{after, "load", "load", "200 live setup 1", "200 live setup 1", "live setup 1", ""},
	{after, "load", "save", "200 live setup 1", "200 saved", "live b+setup 2", ""},
	{after, "load", "renew", "200 live setup 1", "200 renewed; cookie", "stale", "live setup 1"},
	{after, "load", "touch", "200 live setup 1", "200 live setup 1; touched", "live setup 1", ""},
	{after, "load", "delete", "200 live setup 1", "200 deleted; no cookie", "unknown", ""},

	{after, "save", "load", "200 saved", "200 live a+setup 2", "live a+setup 2", ""},
	{after, "save", "save", "200 saved", "200 saved", "live a+b+setup 3", ""},
	{after, "save", "renew", "200 saved", "200 renewed; cookie", "stale", "live a+setup 2"},
	{after, "save", "touch", "200 saved", "200 live a+setup 2; touched", "live a+setup 2", ""},
	{after, "save", "delete", "200 saved", "200 deleted; no cookie", "unknown", ""},

	{after, "renew", "load", "200 renewed; cookie", "200 stale; refused stale", "stale", "live setup 1"},
	{after, "renew", "save", "200 renewed; cookie", "409 refused stale, dropped", "stale", "live setup 1"},
	{after, "renew", "renew", "200 renewed; cookie", "200 refused stale", "stale", "live setup 1"},
	{after, "renew", "touch", "200 renewed; cookie", "200 stale; refused stale", "stale", "live setup 1"},
	{after, "renew", "delete", "200 renewed; cookie", "200 refused stale, deleted; no cookie", "unknown", "unknown"},

	{after, "touch", "load", "200 live setup 1; touched", "200 live setup 1", "live setup 1", ""},
	{after, "touch", "save", "200 live setup 1; touched", "200 saved", "live b+setup 2", ""},
	{after, "touch", "renew", "200 live setup 1; touched", "200 renewed; cookie", "stale", "live setup 1"},
	{after, "touch", "touch", "200 live setup 1; touched", "200 live setup 1; touched", "live setup 1", ""},
	{after, "touch", "delete", "200 live setup 1; touched", "200 deleted; no cookie", "unknown", ""},

	{after, "delete", "load", "200 deleted; no cookie", "200 unknown; refused unknown", "unknown", ""},
	{after, "delete", "save", "200 deleted; no cookie", "200 refused unknown, created; cookie", "unknown", "live b 1"},
	{after, "delete", "renew", "200 deleted; no cookie", "200 refused unknown", "unknown", ""},
	{after, "delete", "touch", "200 deleted; no cookie", "200 unknown; refused unknown", "unknown", ""},
	{after, "delete", "delete", "200 deleted; no cookie", "200 refused unknown; no cookie", "unknown", ""},
}

// nothingComesBack checks each ordered pair of load, save, renew, touch and delete, with a held on either side of its call.
func nothingComesBack(s *suite) {
	for _, i := range interleavings {
		s.that(fmt.Sprintf("%s held %s it reaches the table, %s meanwhile", i.a, i.where, i.b), i.check)
	}
}

func (i interleaving) check(s *suite) {
	const interval = 10 * time.Second
	clock := s.newClock()
	process := func(name string) (*site, operation) {
		op := operations()[name]
		return s.serve(clock, common, func(o *session.Options) {
			if op.touch {
				o.TouchEvery = interval
			}
		}), op
	}
	onlooker := s.serve(clock, common)
	a, aDoes := process(i.a)
	b, bDoes := process(i.b)
	visitor := onlooker.visitor()
	old := visitor.header()
	handle := onlooker.handle(old)

	clock.add(2 * interval)
	var bSays answer
	aSays := a.slowly(aDoes.call, i.where, visitor, aDoes.by("a"), func() {
		clock.add(2 * interval)
		bSays = b.ask("POST", bDoes.by("b"), old)
	})

	s.same("the one that was held", aSays.say(a), i.aSays)
	s.same("the one beside it", bSays.say(b), i.bSays)
	s.same("the token of before", onlooker.ask("GET", "/show", old).body, i.oldIs)
	s.same("the new token", onlooker.newest(aSays, bSays), i.fresh)
	if s.table == nil {
		return
	}
	rec, err := s.table.Load(s.ctx, handle)
	switch {
	case i.a == "delete" || i.b == "delete":
		if !errors.Is(err, stores.ErrNotFound) {
			s.Errorf("after a delete the record is still there: %v", err)
		}
	case err != nil:
		s.Errorf("the record: %v", err)
	case rec.Seen.Before(s.now) || rec.Expires.Before(s.now.Add(30*time.Minute)):
		s.Errorf("the record's expiry went backwards")
	case i.b == "touch" && i.a == "touch" && !rec.Seen.Equal(clock.read()):
		s.Errorf("seen at %v; want the later touch, %v", rec.Seen, clock.read())
	}
}

func (o operation) by(actor string) string {
	if o.target == "/save?key=" {
		return o.target + actor
	}
	return o.target
}

func (s *suite) same(what, got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %q; want %q", what, got, want)
	}
}

// say puts an answer and the site's events in one line.
func (a answer) say(w *site) string {
	var parts []string
	if a.body != "" && a.status == http.StatusOK {
		parts = append(parts, a.body)
	}
	for _, part := range []string{w.told(), a.cookies()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.status, strings.Join(parts, "; ")))
}

// newest shows the session of the token that was given out, "" if none was.
func (w *site) newest(answers ...answer) string {
	var all []string
	for _, a := range answers {
		for _, c := range a.set {
			if c.MaxAge >= 0 {
				all = append(all, w.ask("GET", "/show", c.Name+"="+c.Value).body)
			}
		}
	}
	return strings.Join(all, ", ")
}

// handle returns under which handle the session of some cookies is.
func (w *site) handle(cookies string) stores.Handle {
	w.Helper()
	var h stores.Handle
	for pair := range strings.SplitSeq(cookies, "; ") {
		rec, err := w.store.Load(w.ctx, tokenOf(pair), w.clock.read())
		if err != nil {
			w.Fatalf("load: %v", err)
		}
		h = rec.Handle
	}
	return h
}

// logInNeverLoses checks what C4 excepts: a log-in carries its own proof.
func logInNeverLoses(s *suite) {
	for _, beside := range []string{"/delete", "/renew", "/login?key=b"} {
		s.that("a log-in beside "+beside, func(s *suite) {
			w := s.serve(s.newClock(), common)
			b := w.visitor()
			old := b.header()
			a := w.slowly(save, before, b, "/login?key=a", func() { w.post(b, beside) })
			if a.status != http.StatusOK {
				s.Errorf("%d, %v; want 200", a.status, a.err)
			}
			b.take(a)
			w.shows(b.header(), "live ann a")
			if got := w.ask("GET", "/show", old).body; strings.HasPrefix(got, "live") {
				s.Errorf("the token of before is %s", got)
			}
		})
	}
	s.that("a log-out beats a log-in beside it", func(s *suite) {
		w := s.serve(s.newClock(), common)
		b := w.visitor()
		w.slowly(remove, before, b, "/delete", func() { w.post(b, "/login?key=a") })
		w.shows(b.header(), "unknown")
	})
}
