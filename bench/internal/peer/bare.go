package peer

import (
	"net/http"

	"github.com/signet-go/signet/ring"
)

// Bare is net/http without a session: what everything else is measured against.
var Bare = Peer{Name: "net/http", Open: func(Place) (*Site, error) {
	return &Site{HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.URL.Path == "/put" {
			http.Redirect(w, r, "/page", http.StatusSeeOther)
			return
		}
		_, _ = w.Write([]byte(value))
	})}, nil
}}

// BareRing is ring without a session.
var BareRing = Peer{Name: "ring", Open: func(Place) (*Site, error) {
	return &Site{HTTP: ring.Handler(func(req ring.Request) ring.Response {
		if req.URL.Path == "/put" {
			return ring.Redirect("/page")
		}
		return ring.Text(value)
	})}, nil
}}
