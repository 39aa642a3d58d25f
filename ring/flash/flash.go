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
// with it, whether the handler reads it or not, unless the response fails; a redirect hands it on. [Key.Now] is for a
// message on the page at hand, such as a form that is shown again.
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
// What no header distinguishes is not promised: a poll by fetch of the very path that a fetch was redirected to, and two
// tabs that open one path in the same instant. Nor is anything promised if a browser sends no Sec-Fetch headers, because
// it is too old or the site is neither HTTPS nor localhost: any GET counts as a navigation then, unless htmx or a Turbo
// Frame sends it or it has X-Requested-With.
//
// # htmx and Turbo
//
// If htmx or Turbo loads a page in place of the browser, the request counts as a navigation. It is recognized by
// HX-Boosted: true, by HX-History-Restore-Request: true, or by X-Turbo-Request-Id without Turbo-Frame and
// X-Requested-With. Everything else that they send is not a navigation: polls, fragments, frames. Such a request gets
// the messages of a redirect that it has followed, and no others. Prefetches are recognized by Sec-Purpose, by Turbo's
// X-Sec-Purpose, and by HX-Preloaded: true of htmx's preload extension.
//
// In the response to a request with HX-Request: true, three headers are redirects too. HX-Location, a path or a JSON
// object with a "path", makes htmx send a GET, which is not boosted. HX-Redirect and HX-Refresh: true make the browser
// navigate. A relative address is resolved against HX-Current-URL.
//
// Paths are compared as Wrap sees them: behind http.StripPrefix it has to stand outside. A message that a layer around
// an Attempt sends comes after those of the attempt.
//
// Messages are reserved keys of the session, whose names begin with ".flash:". [Wrap] must stand inside of
// [session.Wrap]. If it is missing, a response that sends a message fails and saves nothing, also if a test calls
// session.Wrap's handler as a function. A test of a handler alone needs no layer: see [Key.Now] and [Key.Out].
package flash

import (
	"iter"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// Key names messages of type T, which may be whatever a [session.Key] can hold.
type Key[T any] string

// Put sends a message, for a later request: the request at hand doesn't have it; see [Key.Now]. Messages of one key don't
// replace each other; see [Key.All]. A value that can't be encoded is a failed response.
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

// Get returns the last message of [Key.All], which is the newest, or the zero value. Without [Wrap] around a
// served request, the response fails with an error that says so.
func (k Key[T]) Get(req ring.Request) T {
	var last T
	for v := range k.All(req) {
		last = v
	}
	return last
}

// All yields the messages of the key that came for this request, oldest first, and those of [Key.Now] after them. Several
// can arrive for one page.
func (k Key[T]) All(req ring.Request) iter.Seq[T] {
	return func(yield func(T) bool) {
		var arrived *messages
		if in := inKey.Expect(req); in != nil {
			arrived = in.list
		}
		for i := range arrived.Len() {
			if v, ok := value(arrived.At(i).content, k); ok && !yield(v) {
				return
			}
		}
		now, _ := nowKey.Get(req.Values)
		for i := range now.list.Len() {
			if m, ok := (*now.list.At(i)).(given[T]); ok && m.key == k && !yield(m.value) {
				return
			}
		}
	}
}

// Now returns a copy of req with a message for the response at hand, such as a form that is shown again with what is
// wrong. [Key.All] of the copy yields it after the messages that came, and of req itself doesn't. The message is not
// stored, a redirect doesn't hand it on, and T may be a type that can't be encoded.
//
// In a plain handler behind [ring.Use], req is ring.FromContext(r.Context()). In a test that calls a handler as a
// function, Now stands in for a message that came. A page that takes an *http.Request finds the message in its context:
//
//	page(w, r.WithContext(notice.Now(req, "Please choose a color.").HTTP().Context()))
//
// Now doesn't change how the response may be cached. [session.Wrap] keeps a response out of shared caches if the request
// came with a session. The response to a GET should have Cache-Control: no-store as well, as one with a message that
// came has, since otherwise the browser may show the message again. A response to POST is not cached.
func (k Key[T]) Now(req ring.Request, v T) ring.Request {
	now, _ := nowKey.Get(req.Values)
	req.Values = nowKey.Put(req.Values, givens{now.list.With(given[T]{k, v})})
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
	nowKey = ring.KeyOf[givens](layer, "flash message of the page at hand")
	outKey = ring.JoinedKeyOf(layer, "flash message", func(inner, outer sendings) sendings {
		for i := range outer.list.Len() {
			inner = inner.with(*outer.list.At(i))
		}
		return inner
	})
)
