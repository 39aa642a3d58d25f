package session_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A law's test is worth what it catches. Each variant below breaks the session of every site that the tests build, in one way;
// the tests of the laws that it breaks run again in a process of their own and must fail.
type variant struct {
	laws   string // the tests that must fail, by the beginning of their names
	inside ring.Middleware
	around ring.Middleware
	store  func(stores.Store) stores.Store
	table  func(stores.Table) stores.Table
	option func(*session.Options)
}

// update makes every response say more about the session.
func update(f func(session.Session) session.Session) ring.Middleware {
	return always(session.Update(f))
}

func always(c ring.Change) ring.Middleware {
	return func(h ring.Handler) ring.Handler {
		return func(req ring.Request) ring.Response { return h(req).Then(c) }
	}
}

var variants = map[string]variant{
	"every response writes": {
		laws:   "TestS1_AnEqual TestS2_AStranger",
		inside: update(func(s session.Session) session.Session { return session.Counter("dirty").Add(s, 1) }),
	},
	"unknown tokens are adopted": {
		laws:  "TestS3_NoToken",
		store: func(s stores.Store) stores.Store { return adopting{s} },
	},
	"anything is looked up": {
		laws:  "TestS3_TheShape",
		store: func(s stores.Store) stores.Store { return curious{s} },
	},
	"a token opens under the name of another cookie": {
		laws:  "TestS3_ATokenOpensItsOwnCookie",
		store: func(s stores.Store) stores.Store { return indifferent{s} },
	},
	"every change is discarded": {
		laws:   "TestS5_TwoLayers TestS5_Delete TestS5_ASessionDerived",
		inside: always(session.Discard),
	},
	"a log-in keeps the token": {
		laws:  "TestS6_ALogInChanges",
		store: func(s stores.Store) stores.Store { return faithful{s} },
	},
	"nothing expires": {
		laws:   "TestS7_Idle TestS7_AnExpired TestS2_AnEmptied",
		option: func(o *session.Options) { began := time.Now(); o.Now = func() time.Time { return began } },
	},
	"the future is taken for now": {
		laws:  "TestS7_ASessionFrom TestS7_ASessionThatWasUsedInTheFuture",
		store: func(s stores.Store) stores.Store { return trusting{s} },
	},
	"every read is a touch": {
		laws:   "TestS8_ATouchIsMadeOnce",
		option: func(o *session.Options) { o.TouchEvery = 1 },
	},
	"a failed touch fails the response": {
		laws:  "TestS8_ATouchThatFails",
		store: func(s stores.Store) stores.Store { return panicking{s} },
	},
	"the cookie rolls": {
		laws: "TestS9_AReader TestS1_AnEqual TestS8_ATouchIsMadeOnce",
		around: always(func(r ring.Response) ring.Response {
			r.Header = r.Header.Add("Set-Cookie", "__Host-session=x; Path=/; Secure")
			return r
		}),
	},
	"responses may be cached": {
		laws:   "TestS10_Nothing",
		around: always(func(r ring.Response) ring.Response { r.Header = r.Header.Del("Cache-Control"); return r }),
	},
	"saves overwrite": {
		laws:  "TestC1_Different TestC2_Parallel TestC3_ TestC4_NothingLate",
		table: func(t stores.Table) stores.Table { return overwriting{t} },
	},
	"saves revive": {
		laws:  "TestC4_Slow TestC4_NothingLate",
		table: func(t stores.Table) stores.Table { return reviving{t} },
	},
	"a lost answer is taken for a yes": {
		laws:  "TestC5_ALost TestT6_AStoreThatIsDown",
		store: func(s stores.Store) stores.Store { return hopeful{s} },
	},
	"any size is saved": {
		laws:   "TestC6_WhatLoad",
		option: func(o *session.Options) { o.MaxBytes = 1 << 30 },
	},
	"a store that is down has no session": {
		laws:  "TestT6_AStoreThatIsDown",
		store: func(s stores.Store) stores.Store { return failingOpen{s} },
	},
	"failures are forgotten": {
		laws: "TestH3_AFailed",
		inside: always(func(r ring.Response) ring.Response {
			if r.Err != nil {
				r.Err, r.Status = nil, 500
			}
			return r
		}),
	},
	"the save comes after the response": {
		laws:  "TestH2_",
		table: func(t stores.Table) stores.Table { return later{t} },
	},
	"what nobody claims is dropped": {
		laws:   "TestH4_AMissing",
		around: always(func(r ring.Response) ring.Response { r.Values = ring.Values{}; return r }),
	},
	"marks of moved sessions are lost": {
		laws: "TestC4_ALogOutIsFinalForA TestC4_ASlowFirst TestC1_ParallelFirst TestS7_AMovedSessionThat",
		option: otherMoving(func(m *session.Moving) {
			m.Marks = lossy{m.Marks}
		}),
	},
	"marks of moved sessions are overwritten": {
		laws: "TestC4_ASlowFirst TestC1_ParallelFirst",
		option: otherMoving(func(m *session.Moving) {
			m.Marks = overwriting{m.Marks}
		}),
	},
	"an old library that is down has no session": {
		laws: "TestT6_AnOldLibrary",
		option: otherMoving(func(m *session.Moving) {
			load := m.Load
			m.Load = func(ctx context.Context, value string, s session.Session) (session.Moved, error) {
				moved, err := load(ctx, value, s)
				if err != nil {
					err = session.ErrAbsent
				}
				return moved, err
			}
		}),
	},
	"moved sessions begin anew": {
		laws: "TestS7_LimitsOfAMoved",
		option: otherMoving(func(m *session.Moving) {
			load := m.Load
			m.Load = func(ctx context.Context, value string, s session.Session) (session.Moved, error) {
				moved, err := load(ctx, value, s)
				moved.Created = time.Time{}
				return moved, err
			}
		}),
	},
	"a log-in that is moved drops the anonymous values": {
		laws: "TestS6_AMovedLogIn",
		option: otherMoving(func(m *session.Moving) {
			load := m.Load
			m.Load = func(ctx context.Context, value string, _ session.Session) (session.Moved, error) {
				return load(ctx, value, session.Session{})
			}
		}),
	},
}

