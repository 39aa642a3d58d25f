// Package fromscs moves a running site from scs to Signet, and logs nobody out.
//
//	moving := fromscs.Moving(sessions, marks, func(values map[string]any, m session.Moved) session.Moved {
//		m.Owner, _ = values["userID"].(string)
//		if v, ok := values["theme"].(string); ok {
//			m.Session = theme.Set(m.Session, v)
//		}
//		return m
//	})
//	app := session.Wrap(store, session.Options{Moving: moving})(handler)
//
// sessions is the *scs.SessionManager as it was, with its Store, Codec and Cookie, but without LoadAndSave around
// anything: it only reads. Programs that register types with package gob still have to. Keep it until the longest
// lifetime of scs has passed. What Signet does with it is on the page of session.Moving.
package fromscs

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// rememberKey is where scs keeps what RememberMe was told.
const rememberKey = "__rememberMe"

// Moving makes the value of session.Options.Moving that finds the sessions of an scs session manager. marks is a table that all
// processes share; see session.Moving.
//
// convert is called with the values of an old session, and with what is known of the new one: m.Session is what it
// begins with, and the times and limits are those of scs. So the old deadline holds until the next log-in. It returns m with
// the Owner and the values of the new session. It may run several times for a session, also at once.
//
// An old session ends as it would have with scs. One that can't be decoded, as its types are not registered, is a
// failure.
//
// Moving panics if an argument is nil.
func Moving(
	sessions *scs.SessionManager, marks stores.Table, convert func(values map[string]any, m session.Moved) session.Moved,
) *session.Moving {
	if sessions == nil || marks == nil || convert == nil {
		panic("fromscs: Moving without a session manager, a table or a function")
	}
	c := sessions.Cookie
	return &session.Moving{
		Cookie: http.Cookie{
			Name: c.Name, Path: c.Path, Domain: c.Domain, Secure: c.Secure, SameSite: c.SameSite, Partitioned: c.Partitioned,
		},
		Marks: marks,
		Load: func(ctx context.Context, token string, s session.Session) (session.Moved, error) {
			values, m, err := load(ctx, sessions, token)
			if err != nil {
				return session.Moved{}, err
			}
			m.Session = s
			return convert(values, m), nil
		},
	}
}

// load reads an old session.
func load(ctx context.Context, sessions *scs.SessionManager, token string) (values map[string]any, m session.Moved, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("fromscs: reading a session panicked: %v", v)
		}
	}()
	old, err := sessions.Load(ctx, token)
	if err != nil {
		return nil, session.Moved{}, fmt.Errorf("fromscs: %w", err)
	}
	deadline := sessions.Deadline(old)
	if sessions.Token(old) == "" || !time.Now().Before(deadline) {
		return nil, session.Moved{}, session.ErrAbsent
	}
	values = map[string]any{}
	for _, key := range sessions.Keys(old) {
		values[key] = sessions.Get(old, key)
	}
	// scs knows the end of a session and not its beginning, which SetDeadline may have moved.
	m = session.Moved{Created: deadline.Add(-sessions.Lifetime), Idle: sessions.IdleTimeout, Expires: deadline}
	if m.Created.After(time.Now()) {
		m.Created = time.Now()
	}
	m.Absolute = deadline.Sub(m.Created)
	remember, _ := values[rememberKey].(bool)
	m.Persistent = sessions.Cookie.Persist || remember
	delete(values, rememberKey)
	if m.Idle == 0 {
		m.Idle = -1 // scs has no idle limit unless IdleTimeout says so
	}
	return values, m, nil
}
