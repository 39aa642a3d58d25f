package ring

import (
	"context"
	"errors"
)

var (
	errNotAmendable = errors.New("ring: Amend: no layer is around this handler: it must stand inside of ring.Use or be mounted by ring.Adapt")
	errMounted      = errors.New("ring: Amend: the layers have committed: mount this handler with ring.Adapt instead of ring.FromHTTP")
	errCopied       = errors.New("ring: Amend: this is the context of Request.HTTP: use that of the request which the handler was called with")
	errBegun        = errors.New("ring: Amend: the response has begun: call it before the first byte is written")
)

// Amend applies changes to the response that a handler of net/http is going to write. The handler stands inside of
// [Use], or is mounted by [Adapt]:
//
//	func save(w http.ResponseWriter, r *http.Request) {
//		err := ring.Amend(r.Context(), theme.Put("dark"), notice.Put("Saved."))
//		if err != nil {
//			http.Error(w, "something went wrong", http.StatusInternalServerError)
//			return
//		}
//		http.Redirect(w, r, "/", http.StatusSeeOther)
//	}
//
// The changes are those that a ring handler returns with its response: of sessions, flash messages, cookies and header
// fields. A change may be applied more than once, so it should be a pure function. Calls add up. They are committed when the handler writes its first byte, or returns without having written.
// If the commit fails, the client gets the failure in place of the handler's page, and the handler's writes return an
// error. Until then, [FromContext] returns the request as the changes will have made it.
//
// If the response has begun, if no layer is around the handler, or if the layer that a change is for is missing, Amend
// returns an error. It also returns the error of a change that makes the response a failed one; the client gets a
// failure then, whatever the handler writes. Amend is safe for concurrent use.
func Amend(ctx context.Context, changes ...Change) error {
	switch s := ctx.Value(handoverKey{}).(type) {
	case *handover:
		return s.amend(changes)
	case copied:
		return errCopied
	}
	if _, mounted := ctx.Value(requestKey{}).(*Request); mounted {
		return errMounted
	}
	return errNotAmendable
}

// amend adds changes to those that the response will have. They are tried first, so that one that panics is not kept.
func (s *handover) amend(changes []Change) error {
	resp := amended(s.amendments()).With(changes...)
	if err := s.keep(changes); err != nil {
		return err
	}
	if resp.Err == nil && s.req.Served() { // a test that calls a handler as a function has no layers
		return resp.Failure(s.req)
	}
	return resp.Err
}

func (s *handover) keep(changes []Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.settled && s.dropped:
		return errReplaced
	case s.answered:
		return errBegun
	}
	s.changes = append(s.changes[:len(s.changes):len(s.changes)], changes...)
	return nil
}

// amended returns what changes come to on an empty response.
func amended(changes []Change) Response { return Response{Status: 200}.With(changes...) }

// amendments returns the changes so far.
func (s *handover) amendments() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// request returns the request as the layers around passed it, brought up to date with what Amend was given.
func (s *handover) request() Request {
	changes := s.amendments()
	if len(changes) == 0 {
		return s.req
	}
	req, resp := s.req, amended(changes)
	for _, l := range s.req.Values.layers() {
		if l.onAmend != nil {
			req = l.onAmend(req, resp)
		}
	}
	return req
}

// beneath returns the response of a ring handler, with what Amend was given by handlers around it applied first.
func (r Response) beneath(changes []Change) Response {
	if len(changes) == 0 {
		return r
	}
	first := amended(changes)
	if first.Err != nil && r.Err == nil {
		return r.failed(first.Err)
	}
	r.Values = r.Values.over(first.Values)
	r.Header = merged(r.Header, first.Header.HTTP())
	return r
}
