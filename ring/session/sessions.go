package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/stores"
)

// Sessions are the sessions of a store, for what happens outside of their requests: a WebSocket, a background job, the
// page of an administrator. They are named by their [Handle], as [Info] and lists have it. The laws are those of
// requests: a change is merged with those of parallel requests, and nothing brings a session back that was ended.
//
// The store must be one that stores.Keep has made, or stand around one; with any other the methods return
// [ErrUnsupported]. They honour their context, and Options.Deadline bounds loading and each change. Options.OnEvent hears
// of what they do. Sessions is safe for concurrent use.
type Sessions struct{ m *middleware }

// Open returns the sessions of a store. The options are those of the [Wrap] that serves them. It panics as Wrap does.
func Open(store Store, o Options) *Sessions { return &Sessions{newMiddleware(store, o)} }

var errNeedsResponse = errors.New("session: Amend: only the response to a request can do this, as it takes a cookie or a header field")

// Load returns a session and what is known about it. The error is [ErrNotFound] if there is no such session, or it has
// ended or expired. Amend takes a session that was derived from it by [Set].
func (s *Sessions) Load(ctx context.Context, h Handle) (Session, Information, error) {
	a, err := s.find(ctx, h)
	if err != nil {
		return Session{}, Information{}, err
	}
	return Session{data: wire.Map(a.rec.Data), from: &a.origin}, a.information(), nil
}

