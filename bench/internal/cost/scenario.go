package cost

import (
	"fmt"
	"net/http"

	"github.com/signet-go/signet/bench/internal/peer"
)

// A Scenario is one kind of visit.
type Scenario struct {
	Name string
	Says string // in words, for tables
	Keys bool   // whether it matters how many keys the session has
	// start returns what sends it once, for a visitor who has a session in jar.
	start func(site *peer.Site, jar peer.Jar) func()
}

// Scenarios are the visits that are measured.
var Scenarios = []Scenario{
	{"read", "a request that reads one key", true, func(site *peer.Site, jar peer.Jar) func() {
		return site.Repeat("GET", "/read", jar.Field())
	}},
	{"write", "a request that changes one key", true, func(site *peer.Site, jar peer.Jar) func() {
		return site.Repeat("POST", "/write", jar.Field())
	}},
	{"stranger", "a new visitor, whose session nobody touches", false, func(site *peer.Site, _ peer.Jar) func() {
		return site.Repeat("GET", "/plain", "")
	}},
	{"create", "a new visitor who gets a session", false, func(site *peer.Site, _ peer.Jar) func() {
		return site.Repeat("POST", "/write", "")
	}},
	{"flash", "a form that leads to a page with a message: two requests", true, func(site *peer.Site, jar peer.Jar) func() {
		sent := jar.Copy() // where the session is in the cookie, the message is too
		put := site.Repeat("POST", "/put", jar.Field())
		site.Do("POST", "/put", sent)
		page := site.Repeat("GET", "/page", sent.Field())
		return func() { put(); page() }
	}},
}

// visitor makes a session of so many keys.
func visitor(site *peer.Site, keys int) peer.Jar {
	jar := peer.Jar{}
	site.Do("POST", fmt.Sprintf("/fill?keys=%d", keys), jar)
	return jar
}

// grow fills a store before it is measured: what the first growth of a map costs is not what a session costs.
func grow(p peer.Peer, site *peer.Site) {
	n := 100
	if p.Store == "memory" {
		n = 20_000
	}
	create := site.Repeat("POST", "/write", "")
	for range n {
		create()
	}
}

// Try opens a peer in a directory and reports whether it does what is measured.
func Try(p peer.Peer, dir string) error {
	site, err := p.Start(peer.Place{Dir: dir})
	if err != nil {
		return err
	}
	defer site.Close()
	if p.Store == "" {
		return nil
	}
	return try(site, 10)
}

// try reports whether the site does what is going to be measured.
func try(site *peer.Site, keys int) error {
	jar := peer.Jar{}
	expect := func(method, path, want string, status int) error {
		if got := site.Do(method, path, jar); got.Body != want && want != "" || got.Status != status {
			return fmt.Errorf("%s %s with %d keys answers %d %q; want %d %q", method, path, keys, got.Status, got.Body, status, want)
		}
		return nil
	}
	for _, e := range []struct {
		method, path, want string
		status             int
	}{
		{"POST", fmt.Sprintf("/fill?keys=%d", keys), "ok", http.StatusOK},
		{"GET", "/read", "some value", http.StatusOK},
		{"POST", "/write", "ok", http.StatusOK},
		{"POST", "/write", "ok", http.StatusOK},
		{"POST", "/put", "", http.StatusSeeOther},
		{"GET", "/page", "Saved", http.StatusOK},
		{"GET", "/read", "", http.StatusOK},
	} {
		if err := expect(e.method, e.path, e.want, e.status); err != nil {
			return err
		}
	}
	if got := site.Do("GET", "/page", jar).Body; got == "Saved" {
		return fmt.Errorf("the message is shown twice")
	}
	return nil
}
