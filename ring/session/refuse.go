package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/signet-go/signet/ring"
)

// drop answers if the session that the change is for has ended or goes on under another token.
func (c *commit) drop() ring.Response {
	p, resp := &c.plan, c.plan.resp
	switch {
	case sameValues(p.data, p.base) && !p.intent.renew && !p.intent.lifetime:
		// Only reserved keys are lost, such as a message; what the visitor has done isn't.
	case c.m.opts.OnDropped != nil:
		resp = c.m.opts.OnDropped(c.req, resp)
	default:
		resp = dropped(c.req, resp, c.arrival.state)
	}
	resp, err := uncached(c.req, resp)
	c.emit(Dropped, err)
	return resp
}

// dropped is OnDropped unless Options have another one.
func dropped(req ring.Request, resp ring.Response, state State) ring.Response {
	switch {
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		return resp
	case state != Live && isRedirect(resp): // to the log-in page, as the handler saw no session
		return resp
	}
	return resp.FailWith(&ring.Error{
		Status: http.StatusConflict,
		Message: "Your session ended or was renewed while this request was under way, so its change of the session was not saved. " +
			"Go back and reload the page to see what was done.",
		Err: errors.New("session: change dropped"),
	})
}

func isRedirect(resp ring.Response) bool {
	_, has := resp.Header.Lookup("Location")
	return has && resp.Status >= 300 && resp.Status < 400
}

// fail answers if the store has failed, or the commit took too long.
func (c *commit) fail(err error) ring.Response {
	_ = c.plan.resp.Body.Close()
	resp, lost := uncached(c.req, c.m.opts.OnFailure(c.req, fmt.Errorf("session: commit: %w", err)))
	if lost != nil {
		err = errors.Join(err, lost)
	}
	c.emit(Failed, err)
	return resp
}

// notLoaded answers if the session can't be loaded.
func (m *middleware) notLoaded(req ring.Request, err error) ring.Response {
	if gone := req.Context().Err(); errors.Is(gone, context.Canceled) {
		// Nobody reads the answer, and the store has not failed. 499 is what nginx logs then; it is no error of the
		// server.
		return ring.Fail(&ring.Error{Status: 499, Err: fmt.Errorf("session: load: the client has left: %w", err)})
	}
	resp, lost := uncached(req, m.opts.OnFailure(req, fmt.Errorf("session: load: %w", err)))
	if lost != nil {
		err = errors.Join(err, lost)
	}
	m.emit(req.Context(), Event{Kind: Failed, Err: err})
	return resp
}

// uncached makes what OnDropped or OnFailure returned an answer to this request only: no cache keeps it, unless it says
// so itself, and no session or message goes with it, as there is nowhere to put them. The error names those.
func uncached(req ring.Request, resp ring.Response) (ring.Response, error) {
	resp, lost := resp.Claimed(req)
	if resp.Status != 0 || resp.Err != nil { // else it is the zero Response, and stays one
		if _, own := resp.Header.Lookup("Cache-Control"); !own {
			resp.Header = resp.Header.Add("Cache-Control", "no-store")
		}
		resp.Header = makePrivate(resp.Header)
	}
	if lost == nil {
		return resp, nil
	}
	return resp, fmt.Errorf("session: the answer of OnDropped or OnFailure can't carry a %s", strings.Join(lost, ", a "))
}
