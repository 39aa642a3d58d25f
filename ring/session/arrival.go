package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// An arrival is the session of a request as it was when the request arrived. Wrap attaches it to the request; handlers
// read it by [From] and [Info].
type arrival struct {
	origin
	m           *middleware // that of the Wrap that has attached it
	state       State
	owned       bool   // the token came in the owner's cookie
	hasOld      bool   // the request has the cookie of Options.Moving, and another site hasn't made it
	moved       bool   // the token came with that cookie, so the browser doesn't have ours
	mayEnd      bool   // see facts
	value       string // of the cookie, which is the token
	formerOwner string // the owner, if mayEnd
	now         time.Time
	commit      *deadline.Context        // room for the commit's, until it is used; nil if there is none
	inside      atomic.Pointer[slotKeys] // another session whose Wrap stands inside; the last one that did, if any
	viewOf      *arrival                 // the one that Wrap attached, if this one is for reading after an Amend; else nil
}

// An arrivalWithRecord is the arrival of a request with a cookie. It embeds the record and the deadlines, so that all
// of it takes one allocation.
type arrivalWithRecord struct {
	arrival
	record   stores.Record
	deadline deadline.Context // of loading
	commit   deadline.Context // another one, as the store may have kept the first
}

// requests numbers the arrivals of the process, from 1.
var requests atomic.Uint64

// outside is the number of an arrival that no request brought: a program opens the session by its handle.
const outside = 0

var noRecord stores.Record

// slotKeys are the keys under which one session travels: its arrival with requests, its changes with responses. Its
// address is the session's identity.
type slotKeys struct {
	name    string
	plain   ring.Key[arrival]           // of a request without a cookie
	stored  ring.Key[arrivalWithRecord] // of one with a cookie
	changes ring.Key[changes]
}

func newSlotKeys(name, provider string) *slotKeys {
	layer := ring.NewLayer(provider)
	of := ""
	if name != "" {
		of = " " + name
	}
	s := &slotKeys{
		name, ring.KeyOf[arrival](layer, "session"+of), ring.KeyOf[arrivalWithRecord](layer, "session"+of),
		ring.JoinedKeyOf(layer, "session"+of+" change", joined),
	}
	layer.OnAmend(func(req ring.Request, resp ring.Response) ring.Request { return onAmend(s, req, resp) })
	return s
}

// onAmend is amended in amend.go. A direct reference would make an initialization cycle, as resolving an Attempt looks
// at all slots.
var onAmend func(*slotKeys, ring.Request, ring.Response) ring.Request

var (
	ordinary = newSlotKeys("", "session.Wrap")
	named    sync.Map // string to *slotKeys
	anyNamed atomic.Bool
)

// slots yields every session that the program knows.
func slots(yield func(*slotKeys) bool) {
	if yield(ordinary) {
		named.Range(func(_, s any) bool { return yield(s.(*slotKeys)) })
	}
}

// arrival returns what Wrap attached, or nil.
func (s *slotKeys) arrival(v ring.Values) *arrival {
	if l := s.stored.Ref(v); l != nil {
		return &l.arrival
	}
	return s.plain.Ref(v)
}

// expect is arrival for handlers, for which a missing one is a mistake in the program.
func (s *slotKeys) expect(req ring.Request) *arrival {
	if a := s.arrival(req.Values); a != nil {
		return a
	}
	return s.plain.Expect(req)
}
