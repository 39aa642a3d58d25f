// Package flash carries messages to the page that a redirect leads to, and shows them once.
//
//	const notice flash.Key[string] = "notice"
//
//	func save(req ring.Request) ring.Response {
//		…
//		return ring.Redirect("/").With(notice.Put("Saved."))
//	}
//
//	func home(req ring.Request) ring.Response { return ring.HTML(page, notice.Get(req)) }
//
// A message set on a redirect to this host belongs to the GET that follows it: of the same path, with the same
// Sec-Fetch-Mode and Sec-Fetch-Dest as the request that was redirected. Set on any other response, on a redirect
// elsewhere, or not fetched within ten seconds, it belongs to the next top-level navigation. Any other request, such as
// a poll or an image, neither sees nor takes it, and a prefetch never does. The request that it belongs to takes it
// with it, whether the handler reads it or not, unless the response fails; a redirect hands it on.
//
// A message that nobody comes for is gone after five minutes. At most 16 wait in a session, with 4 KiB together unless
// the newest of them alone is larger: a response that sends another one drops the oldest. In a session that is too
// large for its store, all other values have precedence, and the oldest messages are dropped until it fits (an event of
// [session.Options.OnEvent] says so). The message that would be the only value of a session is not dropped: if it is
// too large, the response fails.
//
// Browsers load pages ahead, and may follow a redirect into one of those without a request, which would leave the
// message behind. So a response that sends a message to a browser makes it forget them: Clear-Site-Data:
// "prefetchCache", "prerenderCache". A page that is loaded ahead while a message waits doesn't have it; it comes with
// the next one that is asked for. Going back may show a page as it was, with its message, as browsers keep pages in
// memory.
//
// What no header distinguishes is not promised: a poll by fetch of the very path that a fetch was redirected to, two
// tabs that open one path in the same instant, and browsers too old for Sec-Fetch headers, for which any GET counts as
// a navigation.
//
// Paths are compared as Wrap sees them: behind http.StripPrefix it has to stand outside. A message that a layer around
// an Attempt sends comes after those of the attempt.
//
// Messages are reserved keys of the session, whose names begin with ".flash:". [Wrap] must stand inside of
// [session.Wrap]. If it is missing, a response that sends a message fails and saves nothing, also if a test calls
// session.Wrap's handler as a function. A test of a handler alone needs no layer: see [Key.In] and [Key.Out].
package flash

import (
	"iter"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// Key names messages of type T, which may be whatever a [session.Key] can hold.
type Key[T any] string

// Put sends a message. Messages of one key don't replace each other; see All. A value that can't be encoded is a failed
// response.
func (k Key[T]) Put(v T) ring.Change {
	return func(r ring.Response) ring.Response {
		one := session.Key[T](k).Set(session.Session{}, v)
		if one.Err() != nil {
			_ = r.Body.Close()
			return ring.Fail(one.Err())
		}
		sent, _ := outKey.Get(r.Values)
		r.Values = outKey.Put(r.Values, sent.with(content(one.Data().Text())))
		return r
	}
}

// Get returns the newest message of the key that came for this request, or the zero value. Without [Wrap] around a
// served request, the response fails with an error that says so.
func (k Key[T]) Get(req ring.Request) T {
	var last T
	for v := range k.All(req) {
		last = v
	}
	return last
}

// All yields the messages of the key that came for this request, oldest first: two can arrive for one page.
func (k Key[T]) All(req ring.Request) iter.Seq[T] {
	return func(yield func(T) bool) {
		in := inKey.Expect(req)
		if in == nil {
			return
		}
		arrived := in.list
		for i := range arrived.Len() {
			if v, ok := value(arrived.At(i).content, k); ok && !yield(v) {
				return
			}
		}
	}
}

// In gives a request for which the message came, for tests that call a handler as a function.
func (k Key[T]) In(req ring.Request, v T) ring.Request {
	var arrived messages
	if before, _ := inKey.Get(req.Values); before.list != nil {
		arrived = *before.list
	}
	one := session.Key[T](k).Set(session.Session{}, v)
	arrived = arrived.With(message{content: content(one.Data().Text())})
	req.Values = inKey.Put(req.Values, arrivals{&arrived})
	return req
}

// Out returns the messages of the key that a response sends, for tests that call a handler as a function.
func (k Key[T]) Out(resp ring.Response) []T {
	var vs []T
	sent, _ := outKey.Get(resp.Values)
	for i := range sent.list.Len() {
		if v, ok := value(*sent.list.At(i), k); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

var (
	layer  = ring.NewLayer("flash.Wrap")
	inKey  = ring.KeyOf[arrivals](layer, "flash messages")
	outKey = ring.JoinedKeyOf(layer, "flash message", func(inner, outer sendings) sendings {
		for i := range outer.list.Len() {
			inner = inner.with(*outer.list.At(i))
		}
		return inner
	})
)
