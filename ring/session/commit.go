package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/cookies"
	"github.com/signet-go/signet/stores"
)

// A commit takes one response to the store. It decides (a pure function), acts, and where another request was faster it
// begins again from the newer record.
type commit struct {
	w    *wrapper
	req  ring.Request
	in   *incoming
	out  *outgoing
	resp ring.Response // as the handler gave it, an Attempt unresolved

	cur       Record // the newest record that is known; zero if there is none
	state     State
	now       time.Time // of this try
	gone      bool      // the record went away after it was loaded
	conflicts int
	last      resolver // of the last try
	next      Record   // what the last try stores
	base      Data     // what its value was compared with
}

func (c *commit) run() ring.Response {
	ctx, now := c.in.commitContext(c.req.Context())
	defer ctx.End()
	c.now = now
	c.cur, c.state = *c.in.rec, c.in.state
	var leave func()
	defer func() {
		if leave != nil {
			leave()
		}
	}()
	for {
		resp, err := c.try(ctx)
		if err == nil {
			return resp
		}
		late := ctx.Err() // a store that looks at no context would be asked for ever
		switch {
		case late != nil:
			return c.fail(errors.Join(late, err))
		case errors.Is(err, ErrNotFound):
			c.lose()
		case !errors.Is(err, ErrConflict):
			return c.fail(err)
		default:
			if c.conflicts++; leave == nil {
				if leave, err = queue(ctx, c.cur.Handle); err != nil {
					return c.fail(err)
				}
			}
			if err := c.reload(ctx); err != nil {
				return c.fail(err)
			}
		}
		if c.gone && !c.last.asks.login {
			return c.drop(c.last.resp)
		}
		if c.resp.IsPlaceholder() { // an attempt's response, of which another run makes a new one
			_ = c.last.resp.Body.Close()
		}
	}
}

// lose goes on without the record, which a parallel request has ended or taken to another token.
func (c *commit) lose() {
	c.gone, c.state, c.cur = true, Unknown, Record{}
}

// reload gets what is stored now, under the token that came with the request.
func (c *commit) reload(ctx context.Context) error {
	c.now = c.w.opts.Now()
	rec, err := c.w.store.Load(ctx, c.in.token(), c.now)
	state, failure := c.w.judge(&rec, err, c.in.owned, c.now)
	switch {
	case failure != nil:
		return failure
	case state != Live:
		c.lose()
	default:
		c.cur = rec
	}
	return nil
}

// try computes and stores once. ErrConflict and ErrNotFound mean that it has to be computed anew.
func (c *commit) try(ctx *deadline) (ring.Response, error) {
	p := &c.last.plan
	c.last.resolve(c.w.slot, c.in, &c.resp, c.out, &c.cur)
	if p.err != nil && p.resp.Err == nil {
		return failInstead(p.resp, p.err), nil
	}
	failure := p.resp.Failure(c.req)
	f := c.facts(p, failure)
	d := decide(f)
	if c.gone && !p.asks.login && failure == nil && !p.asks.discard {
		d = Decision{Dropped: true}
	}
	switch {
	case failure != nil:
		return c.in.failing(p.resp, failure), nil
	case d.Dropped && f.foreign:
		c.tell(Dropped, errForeign)
		return c.in.private(p.resp), nil
	case d.Dropped:
		return c.drop(p.resp), nil
	}
	todo := c.cookies(d, p.asks)
	if err := c.w.clash(p.resp, todo); err != nil {
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
		todo = c.cookies(d, p.asks)
	case d.Write == WriteValue && d.Mint == SameToken && token.Reveal() != c.in.value: // the store has sealed the value into it
		todo[which(c.next.Owner != "")] = setCookie
		if err := c.w.clash(p.resp, todo); err != nil {
			return failInstead(p.resp, err), nil
		}
	}
	return c.answer(p.resp, todo, token), nil
}

