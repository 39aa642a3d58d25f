package proof

import (
	"context"
	"errors"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A broken site differs from a right one in one thing, on purpose. The zero one differs in nothing.
type broken struct {
	name    string
	law     string // that an interleaving finds broken; "" if only programs notice
	table   func(stores.Table) stores.Table
	store   func(stores.Store) stores.Store
	option  func(*session.Options)
	outside ring.Middleware // of session.Wrap
	between ring.Middleware // session.Wrap and flash.Wrap
}

var brokenSites = []broken{
	{name: "a save looks at no version", law: "C5", table: func(t stores.Table) stores.Table { return overwriting{t} }},
	{name: "a save is an upsert", law: "C4", table: func(t stores.Table) stores.Table { return upserting{t} }},
	{name: "a save brings back what has ended", law: "C4", table: func(t stores.Table) stores.Table { return upserting{overwriting{t}} }},
	{name: "a touch writes what it has loaded", law: "S8", table: func(t stores.Table) stores.Table {
		return &rewriting{t, map[stores.Handle]stores.Row{}}
	}},
	{name: "a delete leaves the record", law: "C4", table: func(t stores.Table) stores.Table { return keeping{t} }},
	{name: "a cache misses deletes", law: "T1", table: func(t stores.Table) stores.Table {
		return &caching{t, map[stores.Handle]stores.Row{}}
	}},
	{name: "a sweep takes all", law: "T4", table: func(t stores.Table) stores.Table { return sweepingAll{t} }},
	{name: "an insert takes what has just expired", table: func(t stores.Table) stores.Table { return tidying{t, 2 * time.Minute} }},
	{name: "a list forgets one", law: "T5", table: func(t stores.Table) stores.Table { return forgetful{t} }},
	{name: "a renewal keeps the verifier", law: "C5", table: func(t stores.Table) stores.Table { return faithful{t} }},

	{name: "a conflict is written over", law: "C1", store: func(s stores.Store) stores.Store { return stubborn{s} }},
	{name: "a log-in keeps the token", law: "S6", store: func(s stores.Store) stores.Store { return sameToken{s} }},
	{name: "an unknown token is adopted", store: func(s stores.Store) stores.Store { return adopting{s} }},
	{name: "a log-out only forgets the cookie", law: "C4", store: func(s stores.Store) stores.Store { return lenient{s} }},
	{name: "nothing is stale", store: func(s stores.Store) stores.Store { return hasty{s} }},

	{name: "no absolute limit", option: func(o *session.Options) { o.Absolute = -1 }},
	{name: "idling is not noticed", option: func(o *session.Options) { o.Idle = 2 * absolute }},
	{name: "every read is a touch", option: func(o *session.Options) { o.TouchEvery = 1 }},
	{name: "dropped changes look saved", law: "C4", option: func(o *session.Options) {
		o.OnDropped = func(_ ring.Request, resp ring.Response) ring.Response { return resp }
	}},

	{name: "every answer sets a cookie", outside: always(func(r ring.Response) ring.Response {
		r.Header = r.Header.Add("Set-Cookie", "__Host-session-owner=x; Path=/; Secure")
		return r
	})},
	{name: "answers may be cached", outside: always(func(r ring.Response) ring.Response {
		r.Header = r.Header.Del("Cache-Control")
		return r
	})},
	{name: "every answer writes", law: "S1", between: always(session.Counter("n").By(1))},
	{name: "failed answers are saved", between: always(func(r ring.Response) ring.Response {
		if r.Err != nil {
			r.Err, r.Status = nil, 500
		}
		return r
	})},
	{name: "a poll takes the message", law: "S1", between: as("Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")},
	{name: "a prefetch takes the message", between: as("Sec-Purpose", "")},
}

func always(c ring.Change) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).Then(c) }
	}
}

// as lets requests look as if they had other header fields.
func as(fields ...string) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response {
			for i := 0; i < len(fields); i += 2 {
				req.Header = req.Header.Set(fields[i], fields[i+1])
			}
			return h(req)
		}
	}
}

// A partly broken table does the rest as the one that it was made of.
type partly struct {
	stores.Table
	whole stores.Table
}

func (p partly) List(ctx context.Context, owner string) ([]stores.Row, error) {
	if l, ok := p.Table.(stores.Lister); ok {
		return l.List(ctx, owner)
	}
	return p.whole.(stores.Lister).List(ctx, owner)
}

