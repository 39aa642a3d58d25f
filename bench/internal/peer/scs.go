package peer

import (
	"net/http"
	"strconv"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

const scsModule = "github.com/alexedwards/scs/v2"

// SCS is alexedwards/scs with its stores.
var SCS = []Peer{
	{Name: "scs", Module: scsModule, Store: "memory", Open: func(Place) (*Site, error) {
		// Without the goroutine that cleans up: stopping it races with its start (v2.9.0).
		return scsSite(memstore.NewWithCleanupInterval(0)), nil
	}},
	{Name: "scs", Module: scsModule, Store: "sqlite", Open: openSCSSQLite},
	{Name: "scs", Module: scsModule, Store: "postgres", Needs: postgresURL, Open: openSCSPostgres},
	{Name: "scs", Module: scsModule, Store: "mysql", Needs: mysqlDSN, Open: openSCSMySQL},
	{Name: "scs", Module: scsModule, Store: "redis", Needs: redisURL, Open: openSCSRedis},
}

func scsSite(store scs.Store, done ...func()) *Site {
	manager := scs.New()
	manager.Store = store
	return &Site{HTTP: manager.LoadAndSave(scsApp(manager)), done: done}
}

func scsApp(m *scs.SessionManager) http.HandlerFunc {
	var in turn
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		text := "ok"
		switch r.URL.Path {
		case "/read":
			text = m.GetString(ctx, firstKey)
		case "/write":
			m.Put(ctx, firstKey, in.next())
		case "/fill":
			n, _ := strconv.Atoi(r.URL.Query().Get("keys"))
			fill := sized(r.URL.Query().Get("size"))
			for i := range n {
				m.Put(ctx, KeyName(i), fill)
			}
		case "/put":
			m.Put(ctx, "flash", message)
			http.Redirect(w, r, "/page", http.StatusSeeOther)
			return
		case "/page", "/poll":
			text = m.PopString(ctx, "flash")
		case "/visit", "/count":
			if r.URL.Path == "/count" {
				wait(r.URL.Query().Get("gate"))
			}
			n := m.GetInt(ctx, "visits") + 1
			m.Put(ctx, "visits", n)
			text = strconv.Itoa(n)
		case "/set":
			wait(r.URL.Query().Get("gate"))
			m.Put(ctx, r.URL.Query().Get("key"), value)
		case "/get":
			text = m.GetString(ctx, r.URL.Query().Get("key"))
		case "/login":
			if err := m.RenewToken(ctx); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			m.Put(ctx, "user", user)
		case "/logout":
			if err := m.Destroy(ctx); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		case "/who":
			text = m.GetString(ctx, "user")
		}
		_, _ = w.Write([]byte(text))
	}
}
