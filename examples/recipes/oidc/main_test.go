package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

func open(t *testing.T, p *provider) http.Handler {
	h, err := app(t.Context(), memory.New(), p.URL, client, secret, "https://example.com")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const (
	notBegun = "This log-in was not begun in this browser."
	failed   = "The log-in failed."
)

// callback begins a log-in and returns the address to which the provider sends the browser back.
func (p *provider) callback(t *testing.T, b *ringtest.Browser) string {
	t.Helper()
	b.Get("/")
	return p.visit(t, b.Click("Log in").Header.Get("Location"))
}

// wantRefused calls a callback and wants a page that says why, and nobody logged in.
func wantRefused(t *testing.T, b *ringtest.Browser, callback, why string) {
	t.Helper()
	if p := b.Get(callback); !strings.Contains(p.Body, why) {
		t.Errorf("%v; want %q", p, why)
	}
	if p := b.Get("/"); p.Status != 200 || strings.Contains(p.Text(), "248289761001") {
		t.Errorf("after a refused log-in: %v", p)
	}
}

func TestTheProviderLogsIn(t *testing.T) {
	p := newProvider(t)
	b := ringtest.New(t, open(t, p), ringtest.Site(p.URL, p.Config.Handler))
	b.Get("/")
	page := b.Click("Log in")
	if page.URL.String() != "https://example.com/" || !strings.Contains(page.Text(), "Welcome. Ann (248289761001)") {
		t.Errorf("%v", page)
	}
	b.Click("Log out")
	if page := b.Get("/"); strings.Contains(page.Text(), "Ann") {
		t.Errorf("after the log-out: %v", page)
	}
}

// With a code of their own, attackers could log a visitor in as themselves.
func TestACodeOfAnotherBrowserIsRefused(t *testing.T) {
	p := newProvider(t)
	h := open(t, p)
	link := p.callback(t, ringtest.New(t, h))
	stranger := ringtest.New(t, h)
	wantRefused(t, stranger, link, notBegun)
	withoutState, _, _ := strings.Cut(link, "&state=")
	wantRefused(t, stranger, withoutState, notBegun)

	victim := ringtest.New(t, h)
	own := p.callback(t, victim)
	wantRefused(t, victim, link, notBegun)
	wantRefused(t, victim, withoutState, notBegun)
	if page := victim.Get(own); !strings.Contains(page.Text(), "Ann") {
		t.Errorf("%v; want the victim's own log-in to work", page)
	}
}

// An attacker who reads a code of somebody else's, from a log say, puts it into a log-in of their own.
func TestAStolenCodeIsRefused(t *testing.T) {
	p := newProvider(t)
	h := open(t, p)
	code, _, _ := strings.Cut(p.callback(t, ringtest.New(t, h)), "&state=")
	thief := ringtest.New(t, h)
	_, state, _ := strings.Cut(p.callback(t, thief), "&state=")
	wantRefused(t, thief, code+"&state="+state, failed)
}

func TestALogInIsUsedOnce(t *testing.T) {
	p := newProvider(t)
	b := ringtest.New(t, open(t, p))
	link := p.callback(t, b)
	if page := b.Get(link); !strings.Contains(page.Text(), "Ann") {
		t.Fatalf("%v", page)
	}
	if page := b.Get(link); page.Status != http.StatusBadRequest {
		t.Errorf("the second time: %v", page)
	}
}

func TestAnIDTokenThatDoesNotFitIsRefused(t *testing.T) {
	forger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, claim := range map[string]func(*provider){
		"of another log-in":       func(p *provider) { p.claims["nonce"] = "another" },
		"without nonce":           func(p *provider) { p.claims["nonce"] = "" },
		"for another client":      func(p *provider) { p.claims["aud"] = "another" },
		"of another provider":     func(p *provider) { p.claims["iss"] = "https://evil.example" },
		"expired":                 func(p *provider) { p.claims["exp"] = 1 },
		"signed with another key": func(p *provider) { p.signer = forger },
		"the user has said no to": func(p *provider) { p.denies = true },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			b := ringtest.New(t, open(t, p))
			claim(p)
			link := p.callback(t, b)
			wantRefused(t, b, link, failed)
			if page := b.Get(link); page.Status != http.StatusBadRequest {
				t.Errorf("the second time: %v; want the attempt to be over", page)
			}
		})
	}
}
