// Package redis keeps sessions in Redis or Valkey: one server, Sentinel, or a cluster. It is built on rueidis, which sends the
// calls of all goroutines down a few connections; a site that has go-redis already takes stores/goredis, which keeps the same
// sessions under the same keys.
//
//	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}, DisableCache: true})
//	…
//	defer client.Close()
//	app := session.Wrap(redis.New(client), session.Options{})(handler)
//
// A session is one key, and every write is one script that compares the version in it, so it makes no difference which
// server of a cluster it is on. The server forgets sessions by itself, a minute after they have expired; there is nothing to
// sweep. Whether a session has expired is decided by the clocks of the processes, never by the server's. What is stored, how an
// owner's sessions are found and how many round trips a call takes is told in stores/redistable. Redis must be version 5 or
// newer.
//
// # What Redis does not promise
//
// Redis answers before its replicas have a write, and by default before it is on disk. So at a failover, or a restart from
// an older file, writes are lost that were acknowledged: not only changes, but ends. Somebody who had logged out is logged
// in again, a token that was renewed opens its session again, and one that should be on its owner's list may be missing
// there, so that ending all of an owner's sessions leaves it. What comes back lives until the limits that it had. No store on
// top of Redis can mend that, and this one doesn't use WAIT, which makes it rarer and not impossible. A site that can't have
// it keeps its sessions in a SQL database. Any other makes it rare:
//
//   - min-replicas-to-write 1 and min-replicas-max-lag 10: a master that has lost its replicas refuses writes after ten
//     seconds, instead of taking some for hours that nobody will ever see again. Refused writes are answered with 503.
//   - appendonly yes, with appendfsync everysec: a server that crashes and comes back has lost about a second. With snapshots
//     alone it is minutes, and without either all sessions.
//   - maxmemory-policy noeviction: any other policy ends sessions when memory is short, and takes owners' lists, without a
//     word. With it a server that is full refuses writes, which are answered with 503.
//   - Never read from replicas: ended sessions would come back for as long as a replica is behind. Commands of sessions aren't
//     marked as reads, so a client whose SendToReplicas asks for IsReadOnly sends them to the master; one that includes GET
//     by its name must not be used.
//
// # The client
//
// Set no timeouts for the sake of sessions: each call has the deadline of session.Options. What can be repeated without harm,
// a load or a delete, is sent up to four times within a quarter of a second, whatever the client's own retries are: so a server
// that refuses connections is answered with 503 at once, and not at the deadline. A save is sent once. Sessions don't use the client's
// cache; DisableCache turns it off, which servers before version 6 and some proxies demand. An access list must allow GET,
// DEL, ZRANGE, EVAL and EVALSHA, and what the scripts use: GETRANGE, EXISTS, SET, SETRANGE, PEXPIRE, PEXPIREAT, TIME, ZADD, ZSCORE,
// ZREVRANGE and ZREMRANGEBYSCORE, on keys that begin with the prefix.
package redis
