package stores

import (
	"encoding/base64"
	"fmt"
)

// A Handle names a session in a store. It is public: it may be logged and shown, for instance in a list of a user's
// sessions, because it opens nothing. A session keeps its handle when an anonymous visitor logs in, and a handle never
// passes from one owner to another: a log-in of somebody else begins another session. The zero Handle names no session.
type Handle [18]byte

// handleLen is the number of characters of a handle in base64url.
const handleLen = 24

// String returns the handle as 24 characters of base64url.
func (h Handle) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// ParseHandle is the inverse of String.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) == handleLen {
		if n, err := base64.RawURLEncoding.Decode(h[:], []byte(s)); err == nil && n == len(h) {
			return h, nil
		}
	}
	return Handle{}, fmt.Errorf("stores: a handle is %d characters of base64url", handleLen)
}
