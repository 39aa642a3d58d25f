package session

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/internal/queue"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// Writers of one session that keep beating each other would need a number of tries in the square of theirs. So after its
// first conflict a writer queues for the session within this process: n writers cost about 2n store calls.
var queues queue.Queues[stores.Handle]

// A commit takes what one response says about the session to the store, before its first byte leaves. Each round has
// four steps:
//
//	resolve  plan.go     apply the changes to the newest record that is known
//	decide   decide.go   compare the result with that record, by the table of the laws
//	act      act.go      call the store
//	answer   respond.go  give the response its cookies and caching fields
//
// If another request wrote first, the store refuses with a conflict: nothing was written, and the next round begins
// with the record that is there by then. Take two requests that add one to a counter of 5. Both load 5. The first one
// saves 6. The second one has a conflict, loads 6, applies its change to that and saves 7 (law C2).
type commit struct {
	m       *middleware
	req     ring.Request
	arrival *arrival
	changes *changes
	resp    ring.Response // as the handler returned it: an Attempt is still a placeholder

	// What this round begins with.
	current   stores.Record // the newest record that is known; zero if there is none
	state     State         // of current
	gone      bool          // the session was live when the request arrived and is not any more
	now       time.Time
	conflicts int
	leave     func() // gives up the turn among the session's writers; nil before the first conflict

	// The results of its steps.
	plan    plan
	failure error         // why plan.resp is a failed response; nil if it is none
	written stores.Record // what act stores
}

func (c *commit) run() ring.Response {
	ctx, now := c.m.commitContext(c.arrival, c.req.Context())
	defer ctx.End()
	defer c.leaveQueue()
	c.current, c.state, c.now = *c.arrival.rec, c.arrival.state, now
	for {
		c.resolve()
		d := decide(c.facts())
		if resp, done := c.withoutStore(d); done {
			return resp
		}
		token, err := c.act(ctx, &d)
		switch {
		case err == nil:
			return c.answer(d, token)
		case errors.Is(err, ErrTooLarge):
			return c.plan.resp.FailWith(tooLarge(withBiggest(c.plan.data, err)))
		}
		if err := c.catchUp(ctx, err); err != nil {
			return c.fail(err)
		}
		// If the session is gone, this drops the change, unless it is a log-in. The plan at hand is enough to decide
		// that, so functions of the program don't run again for a session that they can't change.
		if decide(c.facts()).dropped != notDropped {
			return c.drop()
		}
	}
}

// resolve makes the plan of this round.
func (c *commit) resolve() {
	if c.resp.IsPlaceholder() { // the answer of the round before, of which this one makes another
		_ = c.plan.resp.Body.Close()
	}
	c.plan.resolve(c.m.slot, c.arrival, &c.resp, c.changes, &c.current)
	c.failure = c.plan.resp.Failure(c.req)
}

// facts returns what this round's decision depends on.
func (c *commit) facts() facts {
	p := &c.plan
	f := facts{
		state: c.state, gone: c.gone, owner: c.current.Owner, failed: c.failure != nil, intent: p.intent,
		changed: !p.data.Equal(p.base), empty: p.data.Len() == 0,
		foreign:  c.state == None && c.m.opts.isForeign(&c.req),
		limits:   p.intent.otherLimits(&c.current),
		touchDue: c.state == Live && c.m.touchDue(&c.current, c.arrival.now),
		mayEnd:   c.arrival.mayEnd,
	}
	if c.state == Stale {
		f.owner = c.arrival.formerOwner
	}
	return f
}

// withoutStore answers if the store is not needed: for a failed response, a dropped change, and a response that sets
// one of our cookies itself.
func (c *commit) withoutStore(d Decision) (ring.Response, bool) {
	p := &c.plan
	switch {
	case p.err != nil && p.resp.Err == nil:
		return p.resp.FailWith(p.err), true
	case c.failure != nil:
		return c.m.failing(c.arrival, p.resp, c.failure), true
	case d.dropped == droppedForeign:
		c.emit(Dropped, errForeign)
		return c.m.keepPrivate(c.arrival, p.resp), true
	case d.dropped == droppedLost:
		return c.drop(), true
	}
	if err := c.clash(c.cookieActions(d)); err != nil {
		return p.resp.FailWith(err), true
	}
	return ring.Response{}, false
}

// catchUp prepares the next round after act has failed with err. It returns an error if there can't be one.
func (c *commit) catchUp(ctx *deadline.Context, err error) error {
	late := ctx.Err() // a store that ignores its context would be called again and again
	switch {
	case late != nil:
		return errors.Join(late, err)
	case errors.Is(err, stores.ErrNotFound):
		c.sessionGone()
		return nil
	case !errors.Is(err, stores.ErrConflict):
		return err
	}
	if c.conflicts++; c.leave == nil {
		if c.leave, err = queues.Wait(ctx, c.current.Handle); err != nil {
			return err
		}
	}
	return c.reload(ctx)
}

// reload loads the record that is stored now, under the token that the request brought.
func (c *commit) reload(ctx context.Context) error {
	c.now = c.m.opts.Now()
	rec, err := c.m.store.Load(ctx, c.m.token(c.arrival), c.now)
	state, failure := c.m.classify(&rec, err, c.arrival.owned, c.now)
	switch {
	case failure != nil:
		return failure
	case state != Live:
		c.sessionGone()
	default:
		c.current = rec
	}
	return nil
}

// sessionGone goes on without the record: a parallel request has ended it or given it another token.
func (c *commit) sessionGone() {
	c.gone, c.state, c.current = true, Unknown, stores.Record{}
}

func (c *commit) leaveQueue() {
	if c.leave != nil {
		c.leave()
	}
}

// emit reports an event of the session that the request brought.
func (c *commit) emit(kind EventKind, err error) {
	rec := c.arrival.rec
	c.m.emit(c.req.Context(), Event{
		Kind: kind, Handle: rec.Handle, Owner: rec.Owner, State: c.arrival.state, Conflicts: c.conflicts, Err: err,
	})
}
