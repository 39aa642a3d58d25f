package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/internal/queue"
	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// Writers of one session that keep beating each other would need a number of tries in the square of theirs. So after its
// first conflict a writer queues for the session within this process: n writers cost about 2n store calls.
var queues queue.Queues[stores.Handle]

// A commit takes one response to the store. It decides (a pure function), acts, and where another request was faster it
// begins again from the newer record.
type commit struct {
	m       *middleware
	req     ring.Request
	arrival *arrival
	changes *changes
	resp    ring.Response // as the handler gave it, an Attempt unresolved

	current   stores.Record // the newest record that is known; zero if there is none
	state     State
	now       time.Time // of this try
	gone      bool      // the record went away after it was loaded
	conflicts int
	plan      resolver      // of the last try
	written   stores.Record // what the last try stores
	base      wire.Map      // what its value was compared with
}

func (c *commit) run() ring.Response {
	ctx, now := c.arrival.commitContext(c.req.Context())
	defer ctx.End()
	c.now = now
	c.current, c.state = *c.arrival.rec, c.arrival.state
	var leave func()
	defer func() {
		if leave != nil {
			leave()
		}
	}()
	for {
		resp, err := c.once(ctx)
		if err == nil {
			return resp
		}
		late := ctx.Err() // a store that looks at no context would be asked for ever
		switch {
		case late != nil:
			return c.fail(errors.Join(late, err))
		case errors.Is(err, stores.ErrNotFound):
			c.sessionGone()
		case !errors.Is(err, stores.ErrConflict):
			return c.fail(err)
		default:
			if c.conflicts++; leave == nil {
				if leave, err = queues.Wait(ctx, c.current.Handle); err != nil {
					return c.fail(err)
				}
			}
			if err := c.reload(ctx); err != nil {
				return c.fail(err)
			}
		}
		if c.gone && !c.plan.intent.login {
			return c.drop(c.plan.resp)
		}
		if c.resp.IsPlaceholder() { // an attempt's response, of which another run makes a new one
			_ = c.plan.resp.Body.Close()
		}
	}
}

// sessionGone goes on without the record, which a parallel request has ended or taken to another token.
func (c *commit) sessionGone() {
	c.gone, c.state, c.current = true, Unknown, stores.Record{}
}

