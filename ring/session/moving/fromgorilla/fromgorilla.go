// Package fromgorilla moves a running site from gorilla/sessions to Signet, and logs nobody out. It also does for gin-contrib/sessions and
// echo-contrib/session, whose stores are those of gorilla/sessions.
//
//	moving := fromgorilla.Moving(old, "session-name", marks, func(values map[any]any, m session.Moved) session.Moved {
//		m.Owner, _ = values["user"].(string)
//		return m
//	})
//	app := session.Wrap(store, session.Options{Moving: moving})(handler)
//
// old is the store as it was, with its keys, for cookies, files or a database: it only reads. Programs that register types
// with package gob still have to. Keep it until the longest MaxAge has passed. What Signet does with it is on the page of
// session.Moving.
//
// Each value of the cookie counts as a session. gorilla/sessions makes another value each time that it saves, and the
// browser keeps the last one. So a copy of the cookie from before the last save opens the old session once more, even after a
// log-out, as it did with gorilla/sessions. To end all copies, change the keys.
package fromgorilla

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// Moving makes the value of session.Options.Moving that finds the sessions of a store of gorilla/sessions. name is that of the old cookie.
// marks is a table that all processes share; see session.Moving.
//
// convert is called with the values of an old session, and with what is known of the new one: m.Session is what it
// begins with. If the old cookie has a MaxAge, the times and limits are those of the old session, which began when
// it was last saved. It returns m with the Owner and the values of the new session. It may run several times for a
// session, also at once.
//
// A cookie that was altered, is too old or belongs to no key is no session. One that can't be decoded, as its types are
// not registered, is a failure. A server-side store has no session if it says so by fs.ErrNotExist, sql.ErrNoRows or
// IsNew; another error of it is a failure.
//
// Moving panics if an argument is nil or empty.
func Moving(
	old sessions.Store, name string, marks stores.Table, convert func(values map[any]any, m session.Moved) session.Moved,
) *session.Moving {
	if old == nil || name == "" || marks == nil || convert == nil {
		panic("fromgorilla: Moving without a store, a name, a table or a function")
	}
	cookie := http.Cookie{Name: name}
	if blank, err := open(context.Background(), old, name, ""); err == nil && blank.Options != nil {
		o := blank.Options
		cookie.Path, cookie.Domain, cookie.Secure, cookie.SameSite = o.Path, o.Domain, o.Secure, o.SameSite
		cookie.Partitioned = o.Partitioned
	}
	return &session.Moving{
		Cookie: cookie,
		Marks:  marks,
		Load: func(ctx context.Context, value string, s session.Session) (session.Moved, error) {
			found, err := open(ctx, old, name, value)
			switch {
			case isAbsent(err), err == nil && found.IsNew:
				return session.Moved{}, session.ErrAbsent
			case err != nil:
				return session.Moved{}, fmt.Errorf("fromgorilla: %w", err)
			}
			m := session.Moved{Session: s}
			if at, ok := savedAt(value); ok && found.Options != nil && found.Options.MaxAge > 0 {
				m.Created, m.Absolute, m.Persistent = at, time.Duration(found.Options.MaxAge)*time.Second, true
			}
			return convert(found.Values, m), nil
		},
	}
}

// open reads an old session. value is "" for none.
func open(ctx context.Context, old sessions.Store, name, value string) (s *sessions.Session, err error) {
	defer func() {
		if v := recover(); v != nil {
			s, err = nil, fmt.Errorf("reading a session panicked: %v", v)
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return nil, err
	}
	if value != "" {
		r.Header.Set("Cookie", name+"="+value)
	}
	if s, err = old.New(r, name); err == nil && s == nil {
		err = errors.New("the store returned no session")
	}
	return s, err
}

// isAbsent reports whether an error of a store means that there is no session.
func isAbsent(err error) bool {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, sql.ErrNoRows) {
		return true
	}
	if all, ok := errors.AsType[securecookie.MultiError](err); ok {
		for _, e := range all {
			if !isRefusal(e) {
				return false
			}
		}
		return true
	}
	return isRefusal(err)
}

// isRefusal reports whether securecookie has refused a cookie: it is too long, no base64 or too old, or no key opens it.
// What it can't decode after that has a cause.
func isRefusal(err error) bool {
	e, ok := errors.AsType[securecookie.Error](err)
	if !ok {
		return err != nil && strings.HasPrefix(err.Error(), "securecookie: the value is too long") // it has no type
	}
	if !e.IsDecode() {
		return false
	}
	_, corrupt := errors.AsType[base64.CorruptInputError](e.Cause())
	return e.Cause() == nil || corrupt
}

// savedAt returns the time that a cookie of package securecookie bears. Whether it is genuine has to be checked before.
func savedAt(value string) (time.Time, bool) {
	b, err := base64.URLEncoding.DecodeString(value)
	if err != nil {
		return time.Time{}, false
	}
	seconds, _, found := strings.Cut(string(b), "|")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !found || err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(n, 0), true
}
