package redistable

import _ "embed"

// A Script is a Lua script that works on one key and returns a number.
type Script struct {
	Source string
	SHA1   string // of Source, in hexadecimal: what EVALSHA wants
}

// The digests are written down rather than computed, as a process in FIPS mode may not compute them.
var (
	saveScript   = &Script{saveSource, "240699bf02f205ec5cb99d93ebcc882a023247e4"}
	touchScript  = &Script{touchSource, "d76b48d0bab784dc0ca649cc6f5818d1f282b211"}
	enlistScript = &Script{enlistSource, "176e283e4fe905c5fcb0fa2908fb0b6a261bbf96"}

	//go:embed save.lua
	saveSource string
	//go:embed touch.lua
	touchSource string
	//go:embed enlist.lua
	enlistSource string
)

// What scripts answer.
const (
	foreign  = -2 // there is something that isn't a session
	conflict = -1
	nothing  = 0 // there is no session, or nothing to do
	done     = 1
	unlisted = 2 // nothing was done, as the owner's list may lose the session before it ends
)
