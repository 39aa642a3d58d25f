package session

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
)

// incoming is the session as a request brought it.
type incoming struct {
	w       *wrapper
	request uint64 // stands for the request: a Session that was derived from it knows it again
	state   State
	owned   bool    // token came in the owner's cookie
	endable bool    // see facts
	value   string  // of the cookie, which is the token
	rec     *Record // never nil
	now     time.Time
	former  string               // the owner, if endable
	commit  *deadline            // room for the one of the commit, until it is taken; nil where there is none
	inside  atomic.Pointer[slot] // another session whose Wrap stands inside; the last one that did, if any
}

// token is what the request's cookie holds.
func (in *incoming) token() Token { return TokenOf(in.w.jar.anonymous, in.value) }

// requests numbers the incoming sessions of the process.
var requests atomic.Uint64

// loaded is an incoming of a request that has a cookie, with room for all that takes, in one allocation.
type loaded struct {
	incoming
	record   Record
	deadline deadline // of loading
	commit   deadline // another one, as the store may have kept the first
}

var noRecord Record

// maxTried bounds how many well-formed cookies of one name are looked up: a sibling site can set any number.
const maxTried = 3

// load finds the session of a request: in the owner's cookie, else in the anonymous one, as far as they were brought.
func (w *wrapper) load(req ring.Request, l *loaded, brought [2]bool) error {
	l.incoming.commit = &l.commit
	l.deadline.Start(req.Context(), w.until(l.now))
	defer l.deadline.End()
	for _, owned := range [2]bool{true, false} {
		tried, malformed := 0, false
		if !brought[which(owned)] {
			continue
		}
		for value := range cookies.Raw(req.Header, w.jar.name(owned)) {
			if tried == maxTried {
				break
			}
			state, err := w.try(l, TokenOf(w.jar.anonymous, unquoted(value)), owned)
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
			w.tell(req.Context(), Event{Kind: Refused, Handle: l.record.Handle, State: state})
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

// try looks one token up.
func (w *wrapper) try(l *loaded, t Token, owned bool) (State, error) {
	in := &l.incoming
	var err error
	l.record, err = w.store.Load(&l.deadline, t, in.now)
	rec := &l.record
	state, failure := w.judge(rec, err, owned, in.now)
	if failure != nil {
		return state, failure
	}
	if state == Live {
		in.state, in.value, in.rec, in.owned = Live, t.Reveal(), rec, owned
		return Live, nil
	}
	if in.state == None || state > in.state {
		in.state, in.value, in.owned = state, t.Reveal(), owned
		in.endable, in.former = state == Stale && rec.Handle != Handle{}, rec.Owner
	}
	return state, nil
}

// judge turns what the store says into a state, or into the failure that it is.
func (w *wrapper) judge(rec *Record, err error, owned bool, now time.Time) (State, error) {
	switch {
	case err == nil:
		switch {
		case (rec.Owner != "") != owned: // in the wrong one of the two cookies
			return Unknown, nil
		case w.opts.isOver(rec, now):
			return Expired, nil
		}
		return Live, nil
	case errors.Is(err, ErrMalformed):
		return Malformed, nil
	case errors.Is(err, ErrNotFound):
		return Unknown, nil
	case errors.Is(err, ErrExpired):
		return Expired, nil
	case errors.Is(err, ErrStale):
		return Stale, nil
	case errors.Is(err, ErrNewerFormat):
		return None, err
	case errors.Is(err, ErrUndecodable):
		return Undecodable, nil
	}
	return None, err
}