func (p partly) Sweep(ctx context.Context, now time.Time) (int, error) {
	if s, ok := p.Table.(stores.Sweeper); ok {
		return s.Sweep(ctx, now)
	}
	return p.whole.(stores.Sweeper).Sweep(ctx, now)
}

type overwriting struct{ stores.Table }

func (o overwriting) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := o.Table.Save(ctx, h, expected, row)
	if !errors.Is(err, stores.ErrConflict) {
		return err
	}
	now, err := o.Table.Load(ctx, h)
	if err != nil {
		return err
	}
	return o.Table.Save(ctx, h, now.Version, row)
}

type upserting struct{ stores.Table }

func (u upserting) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := u.Table.Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrNotFound) {
		return u.Table.Save(ctx, h, 0, row)
	}
	return err
}

type rewriting struct {
	stores.Table
	loaded map[stores.Handle]stores.Row
}

func (r *rewriting) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := r.Table.Load(ctx, h)
	if callOf(ctx) != nil && err == nil {
		r.loaded[h] = row
	}
	return row, err
}

func (r *rewriting) Touch(ctx context.Context, h stores.Handle, version uint64, seen, expires time.Time) error {
	now, err := r.Table.Load(ctx, h)
	if err != nil {
		return nil
	}
	row := r.loaded[h]
	row.Seen, row.Expires = seen, expires
	return r.Table.Save(ctx, h, now.Version, row)
}

type keeping struct{ stores.Table }

func (k keeping) Delete(ctx context.Context, h stores.Handle) error {
	if callOf(ctx) != nil {
		return nil
	}
	return k.Table.Delete(ctx, h)
}

type caching struct {
	stores.Table
	cached map[stores.Handle]stores.Row
}

func (c *caching) Load(ctx context.Context, h stores.Handle) (stores.Row, error) {
	row, err := c.Table.Load(ctx, h)
	if err == nil {
		c.cached[h] = row
	}
	if old, ok := c.cached[h]; ok && errors.Is(err, stores.ErrNotFound) {
		return old, nil
	}
	return row, err
}

type sweepingAll struct{ stores.Table }

func (s sweepingAll) Sweep(ctx context.Context, now time.Time) (int, error) {
	return s.Table.(stores.Sweeper).Sweep(ctx, now.Add(24*time.Hour))
}

// A tidying table sweeps with each insert. It may do so unless it is early.
type tidying struct {
	stores.Table
	early time.Duration
}

func (t tidying) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := t.Table.Save(ctx, h, expected, row)
	if err == nil && expected == 0 {
		_, err = t.Table.(stores.Sweeper).Sweep(ctx, row.Seen.Add(t.early))
	}
	return err
}

type forgetful struct{ stores.Table }

func (f forgetful) List(ctx context.Context, owner string) ([]stores.Row, error) {
	rows, err := f.Table.(stores.Lister).List(ctx, owner)
	if len(rows) > 0 {
		rows = rows[1:]
	}
	return rows, err
}

type faithful struct{ stores.Table }

func (f faithful) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	if now, err := f.Table.Load(ctx, h); err == nil && expected != 0 {
		rec, _ := row.Record()
		old, _ := now.Record()
		rec.Verifier = old.Verifier
		row.Body = rec.Row().Body
	}
	return f.Table.Save(ctx, h, expected, row)
}

type stubborn struct{ stores.Store }

func (s stubborn) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	got, err := s.Store.Save(ctx, t, rec, renew)
	if !errors.Is(err, stores.ErrConflict) {
		return got, err
	}
	now, err := s.Load(ctx, t, rec.Seen)
	if err != nil {
		return got, err
	}
	rec.Version = now.Version
	return s.Store.Save(ctx, t, rec, renew)
}

type sameToken struct{ stores.Store }

func (s sameToken) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	return s.Store.Save(ctx, t, rec, renew && t.IsZero())
}

type adopting struct{ stores.Store }

func (s adopting) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrMalformed) {
		return stores.Record{Version: 1, Created: now, Seen: now, Expires: now.Add(time.Hour)}, nil
	}
	return rec, err
}

type lenient struct{ stores.Store }

func (lenient) Delete(context.Context, stores.Token) error { return nil }

type hasty struct{ stores.Store }

func (s hasty) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if errors.Is(err, stores.ErrStale) {
		err = stores.ErrNotFound
	}
	return rec, err
}
