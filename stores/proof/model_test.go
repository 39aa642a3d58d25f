package proof

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// The model is what the laws make of a site: records, tokens and a clock. It is written from docs/sessions.md, over maps, and
// knows nothing of encodings, hashes or stores.
type model struct {
	now     time.Time
	records []*record // all there ever were; those that are gone say so
}

// A record is a session in the store.
type record struct {
	content
	id                int
	gone              bool
	version           int
	current, previous *token
	renewed           time.Time
	handle            stores.Handle // of the real one, once it is known
}

// A content is what a request gets to know of a record.
type content struct {
	value                  value
	owner                  string
	created, authenticated time.Time
	seen, expires          time.Time
	ownIdle, ownAbsolute   time.Duration
	persistent             bool
}

// A token is what a cookie holds. One that was forged belongs to a record and opens nothing, or is malformed.
type token struct {
	of        *record
	text      string // of the real one, once it is known
	malformed bool
}

func (c content) empty() bool { return len(c.value) == 0 && c.owner == "" }

func (c content) limits() (idleFor, absoluteFor time.Duration) {
	return cmp.Or(c.ownIdle, idle), cmp.Or(c.ownAbsolute, absolute)
}

func (c content) start() time.Time {
	if c.authenticated.After(c.created) {
		return c.authenticated
	}
	return c.created
}

// expiry is when a session that is used now expires: S2, S7.
func (c content) expiry(now time.Time) time.Time {
	if c.empty() {
		return now.Add(fading)
	}
	i, a := c.limits()
	end := now.Add(i)
	if hard := c.start().Add(a); hard.Before(end) {
		return hard
	}
	return end
}

func (c content) over(now time.Time) bool {
	i, a := c.limits()
	return !now.Before(c.expires) || !now.Before(c.seen.Add(i)) || !now.Before(c.start().Add(a)) ||
		c.seen.After(now.Add(ahead)) || c.start().After(now.Add(ahead))
}

// Loaded is what a request begins with.
type loaded struct {
	content
	state       session.State
	tok         *token
	version     int
	owned       bool   // it came in the owner's cookie
	mayEnd      bool   // a stale token that was the last one before
	formerOwner string // whose session it was then
}

// look says what a token opens at the time now: S3, S7, C4.
func (m *model) look(tok *token, owned bool, now time.Time) loaded {
	l := loaded{tok: tok, owned: owned}
	r := tok.of
	switch {
	case tok.malformed:
		l.state = session.Malformed
	case r == nil || r.gone:
		l.state = session.Unknown
	case tok != r.current && now.Before(r.expires) && !r.renewed.IsZero() && now.Before(r.renewed.Add(staying)):
		l.state = session.Stale
		if l.mayEnd = tok == r.previous; l.mayEnd {
			l.formerOwner = r.owner
		}
	case tok != r.current:
		l.state = session.Unknown
	case !now.Before(r.expires):
		l.state = session.Expired
	case (r.owner != "") != owned:
		l.state = session.Unknown
	case r.over(now):
		l.state = session.Expired
	default:
		l.state, l.content, l.version = session.Live, r.content, r.version
	}
	return l
}

// An ask is a request in the model.
type ask struct {
	*call
	ownerCookie, anonymousCookie *token // that came; nil for none
	n                            int
	from                         *browser
	arrivesLate                  bool
	began                        time.Time
	loaded

	tripped, told []string
	want          answer
}

// An answer is what a request is told.
type answer struct {
	status, body string
	shows        bool          // messages, on a page
	minted       *token        // comes with it; nil for none
	mintsOwned   bool          // in the owner's cookie
	lasts        time.Duration // the cookie; 0 for the browser session
	forgets      [2]bool       // the anonymous and the owner's cookie
}

// mints sends the token of a record.
func (w *answer) mints(r *record) {
	w.minted, w.mintsOwned = r.current, r.owner != ""
	if r.persistent {
		_, most := r.limits()
		w.lasts = r.start().Add(most).Sub(r.seen)
		w.lasts = (w.lasts + time.Second - 1).Truncate(time.Second) // no cookie is deleted because it is short-lived
	}
}

func (a *ask) trip(what string)  { a.tripped = append(a.tripped, what) }
func (a *ask) event(what string) { a.told = append(a.told, what) }

// load is the first half of a request: S3, S9.
func (m *model) load(a *ask) {
	for i, came := range []*token{a.ownerCookie, a.anonymousCookie} {
		if came == nil {
			continue
		}
		l := m.look(came, i == 0, a.began)
		if l.state != session.Malformed {
			a.trip("load")
		}
		if l.state == session.Live {
			a.loaded = l
			return
		}
		a.event("refused " + l.state.String())
		if l.state > a.state {
			a.loaded = l
		}
	}
}

func (m *model) add(c content) *record {
	r := &record{content: c, id: len(m.records) + 1, version: 1}
	r.current = &token{of: r}
	m.records = append(m.records, r)
	return r
}

// line writes the answer as call.answer does.
func (a *ask) line() string {
	w := a.want
	var jar []string
	for _, owned := range []bool{true, false} {
		name, which := anonymousCookie, 0
		if owned {
			name, which = ownerCookie, 1
		}
		switch {
		case w.minted != nil && w.mintsOwned == owned:
			jar = append(jar, cookieNote(name, false, w.lasts))
		case w.forgets[which]:
			jar = append(jar, cookieNote(name, true, 0))
		}
	}
	cached := ""
	switch {
	case len(jar) > 0 || w.shows || w.status == failed || slices.Contains(a.told, "dropped"):
		cached = "no-store"
	case a.state == session.Live:
		cached = "private"
	}
	return answerLine(w.status, w.body, jar, cached, a.told, a.tripped)
}

func (r *record) String() string {
	return describe(r.id, r.value.String(), r.owner, r.seen, r.expires)
}

func describe(id int, content, owner string, seen, expires time.Time) string {
	return fmt.Sprintf("session %d: %s of %q, seen %s, until %s", id, content, owner, clock(seen), clock(expires))
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
