// Package goredis keeps sessions in Redis or Valkey, for sites that have a client of go-redis already. Otherwise stores/redis is
// the better choice: it keeps the same sessions under the same keys, and its client does more with less.
//
//	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", ContextTimeoutEnabled: true, DialerRetries: 1})
//	defer client.Close()
//	app := session.Wrap(goredis.New(client), session.Options{})(handler)
//
// What is stored is told in stores/redistable, and what Redis does not promise, with the settings that a server of sessions
// should have, in stores/redis.
//
// # The client
//
// ContextTimeoutEnabled lets go of a connection when a call's deadline is over. Without it calls return in time too, as this
// package doesn't wait for longer, but each leaves a goroutine and a connection behind until the client's ReadTimeout.
//
// DialerRetries 1 dials once for each try. By default it is five times with pauses between them, and a load is tried four times: a server
// that refuses connections would be dialed twenty times, for about two seconds, before the page is answered with 503.
//
// Scripts are sent once, whatever MaxRetries says: one that was sent again after its answer was lost would be refused as a
// conflict with itself, and what it did be done twice. Loads and deletes are tried again as the client likes.
//
// In a cluster a client notices a failover late by default. Set ClusterStateReloadInterval to a second or so, which takes a
// ClusterClient: UniversalOptions has no such field. With one address, UniversalOptions makes a client for one
// server, unless IsClusterMode says otherwise.
package goredis
