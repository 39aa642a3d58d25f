// Oidc logs visitors in at a provider of OpenID Connect, such as Google, Keycloak or Entra.
//
//	OIDC_ISSUER=https://… OIDC_CLIENT=… OIDC_SECRET=… go run ./examples/recipes/oidc
package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"golang.org/x/oauth2"
)

const (
	// The owner is the provider's id of the user, which never changes. An address of email may become another person's.
	user session.Owner[string] = "oidc"

	name   session.Key[string]    = "name"
	begun  session.Bound[attempt] = "oidc" // gone after the log-in
	notice flash.Key[string]      = "notice"
)

// An attempt is a log-in that has begun in this browser. A second one in another tab takes its place.
type attempt struct{ State, Nonce, Verifier string }

type site struct {
	provider *oidc.Provider
	config   oauth2.Config
}

// begin sends the browser to the provider. The session has what the provider's answer must match.
func (s *site) begin(ring.Request) ring.Response {
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	to := s.config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier))
	return ring.Redirect(to).With(begun.Put(a))
}

// callback is where the provider sends the browser back to, with a code.
func (s *site) callback(req ring.Request) ring.Response {
	a := begun.Get(session.From(req))
	// Without this check, a link on another site would log the visitor in as somebody else, who then sees what the visitor
	// enters.
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(req.Query("state"))) == 0 {
		return ring.Fail(errNotBegun)
	}
	id, err := s.exchange(req.Context(), a, req.Query("code"))
	if err != nil { // the attempt is over, as its code is
		log.Printf("log-in: %v; the provider says %q", err, req.Query("error"))
		return ring.Redirect("/").With(session.Update(begun.Delete), notice.Put("The log-in failed. Please try again."))
	}
	var claims struct{ Name string }
	if err := id.Claims(&claims); err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(user.Login(id.Subject), name.Put(claims.Name), notice.Put("Welcome."))
}

var errNotBegun = &ring.Error{
	Status: http.StatusBadRequest, Message: "This log-in was not begun in this browser. Please try again.",
}

// exchange gets the id token for a code, and verifies its signature, issuer, audience, expiry and nonce.
func (s *site) exchange(ctx context.Context, a attempt, code string) (*oidc.IDToken, error) {
	token, err := s.config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := s.provider.Verifier(&oidc.Config{ClientID: s.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if id.Nonce != a.Nonce {
		return nil, errors.New("the id token is of another log-in")
	}
	return id, nil
}

func home(req ring.Request) ring.Response {
	id, _ := user.From(req)
	return ring.HTML(page, map[string]any{"ID": id, "Name": name.Get(session.From(req)), "Notice": notice.Get(req)})
}

// logout ends the session here. The provider has one of its own, which goes on.
func logout(ring.Request) ring.Response { return ring.Redirect("/").With(session.Delete) }

var page = template.Must(template.New("").Parse(`<!DOCTYPE html><title>OpenID Connect</title>
{{with .Notice}}<p role="status">{{.}}</p>{{end}}
{{if .ID}}<p>{{.Name}} ({{.ID}})</p><form method="post" action="/logout"><button>Log out</button></form>
{{else}}<form method="post" action="/login"><button>Log in</button></form>{{end}}`))

// app asks the provider for its addresses and keys. The provider must know self + "/callback" as an address of the
// client.
func app(ctx context.Context, store stores.Store, issuer, client, secret, self string) (http.Handler, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	s := &site{provider, oauth2.Config{
		ClientID: client, ClientSecret: secret, Endpoint: provider.Endpoint(),
		RedirectURL: self + "/callback", Scopes: []string{oidc.ScopeOpenID, "profile"},
	}}
	layers := ring.Chain(
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", home),
		route.Post("/login", s.begin),
		route.Get("/callback", s.callback),
		route.Post("/logout", logout),
	)), nil
}

func main() {
	issuer, client, secret := os.Getenv("OIDC_ISSUER"), os.Getenv("OIDC_CLIENT"), os.Getenv("OIDC_SECRET")
	h, err := app(context.Background(), memory.New(), issuer, client, secret, "http://localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://localhost:8080/ logs you in")
	log.Fatal(http.ListenAndServe("localhost:8080", h))
}