// reload gets what is stored now, under the token that came with the request.
func (c *commit) reload(ctx context.Context) error {
	c.now = c.m.opts.Now()
	rec, err := c.m.store.Load(ctx, c.arrival.token(), c.now)
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

// once computes and stores once. ErrConflict and ErrNotFound mean that it has to be computed anew.
func (c *commit) once(ctx *deadline.Context) (ring.Response, error) {
	p := &c.plan.plan
	c.plan.resolve(c.m.slot, c.arrival, &c.resp, c.changes, &c.current)
	if p.err != nil && p.resp.Err == nil {
		return failInstead(p.resp, p.err), nil
	}
	failure := p.resp.Failure(c.req)
	f := c.facts(p, failure)
	d := decide(f)
	if c.gone && !p.intent.login && failure == nil && !p.intent.discard {
		d = Decision{Dropped: true}
	}
	switch {
	case failure != nil:
		return c.arrival.failing(p.resp, failure), nil
	case d.Dropped && f.foreign:
		c.emit(Dropped, errForeign)
		return c.arrival.keepPrivate(p.resp), nil
	case d.Dropped:
		return c.drop(p.resp), nil
	}
	todo := c.cookies(d, p.intent)
	if err := c.m.clash(p.resp, todo); err != nil {
		return failInstead(p.resp, err), nil
	}
	write := d.Write
	token, err := c.act(ctx, &d, p)
	switch {
	case errors.Is(err, ErrTooLarge):
		return failInstead(p.resp, tooLarge(withBiggest(p.data, err))), nil
	case err != nil:
		return ring.Response{}, err
	case d.Write != write:
		todo = c.cookies(d, p.intent)
	case d.Write == WriteValue && d.Mint == SameToken && token.Reveal() != c.arrival.value: // the store has sealed the value into it
		todo[which(c.written.Owner != "")] = setCookie
		if err := c.m.clash(p.resp, todo); err != nil {
			return failInstead(p.resp, err), nil
		}
	}
	return c.answer(p.resp, todo, token), nil
}

// clash is the failure of a response that sets one of our cookies itself.
func (m *middleware) clash(resp ring.Response, todo [2]int) error {
	for _, owned := range [2]bool{false, true} {
		if todo[which(owned)] != keepCookie && hasCookie(resp.Header, m.cookies.name(owned)) {
			return fmt.Errorf("session: the response sets the cookie %s itself", m.cookies.name(owned))
		}
	}
	return nil
}

func (c *commit) facts(p *plan, failure error) facts {
	f := facts{
		state: c.state, owner: c.current.Owner, failed: failure != nil, intent: p.intent,
		empty: p.data.Len() == 0, mayEnd: c.arrival.mayEnd,
	}
	if c.state == Stale {
		f.owner = c.arrival.formerOwner
	}
	base := wire.Map(c.current.Data)
	if p.intent.delete || p.intent.login && c.current.Owner != "" && c.current.Owner != p.intent.owner {
		base = wire.Map{}
	}
	c.base = base
	f.changed = !p.data.Equal(base)
	f.limits = p.intent.otherLimits(&c.current)
	f.foreign = c.state == None && c.m.opts.isForeign(&c.req)
	f.touchDue = c.state == Live && c.m.touchDue(&c.current, c.arrival.now)
	return f
}

// act does what was decided. Where d.Write is WriteNothing afterwards and was not before, what should have been written is lost.
func (c *commit) act(ctx *deadline.Context, d *Decision, p *plan) (stores.Token, error) {
	switch {
	case d.Write == WriteExpiry:
		c.m.touch(ctx, c.req, c.arrival, c.now)
		return stores.Token{}, nil
	case p.intent.delete && !p.intent.login:
		return c.logOut(ctx, d, p)
	case d.Write != WriteValue:
		return stores.Token{}, nil
	}
	token, err := c.save(ctx, *d, p)
	if err != nil {
		return token, err
	}
	if d.End { // somebody else's session ends last: a log-in that can't be stored changes nothing
		if err := c.end(ctx); err != nil {
			_ = c.m.store.Delete(ctx, token) // nobody is going to have its token
			return token, err
		}
	}
	c.emitSaved(*d, p, token)
	return token, nil
}

// logOut depends on nothing but the delete, which comes first. What begins after it, with a message say, is lost where it can't be
// stored.
func (c *commit) logOut(ctx *deadline.Context, d *Decision, p *plan) (stores.Token, error) {
	if d.End {
		if err := c.end(ctx); err != nil {
			return stores.Token{}, err
		}
	}
	if d.Write != WriteValue {
		return stores.Token{}, nil
	}
	token, err := c.save(ctx, *d, p)
	if err != nil {
		d.Write = WriteNothing
		c.emit(Dropped, fmt.Errorf("session: what was to begin after the log-out is lost: %w", err))
		return stores.Token{}, nil
	}
	c.emitSaved(*d, p, token)
	return token, nil
}

// end deletes the session that came in.
func (c *commit) end(ctx *deadline.Context) error {
	if err := c.m.store.Delete(ctx, c.arrival.token()); err != nil {
		return err
	}
	c.m.emit(c.req.Context(), Event{Kind: Deleted, Handle: c.current.Handle, Owner: c.current.Owner, State: c.arrival.state, Conflicts: c.conflicts})
	return nil
}

// save stores the value of a plan; where it is too large, without what layers keep beside it.
func (c *commit) save(ctx *deadline.Context, d Decision, p *plan) (stores.Token, error) {
	t, err := c.saveAll(ctx, d, p)
	for errors.Is(err, ErrTooLarge) && p.shed() {
		t, err = c.saveAll(ctx, d, p)
	}
	return t, err
}

func (c *commit) saveAll(ctx *deadline.Context, d Decision, p *plan) (stores.Token, error) {
	m := c.m
	if max := m.opts.MaxBytes; p.data.Size() > max {
		return stores.Token{}, fmt.Errorf("%w: %d bytes are more than the %d of Options.MaxBytes", ErrTooLarge, p.data.Size(), max)
	}
	if d.Mint != NewRecord && m.opts.isOver(&c.current, c.now) {
		return stores.Token{}, stores.ErrConflict // expired since it was loaded, unless a parallel request has used it
	}
	c.makeNext(d, p)
	from := c.arrival.token()
	if d.Mint == NewRecord {
		from = stores.TokenOf(m.cookies.anonymous, "")
	}
	return m.store.Save(ctx, from, c.written, d.Mint != SameToken)
}

// emitSaved reports what was stored.
func (c *commit) emitSaved(d Decision, p *plan, t stores.Token) {
	e := Event{Kind: Saved, Handle: c.current.Handle, Owner: c.written.Owner, State: c.arrival.state, Conflicts: c.conflicts, Err: p.loss()}
	switch {
	case p.intent.login:
		e.Kind = LoggedIn
	case d.Mint == NewRecord:
		e.Kind = Created
	case d.Mint == NewToken:
		e.Kind = Renewed
	}
	if d.Mint == NewRecord {
		e.Handle, _ = t.Handle()
	}
	c.m.emit(c.req.Context(), e)
}

// emit reports an event of the session that the request brought.
func (c *commit) emit(kind EventKind, err error) {
	rec := c.arrival.rec
	c.m.emit(c.req.Context(), Event{Kind: kind, Handle: rec.Handle, Owner: rec.Owner, State: c.arrival.state, Conflicts: c.conflicts, Err: err})
}

// makeNext makes the record that is stored.
func (c *commit) makeNext(d Decision, p *plan) {
	rec, now := &c.written, c.now
	*rec = c.current
	if d.Mint == NewRecord {
		*rec = stores.Record{Created: now, Persistent: c.m.opts.Persistent}
	}
	rec.Data, rec.Seen = stores.Data(p.data), now
	if p.intent.login {
		rec.Owner, rec.Authenticated = p.intent.owner, now
		rec.Idle, rec.Absolute, rec.Persistent = 0, 0, c.m.opts.Persistent // not those of the log-in before
	}
	if p.intent.lifetime {
		l := p.intent.limits
		rec.Idle, rec.Absolute, rec.Persistent = l.idle, l.absolute, l.persistent
	}
	rec.Expires = c.m.opts.expiry(rec, now)
}

// What the response does to one of the two cookies.
const (
	keepCookie = iota
	setCookie
	expireCookie
)

// cookies tells what happens to the anonymous and to the owner's cookie.
func (c *commit) cookies(d Decision, a intent) (todo [2]int) {
	if d.Expire || d.End {
		// Both, where both came: an anonymous session that an outsider has provoked must not be what a log-out leaves.
		for _, owned := range [2]bool{false, true} {
			for range cookies.Raw(c.req.Header, c.m.cookies.name(owned)) {
				todo[which(owned)] = expireCookie
			}
		}
	}
	if d.Write != WriteValue || d.Mint == SameToken {
		return todo
	}
	if a.login {
		todo[0], todo[1] = expireCookie, setCookie
		return todo
	}
	owned := d.Mint == NewToken && c.current.Owner != ""
	todo[which(owned)] = setCookie
	return todo
}

// answer is the response of a commit that went well.
func (c *commit) answer(resp ring.Response, todo [2]int, t stores.Token) ring.Response {
	if todo == [2]int{} {
		return c.arrival.keepPrivate(resp)
	}
	var age time.Duration
	if rec := &c.written; rec.Persistent {
		age = maxCookieAge
		if _, absolute := c.m.opts.limits(rec); absolute > 0 {
			age = rec.Start().Add(absolute).Sub(rec.Seen)
		}
	}
	var more [4]ring.Field
	n := 0
	for _, owned := range [2]bool{true, false} {
		switch todo[which(owned)] {
		case setCookie:
			more[n] = ring.Field{Name: "Set-Cookie", Value: c.m.cookies.set(owned, t, age)}
			n++
			c.m.hintAtPlainHTTP(c.req)
		case expireCookie:
			more[n] = ring.Field{Name: "Set-Cookie", Value: c.m.cookies.expire(owned)}
			n++
		}
	}
	more[n] = ring.Field{Name: "Cache-Control", Value: "no-store"}
	n++
	if c.forgets(resp.Header) {
		more[n] = ring.Field{Name: "Clear-Site-Data", Value: `"prefetchCache", "prerenderCache"`}
		n++
	}
	resp.Header = resp.Header.Del("Cache-Control").AddAll(more[:n]...)
	return resp
}

// forgets reports whether the browser has to be told to forget the pages that it has loaded ahead, which are those of the
// session before: Chromium follows a redirect into one of them without a request. It obeys on the origins where it
// sends fetch metadata.
func (c *commit) forgets(h ring.Header) bool {
	if _, has := h.Lookup("Clear-Site-Data"); has {
		return false
	}
	_, sends := c.req.Header.Lookup("Sec-Fetch-Mode")
	return sends
}

// failing answers with a response that fails, so that nothing of it was saved. If it doesn't say so itself, as with a flash
// message and no flash.Wrap around, it says so from here on: layers outside see it, and a test that calls the handler as a
// function. A response without a status may be no answer at all, and stays as it is.
func (a *arrival) failing(resp ring.Response, failure error) ring.Response {
	if resp.Err == nil && resp.Status != 0 {
		resp = resp.FailWith(failure)
	}
	return a.keepPrivate(resp)
}

// failInstead is a failed response that takes the place of one whose body won't be written.
func failInstead(resp ring.Response, err error) ring.Response { return resp.FailWith(err) }
