package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/signet-go/signet/ring/ringtest"
	"github.com/signet-go/signet/stores/memory"
)

func users() map[int64]User { return map[int64]User{1: {1, "Ann"}} }

func TestTheWantedPageComesAfterTheLogIn(t *testing.T) {
	b := ringtest.New(t, app(memory.New(), users()))
	b.Get("/account?tab=orders")
	p := b.Submit("Enter", "name", "Ann", "password", "x")
	if p.URL.String() != "https://example.com/account?tab=orders" || !strings.Contains(p.Text(), "Welcome, Ann.") ||
		!strings.Contains(p.Text(), "Logged in as Ann") {
		t.Errorf("%v", p)
	}
	if got := p.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q of a user's page", got)
	}
	p = b.Click("Log out")
	if p.URL.Path != "/" || !strings.Contains(p.Text(), "You are logged out.") {
		t.Errorf("%v", p)
	}
	if p := b.Get("/account"); p.URL.Path != "/login" {
		t.Errorf("after the log-out: %v", p)
	}
}

func TestAWrongPasswordKeepsTheWantedPage(t *testing.T) {
	b := ringtest.New(t, app(memory.New(), users()))
	b.Get("/account?tab=orders")
	p := b.Submit("Enter", "name", "Ann")
	if p.Status != 422 || !strings.Contains(p.Text(), "Name or password is wrong.") || strings.Contains(p.Text(), "Logged in") {
		t.Errorf("%v", p)
	}
	if p := b.Submit("Enter", "name", "Ann", "password", "x"); p.URL.RawQuery != "tab=orders" {
		t.Errorf("%v", p)
	}
}

func TestAFormThatNeedsALogInIsNotRepeated(t *testing.T) {
	b := ringtest.New(t, app(memory.New(), users()))
	b.Get("/")
	p := b.Click("Order")
	if p.URL.String() != "https://example.com/login" || !strings.Contains(p.Text(), "Please log in and send the form again.") {
		t.Errorf("%v", p)
	}
	if p := b.Submit("Enter", "name", "Ann", "password", "x"); p.URL.Path != "/" || p.Method != "GET" {
		t.Errorf("after the log-in: %v", p)
	}
}

func TestAPageOfAnotherHostIsNotWanted(t *testing.T) {
	for _, next := range []string{
		"https://evil.example/", "//evil.example/", "///evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "javascript:alert(1)",
		"/\t/evil.example", "\n//evil.example", " //evil.example", "evil.example", "", "%2F/evil.example",
	} {
		b := ringtest.New(t, app(memory.New(), users()))
		b.Get("/login?next=" + url.QueryEscape(next))
		p := b.Submit("Enter", "name", "Ann", "password", "x")
		if p.URL.String() != "https://example.com/" || !strings.Contains(p.Text(), "Logged in as Ann") {
			t.Errorf("%q leads to %v", next, p)
		}
	}
}

func TestTheSessionsOfAClosedAccountEnd(t *testing.T) {
	all := users()
	b := ringtest.New(t, app(memory.New(), all))
	b.Get("/login")
	b.Submit("Enter", "name", "Ann", "password", "x")
	delete(all, 1)
	if p := b.Get("/account"); p.URL.Path != "/" || strings.Contains(p.Text(), "Logged in") {
		t.Errorf("%v", p)
	}
	if len(b.Cookies()) != 0 {
		t.Errorf("cookies %v", b.Cookies())
	}
}

func TestAnotherSiteLogsNobodyInOrOut(t *testing.T) {
	b := ringtest.New(t, app(memory.New(), users()))
	if p := b.CrossSite("/login", "name", "Ann", "password", "x"); p.Status != 403 {
		t.Errorf("%v", p)
	}
	b.Get("/login")
	b.Submit("Enter", "name", "Ann", "password", "x")
	if p := b.CrossSite("/logout"); p.Status != 403 {
		t.Errorf("%v", p)
	}
	if p := b.Get("/account"); p.URL.Path != "/account" {
		t.Errorf("%v", p)
	}
}
