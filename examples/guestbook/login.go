package main

import (
	"net/http"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
)

// remembered is how long a browser stays logged in whose user has asked for that, whether it is used or not.
const remembered = 30 * 24 * time.Hour

// loginPage shows the form, unless there is nothing to log in for.
func (s *site) loginPage(req ring.Request) ring.Response {
	if session.Info(req).Owner != "" {
		return ring.Redirect("/")
	}
	return s.page(req, loginPage, Field{Value: penName.Get(session.From(req))})
}

// login believes whoever says a name, as this is a demonstration. A real one would check a password here.
func (s *site) login(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err)
	}
	name := nameField(form.Get("name"))
	if name.Problem != "" {
		return s.page(req, loginPage, name).With(ring.Status(http.StatusUnprocessableEntity))
	}
	resp := ring.Redirect("/").With(
		session.Login(name.Value),
		browser.Put(userAgent(req)),
		notice.Put("Welcome, "+name.Value+"."),
	)
	if form.Has("remember") {
		resp = resp.With(session.Lifetime(0, remembered, true))
	}
	return resp
}

// logout ends the session for good: its cookie opens nothing any more, wherever a copy of it is. The message begins a
// new one, which is nobody's.
func (s *site) logout(ring.Request) ring.Response {
	return ring.Redirect("/").With(session.Delete, notice.Put("You are logged out."))
}
