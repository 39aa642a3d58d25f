// Package redistable is the table that stores/redis and stores/goredis have in common: what is kept under which key, and
// the scripts that change it. A program uses one of those two; this package is for those who have another client of
// Redis, and know what [Client] asks for:
//
//	store := stores.Keep(redistable.New(myClient))
//
// # What is stored
//
// A session is one string under the prefix and its handle. Saving and touching are one script on that key, which compares
// the version, so nothing is read before it is written; loading is one GET. The server forgets a session by a time that
// is counted from the call, a minute late, so its clock is of no consequence: whether a session has expired is for the
// caller's clock to say.
//
// The sessions of an owner are listed in a sorted set under the prefix, "owner:" and the owner. As the two keys can't change
// in one step where they are on different nodes of a cluster, the list is written first: it may name what isn't there,
// and each session it names is looked at, but a session that is there is never missing. An entry stays twelve hours longer
// than the session would, so that touches and saves need not write to the list: a session notes until when it is listed,
// and the scripts refuse to let it live longer until it has been listed anew. What is past its time goes with the next
// log-in of that owner, or when the list as a whole expires, so there is nothing to sweep.
//
// Round trips: a load is one, so is a save, a touch or a delete. A save that logs somebody in is two: the list, then the
// session. Every twelve hours, and where a save makes a session live that much longer or changes its owner without a log-in,
// it is three, for a touch four. Listing an owner's sessions is one and then one for each 256 of them, or for a cluster one
// for each node. A scan of all sessions is two for each 256 keys of the server, whatever they are.
//
// Redis from version 5 and Valkey will do; scripts use one key each, so a cluster will too.
package redistable

import "context"

// Client is what a table needs of a client of Redis. Methods honour their context, are safe for concurrent use, and give
// an error for every reply that isn't what they are to return.
type Client interface {
	// Get returns the string under key; ok is false if there is none.
	Get(ctx context.Context, key string) (value string, ok bool, err error)

	// GetAll calls each for those of the keys that there are, with the key's index. It takes as few round trips as it can.
	// A key that fails, as one of another type does, is an error and hides no other: each is called for the rest.
	GetAll(ctx context.Context, keys []string, each func(i int, value string)) error

	// Members returns the members of the sorted set under key, none if there is no such set.
	Members(ctx context.Context, key string) ([]string, error)

	// Keys calls each with the keys that match a pattern of SCAN, some hundreds at a time, until it returns false. It asks
	// every master of a cluster. A key that is there throughout is never missing and may come twice. The keys are each's to
	// change.
	Keys(ctx context.Context, pattern string, each func(keys []string) bool) error

	// Delete removes key, if it is there.
	Delete(ctx context.Context, key string) error

	// Run runs a script by its digest, and with its source where the server doesn't know that. It must not run twice: where
	// an answer is lost, that is the error. The strings are not kept, nor changed by anybody, also when Run has returned
	// because its context has ended.
	Run(ctx context.Context, s *Script, key string, args ...string) (int64, error)
}

// An Option changes what [New] makes.
type Option func(*Table)

// Prefix is what all keys begin with, "signet:" without this option. Sessions of different kinds in one server need different ones.
func Prefix(p string) Option { return func(t *Table) { t.prefix = p } }

// MaxBytes bounds the data of a session, as session.Options.MaxBytes does and no lower than there; 64 KiB without this
// option. More is neither saved nor, if it is found, read. A body may have 256 bytes besides, which data may use too. It
// panics unless n is positive.
func MaxBytes(n int) Option {
	if n <= 0 {
		panic("redis: MaxBytes must be positive")
	}
	return func(t *Table) { t.max = n }
}
