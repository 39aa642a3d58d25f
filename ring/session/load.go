package session

import (
	"errors"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// maxTried bounds how many well-formed cookies of one name are looked up: a sibling site can set any number.
const maxTried = 3

// ownerFirst is the order in which the cookies are looked at: a session with an owner counts more.
var ownerFirst = [2]bool{true, false}

// loadPresent finds the session of a request among the cookies that are present.
func (m *middleware) loadPresent(req ring.Request, l *arrivalWithRecord, present cookiePair[bool]) error {
	// A browser sends one cookie of a name and a path. But a sibling domain can add its own with the same name, before or
	// after ours, so each is looked up until one opens a session.
	for _, owned := range ownerFirst {
		tried, malformed := 0, false
		if !*present.of(owned) {
			continue
		}
		for value := range cookies.Raw(req.Header, m.cookies.name(owned)) {
			if tried == maxTried {
				break
			}
			state, err := m.lookup(l, m.cookies.token(unquoted(value)), owned)
			if err != nil {
				return err
			}
			if state == Live {
				return nil
			}
			if state != Malformed {
				tried++
			} else if malformed {
				continue // a sibling site can set any number: one event is enough for them
			}
			malformed = malformed || state == Malformed
			m.emit(req.Context(), Event{Kind: Refused, Handle: l.record.Handle, State: state})
		}
	}
	return nil
}

// unquoted leaves out quotes around the whole, as package cookies does.
func unquoted(value string) string {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		return value[1 : n-1]
	}
	return value
}

// lookup asks the store for one token, and keeps the answer in the arrival if it says more than what is there.
func (m *middleware) lookup(l *arrivalWithRecord, t stores.Token, owned bool) (State, error) {
	a := &l.arrival
	var err error
	l.record, err = m.store.Load(&l.deadline, t, a.now)
	rec := &l.record
	state, failure := m.classify(rec, err, owned, a.now)
	if failure != nil {
		return state, failure
	}
	l.found(t, state, owned)
	return state, nil
}

// found keeps in the arrival what a token opens, if that says more than what is there.
func (l *arrivalWithRecord) found(t stores.Token, state State, owned bool) {
	a, rec := &l.arrival, &l.record
	if state == Live {
		a.state, a.value, a.rec, a.owned = Live, t.Reveal(), rec, owned
		return
	}
	if a.state == None || state > a.state { // the order of the states is that of what they say
		a.state, a.value, a.owned = state, t.Reveal(), owned
		a.mayEnd, a.formerOwner = state == Stale && rec.Handle != Handle{}, rec.Owner
	}
}

// classify turns the store's answer into a state, or into the failure that it is.
func (m *middleware) classify(rec *stores.Record, err error, owned bool, now time.Time) (State, error) {
	switch {
	case err == nil:
		switch {
		// An owner's session in the anonymous cookie was put there by somebody else: what Wrap sends never is.
		case (rec.Owner != "") != owned:
			return Unknown, nil
		case m.opts.isOver(rec, now):
			return Expired, nil
		}
		return Live, nil
	case errors.Is(err, stores.ErrMalformed):
		return Malformed, nil
	case errors.Is(err, stores.ErrNotFound):
		return Unknown, nil
	case errors.Is(err, stores.ErrExpired):
		return Expired, nil
	case errors.Is(err, stores.ErrStale):
		return Stale, nil
	case errors.Is(err, stores.ErrNewerFormat): // a newer program can read it, so it is not a dead session
		return None, err
	case errors.Is(err, ErrUndecodable):
		return Undecodable, nil
	}
	// The store failed. Going on without a session would show everybody as logged out (law T6).
	return None, err
}
