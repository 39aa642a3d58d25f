// Package before is a small shop on chi and scs, as it was before it moved to Signet.
package before

import (
	"encoding/gob"
	"fmt"
	"net/http"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
)

func init() { gob.Register(map[string]int{}) }

type shop struct {
	sessions *scs.SessionManager
	reserve  func()
}

// New returns the shop. It calls reserve before it puts something into a cart, to reserve the goods in the warehouse. The first
// step is a layer around the handlers that are there: ring.Use(session.Wrap(store, session.Options{}), flash.Wrap).
func New(reserve func(), layers ...func(http.Handler) http.Handler) http.Handler {
	s := &shop{scs.New(), reserve}
	r := chi.NewRouter()
	r.Use(layers...)
	r.Use(s.sessions.LoadAndSave)
	r.Get("/", s.home)
	r.Post("/login", s.login)
	r.Post("/logout", s.logout)
	r.Post("/theme", s.setTheme)
	r.Post("/cart", s.add)
	return r
}

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	cart, _ := s.sessions.Get(ctx, "cart").(map[string]int)
	goods := 0
	for _, n := range cart {
		goods += n
	}
	fmt.Fprintf(w, "user %q, theme %q, %d in the cart. %s", s.sessions.GetString(ctx, "user"), s.sessions.GetString(ctx, "theme"), goods,
		s.sessions.PopString(ctx, "notice"))
}

func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		http.Error(w, "Please try again.", http.StatusInternalServerError)
		return
	}
	s.sessions.Put(r.Context(), "user", r.FormValue("user"))
	s.sessions.Put(r.Context(), "notice", "Welcome back.")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *shop) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		http.Error(w, "Please try again.", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *shop) setTheme(w http.ResponseWriter, r *http.Request) {
	s.sessions.Put(r.Context(), "theme", r.FormValue("theme"))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *shop) add(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if s.sessions.GetString(ctx, "user") == "" {
		http.Error(w, "Please sign in.", http.StatusForbidden)
		return
	}
	s.reserve()
	cart := map[string]int{}
	if old, ok := s.sessions.Get(ctx, "cart").(map[string]int); ok {
		for goods, n := range old {
			cart[goods] = n
		}
	}
	cart[r.FormValue("goods")]++
	s.sessions.Put(ctx, "cart", cart)
	s.sessions.Put(ctx, "notice", "Added.")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
