package goredis

import (
	redis "github.com/redis/go-redis/v9"
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

// New makes a store of a client for one server, for Sentinel, for a cluster or for a ring. It makes no call and doesn't
// close the client. It panics if that is nil, or is one that reads from replicas or from a cache of its own: such reads
// bring back sessions that have ended.
func New(c redis.UniversalClient, options ...Option) *Store {
	s := stores.Keep(NewTable(c, options...))
	return &Store{s, s.(stores.Owners)}
}

// NewTable makes the table of such a store, for tests of tables; a site uses [New].
func NewTable(c redis.UniversalClient, options ...Option) *redistable.Table {
	if c == nil {
		panic("goredis: New without a client")
	}
	if readsLate(c) {
		panic("goredis: New with a client that reads from replicas or from a cache of its own")
	}
	return redistable.New(client{c}, options...)
}

// readsLate reports whether a read may give what was there some time ago, as far as the client says.
func readsLate(c redis.UniversalClient) bool {
	switch c := c.(type) {
	case *redis.Client:
		return c.Options().ClientSideCacheConfig != nil || c.Options().ClientSideCache != nil
	case *redis.ClusterClient:
		o := c.Options()
		return o.ReadOnly || o.RouteByLatency || o.RouteRandomly
	}
	return false
}
