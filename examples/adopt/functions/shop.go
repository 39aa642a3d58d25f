// Package functions is the shop after the third step: its handlers are functions from a request to a response. They are shorter, and a
// test calls them without a server.
package functions

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
	r.Get("/", ring.HTTP(home))
	r.Post("/login", ring.HTTP(login))
	r.Post("/logout", ring.HTTP(logout))
	r.Post("/theme", ring.HTTP(setTheme))
	r.Post("/cart", ring.HTTP(s.add))
	return r
}

func home(req ring.Request) ring.Response {
	in := session.From(req)
	goods := int64(0)
	for _, n := range cart.All(in) {
		goods += n
	}
	return ring.Text(fmt.Sprintf("user %q, theme %q, %d in the cart. %s", session.Info(req).Owner, theme.Get(in), goods, notice.Get(req)))
}

func login(req ring.Request) ring.Response {
	return ring.Redirect("/").With(session.Login(field(req, "user")), notice.Put("Welcome back."))
}

func logout(ring.Request) ring.Response { return ring.Redirect("/").With(session.Delete) }

func setTheme(req ring.Request) ring.Response {
	return ring.Redirect("/").With(theme.Put(field(req, "theme")))
}

func (s *shop) add(req ring.Request) ring.Response {
	if session.Info(req).Owner == "" {
		return ring.Fail(&ring.Error{Status: http.StatusForbidden, Message: "Please sign in."})
	}
	s.reserve()
	return ring.Redirect("/").With(cart.By(field(req, "goods"), 1), notice.Put("Added."))
}

// field returns a field of the form, or "" if there is none.
func field(req ring.Request, name string) string {
	form, _ := req.Form()
	return form.Get(name)
}
