package peer

import (
	"context"
	"net/http"
	"strconv"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

// SignetPlain is this library with the application written for net/http, as one that comes from scs is: a plain handler behind
// one line in the router.
var SignetPlain = Peer{Name: "signet, plain handler", Store: "memory", Open: func(Place) (*Site, error) {
	use := ring.Use(session.Wrap(memory.New(), session.Options{}), flash.Wrap)
	return &Site{HTTP: use(plainApp())}, nil
}}

func plainApp() http.HandlerFunc {
	const (
		first  session.Key[string] = firstKey
		visits session.Counter     = "visits"
		notice flash.Key[string]   = "notice"
	)
	var in turn
	changes := func(r *http.Request) []ring.Change {
		ctx, query := r.Context(), r.URL.Query
		switch r.URL.Path {
		case "/write":
			return []ring.Change{first.Put(in.next())}
		case "/fill":
			n, _ := strconv.Atoi(query().Get("keys"))
			s, fill := session.FromContext(ctx), sized(query().Get("size"))
			for i := range n {
				s = session.Key[string](KeyName(i)).Set(s, fill)
			}
			return []ring.Change{session.Set(s)}
		case "/put":
			return []ring.Change{notice.Put(message)}
		case "/visit", "/count":
			wait(query().Get("gate"))
			return []ring.Change{visits.By(1)}
		case "/set":
			wait(query().Get("gate"))
			return []ring.Change{session.Key[string](query().Get("key")).Put(value)}
		case "/login":
			return []ring.Change{session.Login(user)}
		case "/logout":
			return []ring.Change{session.Delete}
		}
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if change := changes(r); change != nil {
			if err := ring.Amend(ctx, change...); err != nil {
				http.Error(w, "something went wrong", http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.URL.Path == "/put" {
			http.Redirect(w, r, "/page", http.StatusSeeOther)
			return
		}
		_, _ = w.Write([]byte(plainText(ctx, r, first, visits, notice)))
	}
}

func plainText(ctx context.Context, r *http.Request, first session.Key[string], visits session.Counter, notice flash.Key[string]) string {
	switch r.URL.Path {
	case "/read":
		return first.Get(session.FromContext(ctx))
	case "/page", "/poll":
		return notice.Get(ring.FromContext(ctx))
	case "/visit", "/count":
		return strconv.FormatInt(visits.Get(session.FromContext(ctx)), 10)
	case "/get":
		return session.Key[string](r.URL.Query().Get("key")).Get(session.FromContext(ctx))
	case "/who":
		return session.Info(ring.FromContext(ctx)).Owner
	}
	return "ok"
}
