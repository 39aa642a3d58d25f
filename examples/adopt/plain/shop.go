// Package plain is the shop after the second step: scs is gone, and the handlers, still those of net/http, read the session from
// their context and change it by ring.Amend.
package plain

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

const (
	theme  session.Key[string]   = "theme"
	cart   session.Tally[string] = "cart"
	notice flash.Key[string]     = "notice"
)

type shop struct{ reserve func() }

// New returns the shop with its sessions in a store. It calls reserve before it puts something into a cart, to reserve the goods in
// the warehouse.
func New(store stores.Store, reserve func()) http.Handler {
	s := &shop{reserve}
	r := chi.NewRouter()
	r.Use(ring.Use(session.Wrap(store, session.Options{}), flash.Wrap))
	r.Get("/", s.home)
	r.Post("/login", s.login)
	r.Post("/logout", s.logout)
	r.Post("/theme", s.setTheme)
	r.Post("/cart", s.add)
	return r
}

// amend changes the response, or answers with an error and returns false.
func amend(w http.ResponseWriter, r *http.Request, changes ...ring.Change) bool {
	err := ring.Amend(r.Context(), changes...)
	if err != nil {
		http.Error(w, "Please try again.", http.StatusInternalServerError)
	}
	return err == nil
}

func user(r *http.Request) string { return session.Info(ring.FromContext(r.Context())).Owner }

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	in := session.FromContext(r.Context())
	goods := int64(0)
	for _, n := range cart.All(in) {
		goods += n
	}
	fmt.Fprintf(w, "user %q, theme %q, %d in the cart. %s", user(r), theme.Get(in), goods, notice.Get(ring.FromContext(r.Context())))
}

func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	if amend(w, r, session.Login(r.FormValue("user")), notice.Put("Welcome back.")) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *shop) logout(w http.ResponseWriter, r *http.Request) {
	if amend(w, r, session.Delete) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *shop) setTheme(w http.ResponseWriter, r *http.Request) {
	if amend(w, r, theme.Put(r.FormValue("theme"))) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *shop) add(w http.ResponseWriter, r *http.Request) {
	if user(r) == "" {
		http.Error(w, "Please sign in.", http.StatusForbidden)
		return
	}
	s.reserve()
	if amend(w, r, cart.By(r.FormValue("goods"), 1), notice.Put("Added.")) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}