// clash is the failure of a response that sets one of our cookies itself.
func (w *wrapper) clash(resp ring.Response, todo [2]int) error {
	for _, owned := range [2]bool{false, true} {
		if todo[which(owned)] != keepCookie && hasCookie(resp.Header, w.jar.name(owned)) {
			return fmt.Errorf("session: the response sets the cookie %s itself", w.jar.name(owned))
		}
	}
	return nil
}

func (c *commit) facts(p *plan, failure error) facts {
	f := facts{
		state: c.state, owner: c.cur.Owner, failed: failure != nil, asks: p.asks,
		empty: p.data.Len() == 0, endable: c.in.endable,
	}
	if c.state == Stale {
		f.owner = c.in.former
	}
	base := Data(c.cur.Data)
	if p.asks.end || p.asks.login && c.cur.Owner != "" && c.cur.Owner != p.asks.owner {
		base = Data{}
	}
	c.base = base
	f.changed = !p.data.Equal(base)
	f.limits = p.asks.otherLimits(&c.cur)
	f.foreign = c.state == None && c.w.opts.isForeign(&c.req)
	f.touchDue = c.state == Live && c.w.touchDue(&c.cur, c.in.now)
	return f
}

// act does what was decided. Where d.Write is WriteNothing afterwards and was not before, what should have been written is lost.
func (c *commit) act(ctx *deadline, d *Decision, p *plan) (Token, error) {
	switch {
	case d.Write == WriteExpiry:
		c.w.touch(ctx, c.req, c.in, c.now)
		return Token{}, nil
	case p.asks.end && !p.asks.login:
		return c.logOut(ctx, d, p)
	case d.Write != WriteValue:
		return Token{}, nil
	}
	token, err := c.save(ctx, *d, p)
	if err != nil {
		return token, err
	}
	if d.End { // somebody else's session ends last: a log-in that can't be stored changes nothing
		if err := c.end(ctx); err != nil {
			_ = c.w.store.Delete(ctx, token) // nobody is going to have its token
			return token, err
		}
	}
	c.tellSaved(*d, p, token)
	return token, nil
}

// logOut depends on nothing but the delete, which comes first. What begins after it, with a message say, is lost where it can't be
// stored.
func (c *commit) logOut(ctx *deadline, d *Decision, p *plan) (Token, error) {
	if d.End {
		if err := c.end(ctx); err != nil {
			return Token{}, err
		}
	}
	if d.Write != WriteValue {
		return Token{}, nil
	}
	token, err := c.save(ctx, *d, p)
	if err != nil {
		d.Write = WriteNothing
		c.tell(Dropped, fmt.Errorf("session: what was to begin after the log-out is lost: %w", err))
		return Token{}, nil
	}
	c.tellSaved(*d, p, token)
	return token, nil
}

// end deletes the session that came in.
func (c *commit) end(ctx *deadline) error {
	if err := c.w.store.Delete(ctx, c.in.token()); err != nil {
		return err
	}
	c.w.tell(c.req.Context(), Event{Kind: Deleted, Handle: c.cur.Handle, Owner: c.cur.Owner, State: c.in.state, Conflicts: c.conflicts})
	return nil
}

// save stores the value of a plan; where it is too large, without what layers keep beside it.
func (c *commit) save(ctx *deadline, d Decision, p *plan) (Token, error) {
	t, err := c.saveAll(ctx, d, p)
	for errors.Is(err, ErrTooLarge) && p.shed() {
		t, err = c.saveAll(ctx, d, p)
	}
	return t, err
}

func (c *commit) saveAll(ctx *deadline, d Decision, p *plan) (Token, error) {
	w := c.w
	if max := w.opts.MaxBytes; p.data.Size() > max {
		return Token{}, fmt.Errorf("%w: %d bytes are more than the %d of Options.MaxBytes", ErrTooLarge, p.data.Size(), max)
	}
	if d.Mint != NewRecord && w.opts.isOver(&c.cur, c.now) {
		return Token{}, ErrConflict // expired since it was loaded, unless a parallel request has used it
	}
	c.makeNext(d, p)
	from := c.in.token()
	if d.Mint == NewRecord {
		from = TokenOf(w.jar.anonymous, "")
	}
	return w.store.Save(ctx, from, c.next, d.Mint != SameToken)
}

