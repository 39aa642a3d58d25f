package proof

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/signet-go/signet/stores"
)

// An operation is what an actor does: a request with a script, or something that is no request.
type operation struct {
	name   string
	method string
	kind   requestKind
	script script
	other  func(*stage, context.Context) // not a request
	first  time.Duration                 // passes before everything
}

func sets(name string) script {
	return script{wishes: []wish{{what: set, edits: edits{{what: put, name: name, text: "1"}}}}}
}

func wishes(ws ...wish) script { return script{wishes: ws} }

var operations = []operation{
	{name: "read", method: "GET", kind: fetching},
	{name: "touch", method: "GET", kind: fetching, first: 2 * touching},
	{name: "set a", method: "POST", kind: fetching, script: sets("a")},
	{name: "set b", method: "POST", kind: fetching, script: sets("b")},
	{name: "count", method: "POST", kind: fetching, script: script{attempt: edits{{what: count, n: 1}}}},
	{name: "empty", method: "POST", kind: fetching, script: wishes(wish{what: set, edits: edits{{what: clearAll}}})},
	{name: "log in", method: "POST", kind: fetching, script: wishes(wish{what: login, text: "ann"})},
	{name: "log in as Ben", method: "POST", kind: fetching, script: wishes(wish{what: login, text: "ben"})},
	{name: "renew", method: "POST", kind: fetching, script: wishes(wish{what: renew})},
	{name: "log out", method: "POST", kind: fetching, script: wishes(wish{what: logout})},
	{name: "log out with a message", method: "POST", kind: navigation, script: wishes(wish{what: logout}, wish{what: say, text: "Bye."})},
	{name: "send", method: "POST", kind: navigation, script: wishes(wish{what: say, text: "New."})},
	{name: "see", method: "GET", kind: navigation},
	{name: "expire", other: func(st *stage, ctx context.Context) {
		callOf(ctx).before("clock")
		st.wait(idle + 2*time.Minute)
	}},
	{name: "sweep", other: func(st *stage, ctx context.Context) { _, _ = st.keeper.Sweep(ctx, st.clock()) }},
	{name: "revoke", other: func(st *stage, ctx context.Context) { _, _ = st.keeper.DeleteOwned(ctx, st.named("ann")) }},
}

// A stage is a site on which actors play, in one order after the other.
type stage struct {
	*site
	*witness
	owned  bool // the session that they share has an owner
	handle stores.Handle
	token  string
}

func newStage(table stores.Table, b broken) *stage {
	w := &witness{Table: table}
	st := &stage{site: newSite(w, b), witness: w}
	w.now = st.clock
	return st
}

// set prepares the session that all share: a key, a counter and a message that waits.
func (st *stage) set() error {
	st.site.begin(time.Now().Truncate(time.Second))
	st.entries, st.wrong = map[stores.Handle]entry{}, nil
	who := wish{what: set, edits: edits{{what: put, name: "setup", text: "1"}, {what: count, n: 10}}}
	sc := wishes(who, wish{what: say, text: "Old."})
	if st.owned {
		sc.wishes = append(sc.wishes, wish{what: login, text: "ann"})
	}
	c := &call{method: "POST", path: "/", kind: navigation, script: sc}
	st.serve(c)
	line, set := c.answer()
	cookie := anonymousCookie
	if st.owned {
		cookie = ownerCookie
	}
	i := slices.IndexFunc(set, func(k *http.Cookie) bool { return k.Name == cookie })
	if i < 0 {
		return fmt.Errorf("the session was not made: %s", line)
	}
	st.token = set[i].Value
	st.handle, _ = stores.ParseHandle(st.token[:handleLen])
	a := &ask{call: c, began: st.clock()}
	e := st.entries[st.handle]
	e.content = contentOf(e.Record, a.plan(content{}, nil, false).value)
	st.entries[st.handle] = e
	return nil
}

func contentOf(rec stores.Record, v value) content {
	return content{
		value: v, owner: unnamed(rec.Owner), created: rec.Created, authenticated: rec.Authenticated, seen: rec.Seen, expires: rec.Expires,
		ownIdle: rec.Idle, ownAbsolute: rec.Absolute, persistent: rec.Persistent,
	}
}
