package session

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"time"

	"github.com/signet-go/signet/ring"
)

// Information about a session, beside its values. The zero Information is that of no session.
type Information struct {
	State         State
	Owner         string // "" for an anonymous session
	Handle        Handle // names the session in the store and in lists; zero if there is none
	Created       time.Time
	Authenticated time.Time // the last log-in
	Seen          time.Time // the last write or touch before this request
	Expires       time.Time // if nothing happens after this request
	Now           time.Time // of the clock in Options, when the request came in

	rand io.Reader
}

// AppendID appends 12 random characters of base64url to b, from the source of random bytes in Options.
func (i Information) AppendID(b []byte) []byte {
	var id [9]byte
	if i.rand == nil || i.rand == rand.Reader {
		_, _ = rand.Read(id[:])
	} else {
		drawn := make([]byte, len(id))
		_, _ = io.ReadFull(i.rand, drawn)
		copy(id[:], drawn)
	}
	return base64.RawURLEncoding.AppendEncode(b, id[:])
}

// Info tells about the session of a request. A handler that is called as a function gets the zero Information.
func Info(req ring.Request) Information { return Slot{}.Info(req) }

// Info is the function [Info] for this session.
func (sl Slot) Info(req ring.Request) Information {
	if a := sl.keys().expect(req); a != nil {
		return a.information()
	}
	return Information{}
}

func (a *arrival) information() Information {
	r := a.rec
	return Information{
		State: a.state, Owner: r.Owner, Handle: r.Handle, Created: r.Created, Authenticated: r.Authenticated,
		Seen: r.Seen, Expires: r.Expires, Now: a.now, rand: a.m.opts.Rand,
	}
}

// Equal reports whether both tell the same. Times are compared as instants.
func (i Information) Equal(other Information) bool {
	return i.State == other.State && i.Owner == other.Owner && i.Handle == other.Handle && i.Created.Equal(other.Created) &&
		i.Authenticated.Equal(other.Authenticated) && i.Seen.Equal(other.Seen) && i.Expires.Equal(other.Expires) && i.Now.Equal(other.Now)
}
