package proof

import (
	"context"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// enter makes an actor of an operation.
func (st *stage) enter(op operation) *actor {
	a := &actor{
		op: op, waits: make(chan string), turn: make(chan struct{}), queued: make(chan struct{}), ended: make(chan struct{}),
		ask: &ask{call: &call{method: op.method, path: "/", kind: op.kind, script: op.script}},
	}
	a.call.actor, a.call.before, a.call.queued = a, a.stop, func() { a.queued <- struct{}{} }
	if op.other != nil {
		a.does = func() { op.other(st, context.WithValue(context.Background(), callKey{}, a.call)) }
		return a
	}
	tok := &token{text: st.token}
	a.token = tok
	if st.owned {
		a.ownerCookie = tok
	} else {
		a.anonymousCookie = tok
	}
	a.cookies = header(a.ownerCookie, a.anonymousCookie)
	a.does = func() {
		st.wait(time.Millisecond) // so that each has a time of its own
		a.began = st.clock()
		st.serve(a.call)
	}
	return a
}

// looksAt notes what an actor has loaded.
func (a *actor) looksAt(w *witness, h stores.Handle) {
	if a.op.other != nil {
		return
	}
	e, there := w.entries[h]
	opens := there && a.has(e) && w.now().Before(e.Expires)
	if a.looked {
		a.tries++
	}
	a.cur = content{}
	if opens {
		a.cur = e.content
	}
	if !a.looked {
		a.looked, a.content = true, a.cur
		if opens {
			a.state = session.Live
		}
	}
}

// has reports whether the token that came with the actor's request is that of the entry.
func (a *actor) has(e entry) bool { return a.token.opens(e.Record) }

// saves checks what an actor has stored, and gives it as the model sees it.
func (a *actor) saves(w *witness, old, now entry, there bool) content {
	a.stored = append(a.stored, "save")
	cur := old.content
	came := a.messages(a.content.value)
	begins := len(came) > 0
	switch {
	case !there:
		cur, came = content{}, nil
		a.stored[len(a.stored)-1] = "insert"
	case !a.has(old):
		w.blame("C4", "%q saved with a token that is not the session's any more", a.op.name)
	case a.tries > 0 && begins:
		came = a.messages(cur.value)
	}
	if now.Verifier != old.Verifier {
		a.minted = &now.Record
	}
	p := a.plan(cur, came, begins)
	if got, want := told(session.Of(now.Data)), p.value.String(); got != want {
		w.blame("C1, C2, C3", "%q saved %s over %s; want %s", a.op.name, got, cur.value, want)
	}
	a.want.body, a.want.status = p.body, p.status
	return contentOf(now.Record, p.value)
}
