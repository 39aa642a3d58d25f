package flash

import (
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// Wrap is the middleware that delivers messages. It stands inside of [session.Wrap]:
//
//	ring.Chain(session.Wrap(store, session.Options{}), flash.Wrap)(app)
//
// It attempts the ordinary session, so a session.Wrap of another session stands outside of that one.
func Wrap(h ring.Handler) ring.Handler {
	return func(req ring.Request) ring.Response {
		v := visit{h, req} // stays on the stack: no method keeps it
		arrived := v.visible(session.From(req))
		resp := v.answer(arrived)
		if arrived.Len() == 0 || v.fails(resp) {
			return v.settle(resp, arrived)
		}
		return v.showing(arrived, resp)
	}
}

// A visit is one request and the handler that answers it. A method that keeps a visit beyond its call keeps a copy;
// otherwise each visit would move to the heap.
type visit struct {
	h   ring.Handler
	req ring.Request
}

// visible returns the messages that belong to the request, oldest first.
func (v *visit) visible(s session.Session) *messages {
	var arrived *messages
	if v.req.Method != http.MethodGet {
		return arrived
	}
	for name := range s.KeysWith(prefix) {
		key := session.Key[string](name)
		if m, ok := unpack(key, key.Get(s)); ok && m.isFor(&v.req, session.Info(v.req).Now) && !isPrefetch(v.req.Header) {
			if arrived == nil {
				arrived = &messages{}
			}
			arrived.Add(m)
		}
	}
	return arrived
}

// answer calls the handler with the messages that have arrived.
func (v *visit) answer(arrived *messages) ring.Response {
	inner := v.req
	inner.Values = inKey.Put(inner.Values, arrivals{arrived})
	return v.h(inner)
}

// fails reports whether a response is a failed one. What it sends is claimed here, which its own request doesn't show.
func (v *visit) fails(resp ring.Response) bool {
	resp.Values = outKey.Drop(resp.Values)
	return resp.Failure(v.req) != nil
}

// A showing is a response that shows messages, and takes them out of the session.
type showing struct {
	visit
	arrived *messages
	resp    ring.Response
	runs    int
}

// showing makes the response that takes the messages out.
func (v *visit) showing(arrived *messages, resp ring.Response) ring.Response {
	return session.Attempt((&showing{visit: *v, arrived: arrived, resp: resp}).commit)
}

// commit takes the messages out of the newest session. Where a parallel request has taken one since the handler ran,
// the handler runs again without it.
func (sh *showing) commit(s session.Session) (session.Session, ring.Response) {
	if sh.runs++; sh.runs > 1 { // the first run keeps to what the handler saw, even if the response ends the session
		if now := sh.visible(s); !same(now, sh.arrived) {
			_ = sh.resp.Body.Close()
			sh.arrived, sh.resp = now, sh.answer(now)
		}
	}
	resp := sh.settle(sh.resp, sh.arrived)
	if sh.forwards(resp) || resp.IsPlaceholder() || !shows(resp) || resp.Failure(sh.req) != nil {
		return s, resp // a redirect hands them on; of a placeholder it isn't known yet; a failure takes nothing
	}
	for i := range sh.arrived.Len() {
		s = sh.arrived.At(i).key.Delete(s)
	}
	return s, resp
}

// shows reports whether the response has a page: what a browser has in its cache tells nothing new.
func shows(resp ring.Response) bool { return resp.Status != http.StatusNotModified }

func (v *visit) forwards(resp ring.Response) bool {
	_, is := v.next(resp, time.Time{})
	return is
}

func (m *message) isFor(req *ring.Request, now time.Time) bool {
	asked := kindOf(req.Header)
	switch {
	case !m.until.isAfter(now):
		return false
	case m.to.until.isAfter(now):
		return m.to.path == path(req.URL.Path) && m.to.kind == asked
	}
	return asked == navigation
}

func path(p string) string {
	if p == "" {
		return "/"
	}
	return p
}

// settle adds to a response, once it is known, what becomes of the messages that it sends and hands on.
func (v *visit) settle(resp ring.Response, arrived *messages) ring.Response {
	if resp.IsPlaceholder() {
		return resp.Then((&showing{visit: *v, arrived: arrived}).settleLater)
	}
	sent, _ := outKey.Get(resp.Values)
	resp.Values = outKey.Drop(resp.Values)
	if arrived.Len() == 0 && sent.list.Len() == 0 || resp.Failure(v.req) != nil {
		return resp
	}
	info := session.Info(v.req)
	next, forward := v.next(resp, info.Now)
	if arrived.Len() > 0 && !forward {
		resp.Header = noStore(resp.Header)
	}
	if sent.list.Len() == 0 && !forward {
		return resp
	}
	resp.Header = v.forgetting(resp.Header)
	c := &change{now: info.Now, to: next}
	if forward {
		c.handedOn = arrived
	}
	m := message{until: at(info.Now.Add(lifeTime)), to: next}
	for i := range sent.list.Len() {
		m.content = *sent.list.At(i)
		c.sent.Add(m.pack(info, i))
	}
	return resp.With(session.Update(c.apply))
}

// settleLater is settle for a response that was a placeholder; it takes the messages out as well.
func (sh *showing) settleLater(resp ring.Response) ring.Response {
	resp = sh.settle(resp, sh.arrived)
	if sh.arrived.Len() == 0 || sh.forwards(resp) || !shows(resp) || resp.Failure(sh.req) != nil {
		return resp
	}
	arrived := sh.arrived
	return resp.With(session.Update(func(s session.Session) session.Session {
		for i := range arrived.Len() {
			s = arrived.At(i).key.Delete(s)
		}
		return s
	}))
}

// noStore keeps a page that shows a message out of every cache.
func noStore(h ring.Header) ring.Header {
	if _, own := h.Lookup("Cache-Control"); own {
		h = h.Del("Cache-Control")
	}
	if _, own := h.Lookup("Vary"); own {
		return h.Add("Cache-Control", "no-store")
	}
	return h.AddAll(ring.Field{Name: "Cache-Control", Value: "no-store"}, ring.Field{Name: "Vary", Value: "Cookie"})
}

// forgetting makes the browser forget the pages that it has loaded ahead: Chromium follows a redirect into one of them
// without a request, so that nobody would come for the message. It obeys on the origins where it sends fetch metadata.
func (v *visit) forgetting(h ring.Header) ring.Header {
	if v.req.Header.Get("Sec-Fetch-Mode") == "" {
		return h
	}
	return h.Add("Clear-Site-Data", `"prefetchCache", "prerenderCache"`)
}

// A change is what a response does to the messages in the session.
type change struct {
	now      time.Time
	handedOn *messages // to the next hop, if they are still there
	to       target
	sent     entries
}

// apply may run more than once.
func (c *change) apply(s session.Session) session.Session {
	for i := range c.handedOn.Len() {
		m := *c.handedOn.At(i)
		if _, err := m.key.Lookup(s); err != nil {
			continue // taken meanwhile, or the session has ended
		}
		m.to = c.to
		s = m.key.Set(s, m.text())
	}
	if c.sent.Len() == 0 {
		return s
	}
	s = makeRoom(withoutOld(s, c.now), c.sent.Len())
	for i := range c.sent.Len() {
		p := c.sent.At(i)
		s = p.key.Set(s, p.text)
	}
	return s
}

// withoutOld drops messages that nobody came for.
func withoutOld(s session.Session, now time.Time) session.Session {
	for name := range s.KeysWith(prefix) {
		key := session.Key[string](name)
		if m, ok := unpack(key, key.Get(s)); !ok || !m.until.isAfter(now) {
			s = key.Delete(s)
		}
	}
	return s
}

// makeRoom drops the oldest of the messages that wait, until n more are not too many.
func makeRoom(s session.Session, n int) session.Session {
	waiting, bytes := 0, 0
	for name := range s.KeysWith(prefix) {
		waiting, bytes = waiting+1, bytes+len(session.Key[string](name).Get(s))
	}
	for name := range s.KeysWith(prefix) { // oldest first
		if waiting+n <= maxWaiting && (bytes <= maxBytes || waiting == 1) {
			break
		}
		key := session.Key[string](name)
		waiting, bytes = waiting-1, bytes-len(key.Get(s))
		s = key.Delete(s)
	}
	return s
}
