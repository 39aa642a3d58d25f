package session

// An Event reports what was decided about a session. It never holds a token or a value.
type Event struct {
	Kind      EventKind
	Slot      string // the name of the session, "" for the ordinary one
	Handle    Handle // zero if none is known
	Owner     string
	State     State // what came with the request; for Refused, why
	Conflicts int   // how many parallel writes this one was merged with
	// Err is why it failed, for TouchFailed and Failed; for a write, that reserved keys were dropped to make room; for
	// Dropped, why something was lost beside a response that went out all the same.
	Err error
}

// EventKind is what happened.
type EventKind int8

// The events. A request has one for each token that it refused (one for all malformed ones in cookies of one name), and
// for what it committed: one, or Deleted and another one if a session ended and a new one began.
const (
	Created     EventKind = iota // a new record
	Saved                        // a change, merged with Conflicts others
	Renewed                      // saved under a new token
	LoggedIn                     // created or renewed by Login
	Touched                      // the expiry moved
	TouchFailed                  // it could not be moved; the response goes out all the same
	Deleted                      // the record is gone
	Dropped                      // a change of a session that was deleted, renewed or expired meanwhile; with Err, another one
	Refused                      // a token that opens nothing; State says why
	Failed                       // the store failed, or the response could not be stored
	BroughtOver                  // a new record of a session that another library had, by Options.Moving
)

var eventNames = [...]string{"created", "saved", "renewed", "logged in", "touched", "touch failed", "deleted", "dropped", "refused", "failed", "brought over"}

// String returns the name in lower case.
func (k EventKind) String() string {
	if k < 0 || int(k) >= len(eventNames) {
		return "?"
	}
	return eventNames[k]
}
