package session

import "strings"

// State tells what came with a request.
type State int8

// The states of a session as a request brings it. All but None and Live are dead: they read as empty.
const (
	None        State = iota // no cookie
	Live                     // a session
	Malformed                // a cookie that is no token
	Unknown                  // a token that no session has, or not any more
	Expired                  // a session that outlived a limit
	Undecodable              // a session whose stored bytes can't be read
	Stale                    // the token of a session that got another one within the last minute
)

var stateNames = [...]string{"none", "live", "malformed", "unknown", "expired", "undecodable", "stale"}

// String returns the name in lower case.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "?"
	}
	return stateNames[s]
}

// Decision is what a response comes to. It answers three questions that don't depend on each other: does the session that
// came in end, does the browser get a new token, and what is written.
type Decision struct {
	End     bool  // the record that came in is deleted
	Mint    Mint  // the token
	Write   Write // the value
	Expire  bool  // the browser is told to forget the cookie it sent
	Dropped bool  // there was a change, and its session is not there any more, or must not begin here: nothing is written (laws C4, S9)
}

// Mint says where the token of what is stored comes from.
type Mint int8

// The tokens of what is stored.
const (
	SameToken Mint = iota // the one that came in
	NewToken              // a new one for the same record; the old one is dead
	NewRecord             // a new record under a new handle, with a token of its own
)

// Write says what happens to the value.
type Write int8

// The writes.
const (
	WriteNothing Write = iota // the store isn't called
	WriteExpiry               // a touch: only the expiry moves
	WriteValue                // the value is stored
)

// String names the decision: "leave", "touch", "create", "save", "renew", "delete", "replace" (delete and create) or "drop".
func (d Decision) String() string {
	var parts []string
	switch {
	case d.Dropped:
		parts = append(parts, "drop")
	case d.End && d.Write == WriteValue:
		parts = append(parts, "replace")
	case d.End:
		parts = append(parts, "delete")
	case d.Write == WriteExpiry:
		parts = append(parts, "touch")
	case d.Write == WriteValue && d.Mint == NewRecord:
		parts = append(parts, "create")
	case d.Write == WriteValue && d.Mint == NewToken:
		parts = append(parts, "renew")
	case d.Write == WriteValue:
		parts = append(parts, "save")
	}
	if d.Expire && !d.End {
		parts = append(parts, "expire the cookie")
	}
	if parts == nil {
		return "leave"
	}
	return strings.Join(parts, ", ")
}

// facts are all that the decision depends on.
type facts struct {
	state    State
	owner    string // of the record that came in, if live
	failed   bool
	intent   intent
	changed  bool // the value differs from what it was computed from
	empty    bool // the value has no keys
	foreign  bool // another site has made the request, and it came without our cookies
	limits   bool // Lifetime asks for other limits than the record has
	touchDue bool
	mayEnd   bool // stale, but the token was this session's last one: enough to end it
}

// decide is the table of the laws, as a pure function.
func decide(f facts) Decision {
	if f.failed || f.intent.discard {
		return Decision{}
	}
	live := f.state == Live
	var d Decision

	// Does what came in end?
	// A stale token says whose session it was, if it was the last one: a renewal of that one may still be on its way to the
	// browser, and must not take the place of this log-in.
	otherOwner := f.intent.login && (live || f.state == Stale && f.mayEnd) && f.owner != "" && f.owner != f.intent.owner
	d.End = f.intent.delete && (live || f.mayEnd) || otherOwner
	d.Expire = f.intent.delete && f.state != None

	// Is there a session afterwards, and whose?
	goesOn := live && !d.End
	owned := f.intent.login || goesOn && f.owner != ""
	if f.empty && !owned {
		if goesOn && (f.changed || f.intent.renew) {
			d.Write = WriteValue // it fades
			if f.intent.renew {
				d.Mint = NewToken
			}
		}
		return d
	}

	// What is written, and under which token?
	switch {
	case !goesOn && f.state == Stale && !f.intent.login && !f.intent.delete:
		d.Dropped = f.changed || f.intent.renew
	case !goesOn && f.foreign && !f.intent.login: // a session that is begun here might replace one whose cookie didn't come
		d.Dropped = f.changed || f.intent.renew
	case !goesOn:
		if f.changed || f.intent.login || f.intent.renew {
			d.Write, d.Mint = WriteValue, NewRecord
		}
	case f.intent.login || f.intent.renew || f.limits:
		d.Write, d.Mint = WriteValue, NewToken
	case f.changed:
		d.Write = WriteValue
	case f.touchDue:
		d.Write = WriteExpiry
	}
	return d
}
