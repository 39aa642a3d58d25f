package migrate

import (
	"crypto/sha256"
	"math/rand/v2"
	"time"

	"github.com/signet-go/signet/stores"
)

// A mark stands for a record that was deleted. It has a verifier that is no secret's hash.
var markVerifier = sha256.Sum256([]byte("signet/stores/migrate: deleted"))

const (
	markLife = time.Hour            // longer than any request that was reading the record when it was deleted
	longest  = 400 * 24 * time.Hour // how long a record may live that can't be read; no browser keeps a cookie for longer
)

// newMark makes the mark for a record of which the old table may have a copy until ends.
func newMark(h stores.Handle, ends time.Time) stores.Row {
	now := time.Now()
	if ends.Before(now) {
		ends = now
	}
	return stores.Record{
		Handle: h, Version: rand.Uint64N(1<<64-1) + 1, Verifier: markVerifier,
		Created: now, Seen: now, Expires: ends.Add(markLife),
	}.Row()
}

func isMark(row stores.Row) bool {
	rec, err := row.Record()
	return err == nil && rec.Verifier == markVerifier
}

// unmarked passes on what a table has loaded, a mark as the absence that it means. Nobody has to decode the body again.
func unmarked(row stores.Row, err error) (stores.Row, error) {
	if err != nil {
		return stores.Row{}, err
	}
	rec, err := row.Record()
	switch {
	case err != nil:
		return row, nil // for Keep to say
	case rec.Verifier == markVerifier:
		return stores.Row{}, stores.ErrNotFound
	}
	row.Body = rec.Row().Body
	return row, nil
}
