package proof

import (
	"time"

	"github.com/signet-go/signet/ring/session"
)

// A verdict is what a plan comes to: the table of docs/sessions.md.
type verdict struct {
	end, forget, drop, touch bool
	write                    writing
}

type writing int

const (
	none writing = iota
	save
	saveRenewed
	create
)

func (a *ask) decide(state session.State, cur content, p plan) verdict {
	asks := a.script.asks()
	live := state == session.Live
	ends := asks.end || live && asks.otherOwner(cur)
	replaces := state == session.Stale && asks.otherOwner(content{owner: a.formerOwner}) // S9: its late renewal must open nothing
	v := verdict{end: ends && live || asks.end && a.mayEnd || replaces, forget: asks.end && state != session.None}
	goesOn := live && !ends
	base := cur.value
	if asks.end || asks.otherOwner(cur) {
		base = nil
	}
	changed := !p.value.equal(base)

	switch nobody := asks.owner == "" && !(goesOn && cur.owner != ""); {
	case len(p.value) == 0 && nobody: // S2
		switch {
		case goesOn && asks.renew:
			v.write = saveRenewed
		case goesOn && changed:
			v.write = save
		}
	case !goesOn && state == session.Stale && asks.owner == "" && !asks.end: // C4
		v.drop = changed || asks.renew
	case !goesOn && (changed || asks.owner != "" || asks.renew):
		v.write = create
	case !goesOn:
	case asks.owner != "" || asks.renew || asks.otherLimits(cur):
		v.write = saveRenewed
	case changed:
		v.write = save
	default: // S8
		v.touch = !cur.empty() && a.began.Sub(cur.seen) >= touching
	}
	return v
}

// commit is the second half of a request, C4 and C5. now is when it began: when the handler was done.
func (m *model) commit(a *ask, now time.Time) {
	asks := a.script.asks()
	cur, version, state := a.content, a.version, a.state
	came := a.messages(cur.value)
	begins := len(came) > 0
	for {
		p := a.plan(cur, came, begins)
		a.want.status, a.want.body, a.want.shows = p.status, p.body, p.shows
		if asks.fail {
			a.want.status, a.want.body, a.want.shows = failed, whyFailed, false
			return
		}
		if asks.discard {
			return
		}
		v := a.decide(state, cur, p)
		only := asks.loseOnlyMessages(p, cur)
		if v.drop {
			a.drop(only)
			return
		}
		if v.end && asks.owner == "" { // before anything else, as it depends on nothing else
			m.end(a)
			v.end = false
		}
		there := m.write(a, v.write, p, cur, version, now)
		if there == done {
			m.rest(a, v, cur, now)
			return
		}
		// A parallel request was faster.
		cur, version, state, now = m.again(a, there, now)
		if state != session.Live && asks.owner == "" {
			a.drop(only)
			return
		}
		if begins {
			came = a.messages(cur.value)
		}
	}
}

// An outcome is what a write met.
type outcome int

const (
	done outcome = iota
	conflict
	gone
)

func (m *model) write(a *ask, how writing, p plan, cur content, version int, now time.Time) outcome {
	asks := a.script.asks()
	c := cur
	switch how {
	case none:
		return done
	case create:
		c = content{created: now}
	default:
		if cur.over(now) {
			return conflict
		}
	}
	c.value, c.seen = p.value, now
	if asks.owner != "" {
		c.owner, c.authenticated = asks.owner, now
		c.ownIdle, c.ownAbsolute, c.persistent = 0, 0, false
	}
	if asks.remember {
		c.ownIdle, c.ownAbsolute, c.persistent = longIdle, longAbsolute, true
	}
	c.expires = c.expiry(now)

	if how == create {
		a.trip("insert")
		a.want.mints(m.add(c))
		return done
	}
	a.trip("save")
	switch r := a.tok.of; {
	case r.gone:
		return gone
	case r.version != version:
		return conflict
	default:
		r.version, r.content = r.version+1, c
		if how == saveRenewed {
			r.previous, r.current, r.renewed = r.current, &token{of: r}, now
			a.want.mints(r)
		}
	}
	return done
}

// again is what a request goes on with after a write that met something else.
func (m *model) again(a *ask, met outcome, now time.Time) (content, int, session.State, time.Time) {
	if met == conflict {
		a.trip("load")
		if l := m.look(a.tok, a.owned, m.now); l.state == session.Live {
			return l.content, l.version, l.state, m.now
		}
		return content{}, 0, session.Unknown, m.now
	}
	return content{}, 0, session.Unknown, now
}

// end is what a log-out does, and a log-in to the session of somebody else.
func (m *model) end(a *ask) {
	a.trip("delete")
	a.event("deleted")
	a.tok.of.gone = true
}

// rest is what follows a write: touch, end, events and cookies.
func (m *model) rest(a *ask, v verdict, cur content, now time.Time) {
	if v.touch {
		m.touch(a, now)
	}
	if v.end {
		m.end(a)
	}
	asks := a.script.asks()
	switch {
	case v.write == none:
	case asks.owner != "":
		a.event("logged in")
	case v.write == create:
		a.event("created")
	case v.write == saveRenewed:
		a.event("renewed")
	default:
		a.event("saved")
	}

	// S9
	if v.forget || v.end {
		a.want.forgets = [2]bool{a.anonymousCookie != nil, a.ownerCookie != nil}
	}
	if a.want.minted != nil && asks.owner != "" {
		a.want.forgets = [2]bool{true, false}
	}
}

// touch moves the expiry: S8.
func (m *model) touch(a *ask, now time.Time) {
	moved := a.content.expiry(now)
	if a.content.over(now) || !moved.After(a.content.expires) {
		return
	}
	a.trip("touch")
	a.event("touched")
	if r := a.tok.of; !r.gone && r.version == a.version && moved.After(r.expires) {
		r.seen, r.expires = now, moved
	}
}

// loseOnlyMessages reports whether what is lost where a plan is dropped is nothing that the visitor has done.
func (a asks) loseOnlyMessages(p plan, cur content) bool {
	return !a.renew && !a.remember && p.value.without(isMessage).equal(cur.value.without(isMessage))
}

// drop is the answer to a change that has no session to go to any more: as it is for a page, where only messages are lost, and for a
// redirect by a handler that saw no session.
func (a *ask) drop(onlyMessages bool) {
	a.event("dropped")
	away := a.state != session.Live && a.want.status == "303"
	if a.method != "GET" && !onlyMessages && !away {
		a.want.status, a.want.body, a.want.shows = failed, whyDropped, false
	}
}
