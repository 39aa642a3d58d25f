// Package stores is the contract between sessions and what keeps them.
//
// Package session works with a [Store]: tokens in, records out. The packages below this one have ready-made stores. To keep
// sessions elsewhere, implement a [Table], which stores a [Row] for each session by a public handle and decides nothing, and let [Keep] make a
// Store of it:
//
//	store := stores.Keep(table)
//	app := session.Wrap(store, session.Options{})(handler)
//
// Keep makes tokens and checks them, so no table sees a token. It decides whether a session can be read, whether it has
// expired, and what happened if the answer to a Save was lost. Package session merges parallel changes and knows the limits.
//
// # Rules for tables
//
// A Table should observe the following rules. The tests of package storetest check them.
//
//   - Save is one atomic step on the condition that the stored version is the expected one, and never an upsert. Two requests may save
//     one session at the same moment, and a slow one may save a session that has ended: neither may undo what the other did.
//   - Save is sent once. Turn off what a client or driver does to send a write again by itself. If the first one arrived and
//     its answer was lost, the second one conflicts with it: the caller would take that for another request's write and
//     make its change twice. Return the error instead. Keep finds out with one Load what happened. A write that the engine
//     reports as rolled back, such as the victim of a deadlock, may be sent again.
//   - Load sees what the same process has written before, so it reads from the primary and not from a replica that may be
//     late. Otherwise a session that was logged out opens again, and Keep takes a Save that arrived for one that was lost.
//   - ErrNotFound, ErrConflict and ErrRefused are answers, and every other error is a failure. A server that is down is never
//     ErrNotFound, which would log everybody out.
//   - Save refuses a session with an error that wraps ErrRefused, or ErrTooLarge if it is about the size, and then has stored
//     nothing. After any other error Keep has to find out whether the session is stored, and saves it again.
//   - A Body is stored and returned as it is, by Body.Bytes and BodyOf if the engine stores bytes. No table looks into it: what can't
//     be read, or was written by a newer version of the program, is loaded, listed and deleted as any other row.
//   - Seen and Expires keep whole microseconds at least. Touch compares times, and limits are counted from them.
//   - An expired session stays for another minute. The caller's clock decides whether a session has expired, and clocks differ.
//     So a time to live that the engine enforces is longer by a minute or more, and Sweep leaves the last minute alone. After
//     that minute a table may remove the session by itself, for example whenever it inserts one, as of the Seen of that one.
//   - A call returns when its context ends. What has become of a Save then is for Keep to find out.
//
// # A table
//
// This table keeps sessions in a map:
//
//	type table struct {
//		mu   sync.Mutex
//		rows map[stores.Handle]stores.Row
//	}
//
//	func (t *table) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		row, ok := t.rows[h]
//		switch {
//		case ctx.Err() != nil:
//			return stores.Row{}, ctx.Err()
//		case !ok:
//			return stores.Row{}, stores.ErrNotFound
//		}
//		return row, nil
//	}
//
//	func (t *table) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		old, ok := t.rows[h]
//		switch {
//		case ctx.Err() != nil:
//			return ctx.Err()
//		case expected != 0 && !ok:
//			return stores.ErrNotFound
//		case old.Version != expected: // an absent row has version 0
//			return stores.ErrConflict
//		}
//		t.rows[h] = row
//		return nil
//	}
//
//	func (t *table) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		row, ok := t.rows[h]
//		if ctx.Err() == nil && ok && row.Version == version && expires.After(row.Expires) {
//			row.Seen, row.Expires = seen, expires
//			t.rows[h] = row
//		}
//		return ctx.Err()
//	}
//
//	func (t *table) Delete(ctx context.Context, h stores.Handle) error {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		if ctx.Err() == nil {
//			delete(t.rows, h)
//		}
//		return ctx.Err()
//	}
//
// The directory examples/customstore of the module has one in a database.
package stores
