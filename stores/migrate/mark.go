package migrate

import (
	"crypto/sha256"
	"math/rand/v2"
	"time"

	"github.com/signet-go/signet/ring/session"
)

// A mark stands for a record that was deleted. It has a verifier that is no secret's hash.
var markVerifier = sha256.Sum256([]byte("signet/stores/migrate: deleted"))

// markLife is longer than any request that was reading the record when it was deleted.
const markLife = time.Hour

func newMark(h session.Handle) session.Record {
	now := time.Now()
	return session.Record{
		Handle: h, Version: rand.Uint64N(1<<64-1) + 1, Verifier: markVerifier,
		Created: now, Seen: now, Expires: now.Add(markLife),
	}
}

func isMark(rec session.Record) bool { return rec.Verifier == markVerifier }

// unmarked passes on what a table has loaded, a mark as the absence that it means.
func unmarked(rec session.Record, err error) (session.Record, error) {
	if err == nil && isMark(rec) {
		return session.Record{}, session.ErrNotFound
	}
	return rec, err
}
