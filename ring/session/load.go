package session

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// An arrival is the session as a request brought it.
type arrival struct {
	m           *middleware
	request     uint64 // identifies the request, so that a Session derived from another one is detected
	state       State
	owned       bool           // token came in the owner's cookie
	mayEnd      bool           // see facts
	value       string         // of the cookie, which is the token
	rec         *stores.Record // never nil
	now         time.Time
	formerOwner string                   // the owner, if mayEnd
	commit      *deadline.Context        // room for the commit's, until it is used; nil if there is none
	inside      atomic.Pointer[slotKeys] // another session whose Wrap stands inside; the last one that did, if any
}

// token is what the request's cookie holds.
func (a *arrival) token() stores.Token { return stores.TokenOf(a.m.cookies.anonymous, a.value) }

// requests numbers the arrivals of the process.
var requests atomic.Uint64

// An arrivalWithRecord is the arrival of a request with a cookie. It embeds the record and the deadlines, so that all of it
// takes one allocation.
type arrivalWithRecord struct {
	arrival
	record   stores.Record
	deadline deadline.Context // of loading
	commit   deadline.Context // another one, as the store may have kept the first
}

var noRecord stores.Record

// maxTried bounds how many well-formed cookies of one name are looked up: a sibling site can set any number.
const maxTried = 3

// load finds the session of a request: in the owner's cookie, else in the anonymous one, as far as they were brought.
func (m *middleware) load(req ring.Request, l *arrivalWithRecord, brought [2]bool) error {
	l.arrival.commit = &l.commit
	l.deadline.Start(req.Context(), m.until(l.now))
	defer l.deadline.End()
	for _, owned := range [2]bool{true, false} {
		tried, malformed := 0, false
		if !brought[which(owned)] {
			continue
		}
		for value := range cookies.Raw(req.Header, m.cookies.name(owned)) {
			if tried == maxTried {
				break
			}
			state, err := m.lookup(l, stores.TokenOf(m.cookies.anonymous, unquoted(value)), owned)
			if err != nil {
				return err
			}
			if state == Live {
				return nil
			}
			if state != Malformed {
				tried++
			} else if malformed {
				continue // a neighbour can set any number: one event tells of them
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

func which(owned bool) int {
	if owned {
		return 1
	}
	return 0
}

// lookup asks the store for one token.
func (m *middleware) lookup(l *arrivalWithRecord, t stores.Token, owned bool) (State, error) {
	a := &l.arrival
	var err error
	l.record, err = m.store.Load(&l.deadline, t, a.now)
	rec := &l.record
	state, failure := m.classify(rec, err, owned, a.now)
	if failure != nil {
		return state, failure
	}
	if state == Live {
		a.state, a.value, a.rec, a.owned = Live, t.Reveal(), rec, owned
		return Live, nil
	}
	if a.state == None || state > a.state {
		a.state, a.value, a.owned = state, t.Reveal(), owned
		a.mayEnd, a.formerOwner = state == Stale && rec.Handle != Handle{}, rec.Owner
	}
	return state, nil
}

// classify turns the store's answer into a state, or into the failure that it is.
func (m *middleware) classify(rec *stores.Record, err error, owned bool, now time.Time) (State, error) {
	switch {
	case err == nil:
		switch {
		case (rec.Owner != "") != owned: // in the wrong one of the two cookies
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
	case errors.Is(err, stores.ErrNewerFormat):
		return None, err
	case errors.Is(err, ErrUndecodable):
		return Undecodable, nil
	}
	return None, err
}