// tellSaved tells what was stored.
func (c *commit) tellSaved(d Decision, p *plan, t Token) {
	e := Event{Kind: Saved, Handle: c.cur.Handle, Owner: c.next.Owner, State: c.in.state, Conflicts: c.conflicts, Err: p.loss()}
	switch {
	case p.asks.login:
		e.Kind = LoggedIn
	case d.Mint == NewRecord:
		e.Kind = Created
	case d.Mint == NewToken:
		e.Kind = Renewed
	}
	if d.Mint == NewRecord {
		e.Handle, _ = t.Handle()
	}
	c.w.tell(c.req.Context(), e)
}

// tell tells of the session that came in.
func (c *commit) tell(kind EventKind, err error) {
	rec := c.in.rec
	c.w.tell(c.req.Context(), Event{Kind: kind, Handle: rec.Handle, Owner: rec.Owner, State: c.in.state, Conflicts: c.conflicts, Err: err})
}

// makeNext makes the record that is stored.
func (c *commit) makeNext(d Decision, p *plan) {
	rec, now := &c.next, c.now
	*rec = c.cur
	if d.Mint == NewRecord {
		*rec = Record{Created: now, Persistent: c.w.opts.Persistent}
	}
	rec.Data, rec.Seen = stores.Data(p.data), now
	if p.asks.login {
		rec.Owner, rec.Authenticated = p.asks.owner, now
		rec.Idle, rec.Absolute, rec.Persistent = 0, 0, c.w.opts.Persistent // not those of the log-in before
	}
	if p.asks.lifetime {
		l := p.asks.limits
		rec.Idle, rec.Absolute, rec.Persistent = l.idle, l.absolute, l.persistent
	}
	rec.Expires = c.w.opts.expiry(rec, now)
}

// What the response does to one of the two cookies.
const (
	keepCookie = iota
	setCookie
	expireCookie
)

// cookies tells what happens to the anonymous and to the owner's cookie.
func (c *commit) cookies(d Decision, a asks) (todo [2]int) {
	if d.Expire || d.End {
		// Both, where both came: an anonymous session that an outsider has provoked must not be what a log-out leaves.
		for _, owned := range [2]bool{false, true} {
			for range cookies.Raw(c.req.Header, c.w.jar.name(owned)) {
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
	owned := d.Mint == NewToken && c.cur.Owner != ""
	todo[which(owned)] = setCookie
	return todo
}

// answer is the response of a commit that went well.
func (c *commit) answer(resp ring.Response, todo [2]int, t Token) ring.Response {
	if todo == [2]int{} {
		return c.in.private(resp)
	}
	var age time.Duration
	if rec := &c.next; rec.Persistent {
		age = maxCookieAge
		if _, absolute := c.w.opts.limits(rec); absolute > 0 {
			age = rec.Start().Add(absolute).Sub(rec.Seen)
		}
	}
	var more [4]ring.Field
	n := 0
	for _, owned := range [2]bool{true, false} {
		switch todo[which(owned)] {
		case setCookie:
			more[n] = ring.Field{Name: "Set-Cookie", Value: c.w.jar.set(owned, t, age)}
			n++
			c.w.hintAtPlainHTTP(c.req)
		case expireCookie:
			more[n] = ring.Field{Name: "Set-Cookie", Value: c.w.jar.expire(owned)}
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
func (in *incoming) failing(resp ring.Response, failure error) ring.Response {
	if resp.Err == nil && resp.Status != 0 {
		resp = resp.FailWith(failure)
	}
	return in.private(resp)
}

// failInstead is a failed response that takes the place of one whose body won't be written.
func failInstead(resp ring.Response, err error) ring.Response { return resp.FailWith(err) }
