package redis

import (
	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
)

// Store is a stores.Store in Redis. It is safe for concurrent use, by any number of processes. It needs no
// sweeping.
type Store struct {
	stores.Store
	stores.Owners
}

// An Option changes what [New] makes.
type Option = redistable.Option

// Prefix is what all keys begin with, "signet:" without this option. Sessions of different kinds in one server need
// different ones.
func Prefix(p string) Option { return redistable.Prefix(p) }

// MaxBytes bounds the data of a session, as session.Options.MaxBytes does and no lower than there; 64 KiB without this
// option. More is neither saved nor, where it is found, read. It panics unless n is positive.
func MaxBytes(n int) Option { return redistable.MaxBytes(n) }

// New makes a store of a client for one server, for Sentinel or for a cluster. It makes no call and doesn't close the
// client; it panics if that is nil.
func New(c rueidis.Client, options ...Option) *Store {
	s := stores.Keep(NewTable(c, options...))
	return &Store{s, s.(stores.Owners)}
}

// NewTable makes the table of such a store, for tests of tables; a site uses [New].
func NewTable(c rueidis.Client, options ...Option) *redistable.Table {
	if c == nil {
		panic("redis: New without a client")
	}
	return redistable.New(client{c}, options...)
}
