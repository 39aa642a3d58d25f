package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// A Login is one session of a user, as the list of them shows it.
type Login struct {
	Browser string // in a few words
	Detail  string // the whole User-Agent
	Since   time.Time
	Seen    time.Time
	IsThis  bool // the one that asks
}

// browsers lists where the user is logged in.
func (s *site) browsers(req ring.Request) ring.Response {
	info := session.Info(req)
	records, err := s.owners.List(req.Context(), info.Owner)
	if err != nil {
		return ring.Fail(err)
	}
	return s.page(req, browsersPage, logins(records, info))
}

// logins are the records that are alive, this session first and then the last used one.
func logins(records []stores.Record, info session.Information) []Login {
	var list []Login
	for _, rec := range records {
		if !info.Now.Before(rec.Expires) {
			continue
		}
		agent := browser.Get(session.Of(rec.Data))
		l := Login{browserName(agent), agent, rec.Authenticated, rec.Seen, rec.Handle == info.Handle}
		if l.IsThis {
			l.Seen = info.Now // the store has the last time that was worth a write
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Login) int {
		if a.IsThis != b.IsThis {
			return cmp.Compare(btoi(b.IsThis), btoi(a.IsThis))
		}
		return cmp.Or(b.Seen.Compare(a.Seen), b.Since.Compare(a.Since))
	})
	return list
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// logoutOthers ends the user's other sessions. This one gets a new token, so that a copy of its cookie is of no use
// either.
func (s *site) logoutOthers(req ring.Request) ring.Response {
	info := session.Info(req)
	n, err := s.owners.DeleteOwned(req.Context(), info.Owner, info.Handle)
	if err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/browsers").With(session.Renew, notice.Put(loggedOut(n)))
}

func loggedOut(n int) string {
	switch n {
	case 0:
		return "There was no other browser to log out."
	case 1:
		return "One other browser is logged out."
	}
	return fmt.Sprintf("%d other browsers are logged out.", n)
}

// logoutAll ends all sessions of the user. This one comes last and with the response: if the store fails before, its
// user is still there to try again.
func (s *site) logoutAll(req ring.Request) ring.Response {
	info := session.Info(req)
	if _, err := s.owners.DeleteOwned(req.Context(), info.Owner, info.Handle); err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(session.Delete, notice.Put("You are logged out everywhere."))
}
