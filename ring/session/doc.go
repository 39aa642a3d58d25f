// Package session gives handlers a session that is a value.
//
// A handler gets the session of a request with [From], derives another one with the keys it names, and returns it with
// its response. [Wrap], the middleware around it, compares: if nothing differs the store is left alone, else
// the difference, and only that, is applied to what the store has by then. So requests that run in parallel lose
// nothing, and a slow one brings nothing back that has ended.
//
//	const theme session.Key[string] = "theme"
//
//	func choose(req ring.Request) ring.Response {
//		s := theme.Set(session.From(req), req.Query("theme"))
//		return ring.Redirect("/").With(session.Set(s))
//	}
//
//	app := session.Wrap(memory.New(), session.Options{})(choose)
//
// What a response can say, by a [ring.Change] for each:
//
//   - [Set]: this session from now on; [Update], [Key.Change], [Counter.By]: a function of the newest one;
//   - [Attempt]: a function of the newest one that also gives the response;
//   - [Login]: this browser is somebody's now; [Delete]: log-out, final; [Renew]: a new token;
//   - [Lifetime]: other limits ("remember me"); [Discard]: nothing after all.
//
// A handler reads the session by [From] and by its keys: [Key], [Bound], [Counter], [Tally], [Members]. What is known beside
// its values, such as the owner, is in [Info]. [Options] has the limits and what happens if something fails; [Named] is for
// several sessions in one program.
//
// For tests of handlers, [WithSession] gives a request a session, and [Outcome] returns what a response would store, with a
// [Decision]. [Event] and [State] are for those who watch a site.
//
// Saying nothing, or an equal value, is no change, and a session without values and owner is none: no row and no
// cookie. The laws that all this keeps, with the table of decisions, are in docs/sessions.md.
//
// A [Store] keeps the sessions. The packages below stores have ready-made ones. How to write one is said by package
// stores; it takes about fifty lines.
package session
