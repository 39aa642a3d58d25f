package peer

import (
	"context"
	"strconv"
	"sync/atomic"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

// Signet is this library with each of its stores.
var Signet = []Peer{
	{Name: "signet", Store: "memory", Open: func(Place) (*Site, error) { return signetSite(memory.New()), nil }},
	{Name: "signet", Store: "cookie", Open: func(Place) (*Site, error) {
		store, err := cookie.New(randomKey(32))
		return signetSite(store), err
	}},
	{Name: "signet", Store: "sqlite", Open: openSignetSQLite},
	{Name: "signet", Store: "postgres", Needs: postgresURL, Open: openSignetPostgres},
	{Name: "signet", Store: "mysql", Needs: mysqlDSN, Open: openSignetMySQL},
	{Name: "signet", Store: "redis", Needs: redisURL, Open: openSignetRedis},
	{Name: "signet", Store: "redis by go-redis", Needs: redisURL, Open: openSignetGoRedis},
}

func signetSite(store session.Store, done ...func()) *Site {
	site := &Site{HTTP: session.Wrap(store, session.Options{})(signetApp()), done: done}
	site.Watch = func(conflicts *atomic.Int64) {
		site.HTTP = session.Wrap(store, session.Options{OnEvent: func(_ context.Context, e session.Event) {
			conflicts.Add(int64(e.Conflicts))
		}})(signetApp())
	}
	return site
}

func signetApp() ring.Handler {
	const (
		first  session.Key[string] = firstKey
		visits session.Counter     = "visits"
		notice flash.Key[string]   = "notice"
	)
	var in turn
	pages := flash.Wrap(func(req ring.Request) ring.Response {
		if req.URL.Path == "/put" {
			return ring.Redirect("/page").With(notice.Put(message))
		}
		return ring.Text(notice.Get(req))
	})
	count := func(s session.Session) (session.Session, ring.Response) {
		s = visits.Add(s, 1)
		return s, ring.Text(strconv.FormatInt(visits.Get(s), 10))
	}
	return func(req ring.Request) ring.Response {
		switch req.URL.Path {
		case "/read":
			return ring.Text(first.Get(session.From(req)))
		case "/write":
			return ring.Text("ok").With(session.Set(first.Set(session.From(req), in.next())))
		case "/fill":
			n, _ := strconv.Atoi(req.Query("keys"))
			s, fill := session.From(req), sized(req.Query("size"))
			for i := range n {
				s = session.Key[string](KeyName(i)).Set(s, fill)
			}
			return ring.Text("ok").With(session.Set(s))
		case "/put", "/page", "/poll":
			return pages(req)
		case "/visit":
			return session.Attempt(count)
		case "/set":
			s := session.From(req)
			wait(req.Query("gate"))
			return ring.Text("ok").With(session.Set(session.Key[string](req.Query("key")).Set(s, value)))
		case "/get":
			return ring.Text(session.Key[string](req.Query("key")).Get(session.From(req)))
		case "/count":
			wait(req.Query("gate"))
			return session.Attempt(count)
		case "/login":
			return ring.Text("ok").With(session.Login(user))
		case "/logout":
			return ring.Text("ok").With(session.Delete)
		case "/who":
			return ring.Text(session.Info(req).Owner)
		}
		return ring.Text("ok")
	}
}
