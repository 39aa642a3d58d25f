package session

import (
	"errors"
	"fmt"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/stores"
)

// act does what was decided and returns the token of what was stored. ErrConflict and ErrNotFound mean that nothing was
// stored and that the plan is out of date. If d.write is writeNothing afterwards and wasn't before, what should have
// been written after a log-out is lost.
//
// It looks after the order of two calls. A log-out deletes first, as it must happen whatever else fails. A log-in that
// takes over from another owner saves first: if it can't be stored, it changes nothing.
func (c *commit) act(ctx *deadline.Context, d *Decision) (stores.Token, error) {
	i := &c.plan.intent
	switch {
	case d.write == writeExpiry:
		c.m.touch(ctx, c.req, c.arrival, c.now)
		return stores.Token{}, nil
	case i.delete && !i.login:
		return c.logOut(ctx, d)
	case d.write != writeValue:
		return stores.Token{}, nil
	}
	token, err := c.save(ctx, *d)
	if err != nil {
		return token, err
	}
	if d.delete { // the former owner's, whose browser this was
		if err := c.delete(ctx); err != nil {
			_ = c.m.store.Delete(ctx, token) // nobody is going to have its token
			return token, err
		}
	}
	c.emitSaved(*d, token)
	return token, nil
}

// logOut deletes the session. What begins after it, such as a session with a message, is lost if it can't be stored.
func (c *commit) logOut(ctx *deadline.Context, d *Decision) (stores.Token, error) {
	if d.delete {
		if err := c.delete(ctx); err != nil {
			return stores.Token{}, err
		}
	}
	if d.write != writeValue {
		return stores.Token{}, nil
	}
	token, err := c.save(ctx, *d)
	if err != nil {
		// The visitor is logged out, and the response has to say so: with a failure in its place they would think that
		// they are not. What is lost is a message, mostly.
		d.write = writeNothing
		c.emit(Dropped, fmt.Errorf("session: what was to begin after the log-out is lost: %w", err))
		return stores.Token{}, nil
	}
	c.emitSaved(*d, token)
	return token, nil
}

// delete ends the session that the request brought. It goes by the handle and not by the version, so no parallel change
// can win against it (law C4).
func (c *commit) delete(ctx *deadline.Context) error {
	if err := c.m.store.Delete(ctx, c.m.token(c.arrival)); err != nil {
		return err
	}
	c.m.emit(c.req.Context(), Event{
		Kind: Deleted, Handle: c.current.Handle, Owner: c.current.Owner, State: c.arrival.state, Conflicts: c.conflicts,
	})
	return nil
}

// save stores the value of the plan. If it is too large, it leaves out what layers keep beside it.
func (c *commit) save(ctx *deadline.Context, d Decision) (stores.Token, error) {
	t, err := c.saveAll(ctx, d)
	// Only the store knows its own limit. Each turn leaves out one key, so this ends.
	for errors.Is(err, ErrTooLarge) && c.plan.shed() {
		t, err = c.saveAll(ctx, d)
	}
	return t, err
}

func (c *commit) saveAll(ctx *deadline.Context, d Decision) (stores.Token, error) {
	m, p := c.m, &c.plan
	if max := m.opts.MaxBytes; p.data.Size() > max {
		return stores.Token{}, fmt.Errorf("%w: %d bytes are more than the %d of Options.MaxBytes", ErrTooLarge, p.data.Size(), max)
	}
	if d.mint != newRecord && m.opts.isOver(&c.current, c.now) {
		return stores.Token{}, stores.ErrConflict // it expired since it was loaded, unless a parallel request has used it: look again
	}
	m.makeRecord(&c.written, &c.current, p, d.mint == newRecord, c.now)
	from := m.token(c.arrival)
	if d.mint == newRecord { // no token: the store makes one, whatever the request brought (law S3)
		from = m.cookies.token("")
	}
	return m.store.Save(ctx, from, c.written, d.mint != sameToken)
}

// emitSaved reports what was stored.
func (c *commit) emitSaved(d Decision, t stores.Token) {
	e := Event{
		Kind: Saved, Handle: c.current.Handle, Owner: c.written.Owner, State: c.arrival.state, Conflicts: c.conflicts,
		Err: c.plan.loss(),
	}
	switch {
	case c.plan.intent.login:
		e.Kind = LoggedIn
	case d.mint == newRecord:
		e.Kind = Created
	case d.mint == newToken:
		e.Kind = Renewed
	}
	if d.mint == newRecord { // the store has chosen its handle
		e.Handle, _ = t.Handle()
	}
	c.m.emit(c.req.Context(), e)
}