// otherMoving breaks how sessions are moved from another library.
func otherMoving(f func(*session.Moving)) func(*session.Options) {
	return func(o *session.Options) {
		if o.Moving != nil {
			m := *o.Moving
			f(&m)
			o.Moving = &m
		}
	}
}

const breakVariable = "SIGNET_TEST_BREAK"

// chain puts a store behind session.Wrap, broken where this process is to be.
func chain(t stores.Table, o session.Options) ring.Middleware {
	v := variants[os.Getenv(breakVariable)]
	if v.table != nil {
		t = v.table(t)
	}
	var store stores.Store = stores.Keep(t)
	if v.store != nil {
		store = v.store(store)
	}
	if v.option != nil {
		v.option(&o)
	}
	layers := []ring.Middleware{session.Wrap(store, o)}
	if v.around != nil {
		layers = append([]ring.Middleware{v.around}, layers...)
	}
	if v.inside != nil {
		layers = append(layers, v.inside)
	}
	return ring.Chain(layers...)
}

func TestEveryLawCatchesItsBrokenVariant(t *testing.T) {
	if os.Getenv(breakVariable) != "" {
		t.Skip("this is a broken variant")
	}
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for law := range strings.FieldsSeq(v.laws) {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+law, "-test.timeout", "60s")
				cmd.Env = append(os.Environ(), breakVariable+"="+name)
				out, err := cmd.CombinedOutput()
				if err == nil || !strings.Contains(string(out), "--- FAIL: "+law) {
					t.Errorf("%s does not notice that %s: %v\n%s", law, name, err, out)
				}
			}
		})
	}
}

type adopting struct{ stores.Store }

func (s adopting) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrMalformed) {
		return stores.Record{Version: 1, Created: now, Seen: now, Expires: now.Add(time.Hour)}, nil
	}
	return rec, err
}

type curious struct{ stores.Store }

func (s curious) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	_, _ = s.Store.Load(ctx, stores.TokenOf(t.Cookie(), strings.Repeat("A", 68)), now)
	return s.Store.Load(ctx, t, now)
}

type indifferent struct{ stores.Store }

func (s indifferent) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	return s.Store.Load(ctx, stores.TokenOf("", t.Reveal()), now)
}

func (s indifferent) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	return s.Store.Save(ctx, stores.TokenOf("", t.Reveal()), rec, renew)
}

type trusting struct{ stores.Store }

func (s trusting) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	for _, at := range []*time.Time{&rec.Created, &rec.Authenticated, &rec.Seen} {
		if at.After(now) {
			*at = now
		}
	}
	return rec, err
}

type faithful struct{ stores.Store }

func (s faithful) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	return s.Store.Save(ctx, t, rec, renew && t.IsZero())
}

type panicking struct{ stores.Store }

func (s panicking) Touch(ctx context.Context, t stores.Token, rec stores.Record) error {
	if err := s.Store.Touch(ctx, t, rec); err != nil {
		panic(err)
	}
	return nil
}

type overwriting struct{ stores.Table }

func (o overwriting) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := o.Table.Save(ctx, h, expected, row)
	for errors.Is(err, stores.ErrConflict) {
		now, lerr := o.Table.Load(ctx, h)
		if lerr != nil {
			return lerr
		}
		err = o.Table.Save(ctx, h, now.Version, row)
	}
	return err
}

type reviving struct{ stores.Table }

func (r reviving) Save(ctx context.Context, h stores.Handle, expected uint64, row stores.Row) error {
	err := overwriting(r).Save(ctx, h, expected, row)
	if errors.Is(err, stores.ErrNotFound) {
		return r.Table.Save(ctx, h, 0, row)
	}
	return err
}

type hopeful struct{ stores.Store }

func (s hopeful) Save(ctx context.Context, t stores.Token, rec stores.Record, renew bool) (stores.Token, error) {
	got, err := s.Store.Save(ctx, t, rec, renew)
	if err != nil && !errors.Is(err, stores.ErrConflict) && !errors.Is(err, stores.ErrNotFound) {
		return t, nil
	}
	return got, err
}

type failingOpen struct{ stores.Store }

func (s failingOpen) Load(ctx context.Context, t stores.Token, now time.Time) (stores.Record, error) {
	rec, err := s.Store.Load(ctx, t, now)
	if err != nil {
		return rec, stores.ErrNotFound
	}
	return rec, nil
}

type later struct{ stores.Table }

func (l later) Save(context.Context, stores.Handle, uint64, stores.Row) error { return nil }

type lossy struct{ stores.Table }

func (lossy) Load(context.Context, stores.Handle) (stores.Row, error) {
	return stores.Row{}, stores.ErrNotFound
}

func (lossy) Save(context.Context, stores.Handle, uint64, stores.Row) error { return nil }
