package proof

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// Interleavings runs each pair of operations on one session in every order that their calls to the table can have, and each
// triple with a log-out or a renewal too if asked. In each order the laws must hold.
func Interleavings(t *testing.T, open func(*testing.T) stores.Table, triples bool) {
	st := newStage(open(t), broken{})
	casts, orders := 0, 0
	for _, owned := range []bool{true, false} {
		st.owned = owned
		for cast := range casts2and3(triples) {
			n, wrong, err := st.allOrders(cast)
			casts, orders = casts+1, orders+n
			if wrong != "" {
				t.Errorf("%s", wrong)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d casts in %d orders", casts, orders)
}

func casts2and3(triples bool) func(func([]operation) bool) {
	return func(yield func([]operation) bool) {
		for i, a := range operations {
			for _, b := range operations[i:] {
				if !yield([]operation{a, b}) {
					return
				}
				for _, name := range []string{"log out", "renew"} {
					k := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
					if triples && !yield([]operation{a, b, operations[k]}) {
						return
					}
				}
			}
		}
	}
}

// allOrders returns how many orders the steps of a cast can have, up to the first in which a law is broken, and what that says.
func (st *stage) allOrders(cast []operation) (n int, wrong string, err error) {
	s := &schedule{}
	for more := true; more && wrong == "" && err == nil; more = err == nil && s.next() {
		wrong, err = st.inOrder(s, cast)
		n++
	}
	return n, wrong, err
}

// inOrder plays once. An error means that it did not come to an end.
func (st *stage) inOrder(s *schedule, cast []operation) (wrong string, err error) {
	defer st.site.end()
	if err := st.set(); err != nil {
		return "", err
	}
	s.actors, s.queue, s.options, s.story = nil, nil, s.options[:0], nil
	for _, op := range cast {
		st.wait(op.first)
		s.actors = append(s.actors, st.enter(op))
	}
	if err := s.play(); err != nil {
		return "", fmt.Errorf("%w%s", err, st.telling(s))
	}
	for _, a := range s.actors {
		st.judge(a)
	}
	st.shownOnce(s.actors)
	st.tokenOfBefore()
	if len(st.wrong) > 0 {
		return strings.Join(st.wrong, "\n") + st.telling(s), nil
	}
	return "", nil
}

func (st *stage) telling(s *schedule) string {
	whose := "nobody's"
	if st.owned {
		whose = "Ann's"
	}
	all := "\nin " + whose + " session, in this order:\n  " + strings.Join(s.story, "\n  ")
	for _, a := range s.actors {
		if a.over && a.op.other == nil {
			line, _ := a.answer()
			all += "\n" + a.op.name + " was answered " + line
		}
	}
	return all
}

// judge looks at what one request was told.
func (st *stage) judge(a *actor) {
	if a.op.other != nil {
		return
	}
	all := a.script.asks()
	live := a.state == session.Live
	dropped := slices.Contains(a.events, "dropped")
	saved := slices.ContainsFunc(a.stored, func(s string) bool { return s == "save" || s == "insert" })
	_, set := a.answer()

	if err := a.resp.Err; err != nil && !dropped {
		st.blame("C5", "%q failed: %v", a.op.name, err)
		return
	}
	if dropped && a.method == "POST" && a.resp.Err == nil && a.op.name != "send" { // which loses a message only
		st.blame("C4", "%q was dropped, and is not told", a.op.name)
	}
	if dropped && saved {
		st.blame("C4", "%q is told that nothing was saved, and it was", a.op.name)
	}
	if dropped && (all.end || all.owner != "") {
		st.blame("C4", "%q was dropped", a.op.name)
	}
	if a.resp.Err == nil && a.method == "POST" && !dropped && !saved && a.mustSave() {
		st.blame("C4", "%q is told that it was saved, and it was not", a.op.name)
	}
	if body, _ := a.resp.Body.Text(); saved && live && a.resp.Err == nil && body != a.want.body {
		st.blame("C2", "%q is told %q; want %q", a.op.name, body, a.want.body)
	}
	if (a.op.name == "read" || a.op.name == "touch") && len(a.stored) > 0 {
		st.blame("S1", "%q stored something", a.op.name)
	}
	if all.end && live && !slices.Contains(a.stored, "delete "+st.handle.String()) {
		st.blame("C4", "%q ended nothing", a.op.name)
	}
	if !all.end && all.owner == "" && slices.ContainsFunc(a.stored, func(s string) bool { return strings.HasPrefix(s, "delete") }) {
		st.blame("C4", "%q ended a session", a.op.name)
	}

	given := false
	for _, c := range set {
		switch owns := c.Name == ownerCookie; {
		case c.MaxAge < 0 && !all.end && all.owner == "":
			st.blame("S9", "%q takes a cookie away", a.op.name)
		case c.MaxAge < 0:
		case a.minted == nil || !(&token{text: c.Value}).opens(*a.minted):
			st.blame("S9", "%q gives a token that it has not made", a.op.name)
		case owns != (a.minted.Owner != ""):
			st.blame("S9", "%q gives a token in the cookie of the other kind", a.op.name)
		default:
			given = true
		}
	}
	if (a.minted != nil) != given {
		st.blame("S9", "%q has made a token: %v; and given one: %v", a.op.name, a.minted != nil, given)
	}
	if all.owner != "" && (!given || unnamed(a.minted.Owner) != all.owner) {
		st.blame("S6", "%q gives no token of the owner", a.op.name)
	}
}

// mustSave reports whether what the request asks for has to leave something in the store.
func (a *actor) mustSave() bool {
	all := a.script.asks()
	base := a.cur.value
	if all.end {
		base = nil
	}
	p := a.plan(a.cur, nil, false)
	return all.owner != "" || all.renew && (len(p.value) > 0 || a.state == session.Live) || !p.value.equal(base)
}

// shownOnce is F3. A request whose change was dropped is answered as it was.
func (st *stage) shownOnce(actors []*actor) {
	for _, text := range []string{"Old.", "New."} {
		sent := 1
		if text == "New." {
			sent = 0
			for _, a := range actors {
				if a.op.name == "send" && len(a.stored) > 0 {
					sent++
				}
			}
		}
		shown := 0
		for _, a := range actors {
			if body, _ := a.resp.Body.Text(); a.op.name == "see" && !slices.Contains(a.events, "dropped") {
				shown += strings.Count(body[strings.LastIndex(body, "}")+1:], text)
			}
		}
		if shown > sent {
			st.blame("F3", "%q was shown %d times; want %d", text, shown, sent)
		}
	}
}

// tokenOfBefore checks that the token that all came with opens the session if it is still its token, and else nothing.
func (st *stage) tokenOfBefore() {
	e, there := st.entries[st.handle]
	before := &token{text: st.token}
	want := there && before.opens(e.Record) && st.clock().Before(e.Expires)
	_, err := st.keeper.Load(context.Background(), stores.TokenOf(anonymousCookie, st.token), st.clock())
	if (err == nil) != want {
		st.blame("C4", "the token of before opens something: %v (%v); want %v", err == nil, err, want)
	}
}

func TestInterleavings(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			Interleavings(t, e.open, isLong() || e.quick && !testing.Short())
		})
	}
}
