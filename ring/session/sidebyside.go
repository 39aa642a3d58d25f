package session

import (
	"fmt"

	"github.com/signet-go/signet/ring"
)

// Several sessions side by side are committed one after the other, the innermost first. What it has committed can't be
// taken back when the attempt of a session further out fails, or is run again and says something else. So the only
// session that may be attempted is the one whose Wrap stands innermost.

// notInnermost is the failure of an attempt of the session s, inside of whose Wrap stands that of the session inner.
func (s *slotKeys) notInnermost(inner *slotKeys) error {
	return fmt.Errorf("session: an Attempt of %s, whose session.Wrap stands around that of %s: only the innermost session can be attempted; "+
		"put the session.Wrap of %[1]s inside of the other, or use Update or Set (flash.Wrap attempts the session that its messages are in)", s, inner)
}

// unsettled is the failure of a placeholder that the session s can't settle.
func (s *slotKeys) unsettled(resp ring.Response) error {
	for other := range slots {
		if cs := other.changes.Ref(resp.Values); other != s && cs != nil && cs.hasAttempt() {
			return other.notInnermost(s)
		}
	}
	return fmt.Errorf("session: the response for %s is a placeholder of a layer further out: what it comes to isn't known when the session is committed", s)
}

// String names the session in an error.
func (s *slotKeys) String() string {
	if s.name == "" {
		return "the ordinary session"
	}
	return fmt.Sprintf("the session %q", s.name)
}
