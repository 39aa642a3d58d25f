package session

// State says what the cookie of a request stands for.
type State int8

// The states of a session when a request arrives. All but None, Live and Stale are called dead in docs/sessions.md:
// their sessions read as empty, and so does a stale one.
//
// The order is a precedence. If several cookies of a request open nothing, the request has the later one of their
// states, as that says more about what happened: Stale names a session that goes on, Malformed says nothing at all.
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