// Alive reports whether there is a session that has neither ended nor expired.
func (s *Sessions) Alive(ctx context.Context, h Handle) (bool, error) {
	_, err := s.find(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Amend makes changes to a session, as a response does: [Set], [Update], those of keys, counters and the like, and
// [Delete]. It counts as use of the session, with or without changes, so the session idles from now on. The error is
// [ErrNotFound] if the session is not alive, also if a parallel request has ended it meanwhile. Changes that take the
// response to a request are an error: [Login], [Renew], [Lifetime], flash messages, cookies. With an error nothing was
// changed, unless it is [ErrOutcomeUnknown].
func (s *Sessions) Amend(ctx context.Context, h Handle, changes ...ring.Change) error {
	a, err := s.find(ctx, h)
	if err != nil {
		return err
	}
	return s.amend(ctx, a, changes)
}

// End ends a session: nothing brings it back. Ending an absent one is no error.
func (s *Sessions) End(ctx context.Context, h Handle) error {
	if _, sealed := stores.As[stores.Sealer](s.m.store); sealed { // which deletes nothing, as a browser has the session
		return byHandle(stores.ErrMalformed)
	}
	limited, end := s.limit(ctx)
	defer end()
	if err := s.m.store.Delete(limited, stores.ByHandle(h)); err != nil {
		return byHandle(err)
	}
	s.m.emit(ctx, Event{Kind: Deleted, Handle: h})
	return nil
}

// Owned returns what is known about the sessions of an owner that are alive, for a list of them. The error is
// [ErrUnsupported] if the store finds no owners.
func (s *Sessions) Owned(ctx context.Context, owner string) ([]Information, error) {
	owners, ok := stores.As[stores.Owners](s.m.store)
	if !ok {
		return nil, fmt.Errorf("%w: it is no stores.Owners", ErrUnsupported)
	}
	limited, end := s.limit(ctx)
	defer end()
	recs, err := owners.List(limited, owner)
	now := s.m.opts.Now()
	var alive []Information
	for i := range recs {
		if rec := &recs[i]; rec.Version != 0 && !s.m.opts.isOver(rec, now) {
			a := arrival{m: s.m, origin: origin{outside, rec}, state: Live, now: now}
			alive = append(alive, a.information())
		}
	}
	return alive, err
}

// All yields what is known about each session that is alive, for a page of administrators, in bounded memory. The memory
// store and SQL databases have the same order each time, so a list can go page by page. Redis has none, and a session may
// come twice. Sessions that begin or end meanwhile may be missing. An error comes with the zero Information and
// ends it. It is [ErrUnsupported] if the store is no stores.Iterable. Unlike the other methods it goes on for as long as
// ctx, and each page of rows has no deadline of its own.
func (s *Sessions) All(ctx context.Context) iter.Seq2[Information, error] {
	return func(yield func(Information, error) bool) {
		all, ok := stores.As[stores.Iterable](s.m.store)
		if !ok {
			yield(Information{}, fmt.Errorf("%w: it is no stores.Iterable", ErrUnsupported))
			return
		}
		now := s.m.opts.Now()
		for rec, err := range all.All(ctx) {
			if err != nil {
				yield(Information{}, err)
				return
			}
			if a := (arrival{m: s.m, origin: origin{outside, &rec}, state: Live, now: now}); !s.m.opts.isOver(&rec, now) && !yield(a.information(), nil) {
				return
			}
		}
	}
}

// AmendOwned makes changes to each session of an owner, as Amend does, and returns how many there were. A failure of one
// doesn't keep it from the others; the error joins all of them. A session that ends meanwhile is no failure. A log-in at
// the same time may be missed.
func (s *Sessions) AmendOwned(ctx context.Context, owner string, changes ...ring.Change) (int, error) {
	all, err := s.Owned(ctx, owner)
	errs := []error{err}
	amended := 0
	for _, info := range all {
		switch err := s.Amend(ctx, info.Handle, changes...); {
		case err == nil:
			amended++
		case !errors.Is(err, ErrNotFound):
			errs = append(errs, err)
		}
	}
	return amended, errors.Join(errs...)
}

// EndOwned ends the sessions of an owner except those under the given handles, and returns how many there were. If one
// can't be ended, the others are ended all the same. The error is [ErrUnsupported] if the store finds no owners.
func (s *Sessions) EndOwned(ctx context.Context, owner string, except ...Handle) (int, error) {
	owners, ok := stores.As[stores.Owners](s.m.store)
	if !ok {
		return 0, fmt.Errorf("%w: it is no stores.Owners", ErrUnsupported)
	}
	limited, end := s.limit(ctx)
	defer end()
	ended, err := owners.DeleteOwned(limited, owner, except...)
	if ended > 0 {
		s.m.emit(ctx, Event{Kind: Deleted, Owner: owner})
	}
	return ended, err
}

// limit returns a context that ends with ctx or at Options.Deadline.
func (s *Sessions) limit(ctx context.Context) (*deadline.Context, func()) {
	limited := &deadline.Context{}
	limited.Start(ctx, s.m.until(s.m.opts.Now()))
	return limited, limited.End
}

// find returns a session as if it had come with a request.
func (s *Sessions) find(ctx context.Context, h Handle) (*arrival, error) {
	limited, end := s.limit(ctx)
	defer end()
	now := s.m.opts.Now()
	rec, err := s.m.store.Load(limited, stores.ByHandle(h), now)
	owned := rec.Owner != ""
	state, err := s.m.classify(&rec, err, owned, now)
	switch {
	case err != nil:
		return nil, err
	case state == Malformed:
		return nil, byHandle(stores.ErrMalformed)
	case state == Undecodable:
		return nil, fmt.Errorf("session: %w", ErrUndecodable)
	case state != Live:
		return nil, ErrNotFound
	}
	return &arrival{m: s.m, origin: origin{outside, &rec}, state: Live, owned: owned, now: now}, nil
}

// byHandle explains the error of a store that doesn't take tokens of stores.ByHandle.
func byHandle(err error) error {
	if errors.Is(err, stores.ErrMalformed) {
		return fmt.Errorf("%w: it opens no session by its handle", ErrUnsupported)
	}
	return err
}

// amend commits changes, like the response to a request that came with the session.
func (s *Sessions) amend(ctx context.Context, a *arrival, changes []ring.Change) error {
	resp := ring.Text("")
	header := resp.Header.Len()
	resp = resp.With(changes...)
	if resp.Err == nil && (resp.Status != 200 || resp.Header.Len() != header) {
		return errNeedsResponse
	}
	c := commit{m: s.m, req: ring.Request{}.WithContext(ctx), arrival: a, changes: s.m.slot.changes.Ref(resp.Values), resp: resp}
	if c.changes == nil {
		c.changes = &noChanges
	}
	c.resp.Values = s.m.slot.changes.Drop(resp.Values)
	limited, end := s.limit(ctx)
	defer end()
	return c.runOutside(limited)
}

var noChanges changes

// runOutside is run for a change that no request makes. There is no response, so what would set a cookie is an error.
func (c *commit) runOutside(ctx *deadline.Context) error {
	defer c.leaveQueue()
	c.current, c.state, c.now = *c.arrival.rec, Live, c.m.opts.Now()
	for {
		c.resolve()
		if err := cmp.Or(c.plan.err, c.failure); err != nil {
			return err
		}
		d := decide(c.facts())
		switch {
		case d.dropped != notDropped:
			c.emit(Dropped, nil)
			return ErrNotFound
		case d.mint != sameToken:
			return errNeedsResponse
		}
		_, err := c.act(ctx, &d)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrTooLarge):
			return tooLarge(withBiggest(c.plan.data, err))
		}
		if err := c.catchUp(ctx, err); err != nil {
			c.emit(Failed, err)
			return err
		}
	}
}
