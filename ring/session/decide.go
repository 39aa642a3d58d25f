package session

import "strings"

// A Decision says what becomes of a session when a response is committed. It answers three questions that don't depend
// on each other: is the session that the request brought deleted, does the browser get a new token, and what is
// written. Tests compare its String.
type Decision struct {
	delete  bool // the record that the request brought is deleted
	mint    mint
	write   write
	expire  bool // the browser is told to forget the cookie that it sent
	dropped dropReason
	login   bool // somebody is logged in
}

// A mint says which token goes with what is written.
type mint int8

const (
	sameToken mint = iota // that of the request
	newToken              // a new one for the same record; the old one is dead
	newRecord             // the first one of a new record, under a new handle
)

// A write says what the store is told about the value.
type write int8

const (
	writeNothing write = iota // nothing, but for what delete says
	writeExpiry               // a touch: only the expiry moves
	writeValue
)

// A dropReason says why a response's change is not written.
type dropReason int8

const (
	notDropped     dropReason = iota
	droppedLost               // its session has ended, or goes on under another token (law C4)
	droppedForeign            // it would begin a session for a request that another site has made (law S9)
)

// String names the decision: "leave", "touch", "create", "save", "renew", "delete", "replace" (delete and create) or
// "drop".
func (d Decision) String() string {
	var parts []string
	switch {
	case d.dropped != notDropped:
		parts = append(parts, "drop")
	case d.delete && d.write == writeValue:
		parts = append(parts, "replace")
	case d.delete:
		parts = append(parts, "delete")
	case d.write == writeExpiry:
		parts = append(parts, "touch")
	case d.write == writeValue && d.mint == newRecord:
		parts = append(parts, "create")
	case d.write == writeValue && d.mint == newToken:
		parts = append(parts, "renew")
	case d.write == writeValue:
		parts = append(parts, "save")
	}
	if d.expire && !d.delete {
		parts = append(parts, "expire the cookie")
	}
	if parts == nil {
		return "leave"
	}
	return strings.Join(parts, ", ")
}

// LogsIn reports whether the response logs somebody in.
func (d Decision) LogsIn() bool { return d.login }

// Equal reports whether both are the same decision. It makes Decision usable with cmp.Diff.
func (d Decision) Equal(other Decision) bool { return d == other }

// facts are all that a decision depends on.
type facts struct {
	state    State
	gone     bool   // the record was live when the request arrived, and another request has ended or renewed it since
	owner    string // of the record, if live
	failed   bool   // the response fails
	intent   intent
	changed  bool // the value differs from what it was computed from
	empty    bool // the value has no keys
	foreign  bool // another site has made the request, and it came without our cookies
	limits   bool // Lifetime asks for other limits than the record has
	touchDue bool
	mayEnd   bool // stale, but the token was this session's last one: enough to end it
}

// decide is the table in docs/sessions.md as a pure function. Everything that becomes of a session is decided here.
func decide(f facts) Decision {
	switch {
	case f.failed || f.intent.discard:
		return Decision{}
	case f.gone && !f.intent.login:
		// A log-out or a renewal that was faster wins, whatever this response says (law C4). Only a log-in begins
		// another session.
		return Decision{dropped: droppedLost}
	}
	live := f.state == Live
	d := Decision{login: f.intent.login}

	// Is the session that the request brought deleted? A stale token says whose session it was if it was that session's
	// last one. A renewal of that session may still be on its way to the browser, and must not take the place of this
	// log-in (law S9).
	otherOwner := f.intent.login && (live || f.state == Stale && f.mayEnd) && f.owner != "" && f.owner != f.intent.owner
	d.delete = f.intent.delete && (live || f.mayEnd) || otherOwner
	d.expire = f.intent.delete && f.state != None

	// Is there a session afterwards, and whose? One without keys and owner is none (law S2).
	goesOn := live && !d.delete
	owned := f.intent.login || goesOn && f.owner != ""
	if f.empty && !owned {
		if goesOn && (f.changed || f.intent.renew) {
			d.write = writeValue // it expires soon, but not before parallel requests are done: see emptyLifetime
			if f.intent.renew {
				d.mint = newToken
			}
		}
		return d
	}

	// What is written, and under which token?
	switch {
	case !goesOn && f.state == Stale && !f.intent.login && !f.intent.delete:
		if f.changed || f.intent.renew {
			d.dropped = droppedLost
		}
	case !goesOn && f.foreign && !f.intent.login: // the session's cookie might replace one that the browser didn't send
		if f.changed || f.intent.renew {
			d.dropped = droppedForeign
		}
	case !goesOn:
		if f.changed || f.intent.login || f.intent.renew {
			d.write, d.mint = writeValue, newRecord
		}
	case f.intent.login || f.intent.renew || f.limits:
		d.write, d.mint = writeValue, newToken
	case f.changed:
		d.write = writeValue
	case f.touchDue:
		d.write = writeExpiry
	}
	return d
}
