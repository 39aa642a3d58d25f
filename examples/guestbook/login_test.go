package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/signet-go/signet/ring/ringtest"
)

func TestLoggingInAndOut(t *testing.T) {
	b := open(t).visitor()
	b.Get("/")
	b.Click("Log in")
	p := b.Submit("/login", "name", "  Anna \t Karenina ")
	if see(p, user) != "Anna Karenina" || see(p, message) != "Welcome, Anna Karenina." {
		t.Errorf("user %q, message %q", see(p, user), see(p, message))
	}
	if cache := b.Reload().Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q of a user's page; want no-store, for the back button", cache)
	}
	if p := b.Get("/login"); p.URL.Path != "/" {
		t.Errorf("the log-in page of who is logged in is at %s; want /", p.URL.Path)
	}
	p = b.Click("Log out")
	if see(p, user) != "" || see(p, message) != "You are logged out." {
		t.Errorf("user %q, message %q", see(p, user), see(p, message))
	}
	if got := see(b.Reload(), message); got != "" {
		t.Errorf("after a reload the page says %q", got)
	}
}

func TestABadNameIsNotLoggedIn(t *testing.T) {
	b := open(t).visitor()
	p := login(b, strings.Repeat("x", 41))
	if p.Status != http.StatusUnprocessableEntity || see(p, mistake) == "" || b.Form("/login").Get("name") != strings.Repeat("x", 41) {
		t.Errorf("%v; want the form again", p)
	}
	mustBe(t, b, "")
}

func TestACookieFromBeforeTheLogOutIsNobodys(t *testing.T) {
	b := open(t).visitor()
	b.Get("/")
	stranger := b.Clone()
	login(b, "Anna")
	user := b.Clone()
	b.Click("Log out")
	for name, old := range map[string]*ringtest.Browser{"before the log-in": stranger, "before the log-out": user} {
		if p := old.Get("/browsers"); p.URL.Path != "/login" {
			t.Errorf("with the cookies from %s: %v; want /login", name, p)
		}
		mustBe(t, old, "")
	}
	mustBe(t, b, "")
}

func TestASessionEndsByItself(t *testing.T) {
	g := open(t)
	b := g.user("Anna")
	g.wait(sessionIdle - time.Minute)
	mustBe(t, b, "Anna")
	g.wait(sessionIdle)
	mustBe(t, b, "")
}

func TestABrowserIsRememberedIfItsUserAsksForThat(t *testing.T) {
	for name, fields := range map[string][]string{"asked": {"name", "Anna", "remember", "on"}, "not asked": {"name", "Anna"}} {
		t.Run(name, func(t *testing.T) {
			g := open(t)
			b := g.visitor(ringtest.Clock(g.now))
			b.Get("/login")
			b.Submit("/login", fields...)
			want := map[string]string{"asked": "Anna"}[name]
			b.Restart()
			g.wait(7 * 24 * time.Hour)
			mustBe(t, b, want)
			g.wait(remembered)
			mustBe(t, b, "")
		})
	}
}

func TestTheBrowsersOfAUser(t *testing.T) {
	g := open(t)
	g.user("Bertha")
	g.user("Anna", ringtest.Header("User-Agent",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"))
	g.wait(time.Minute)
	desk := g.user("Anna")
	if got, want := see(desk.Click("Browsers"), where), "Chrome on Linux this browser|Safari on iPhone"; got != want {
		t.Errorf("browsers %q; want %q", got, want)
	}
	if p := g.visitor().Get("/browsers"); p.URL.Path != "/login" || see(p, message) != "Please log in first." {
		t.Errorf("a stranger is at %v; want /login", p)
	}
	g.wait(sessionIdle - time.Second)
	if got, want := see(desk.Get("/browsers"), where), "Chrome on Linux this browser"; got != want {
		t.Errorf("browsers %q; want %q, as the other one has expired", got, want)
	}
}

func TestLoggingOutTheOthers(t *testing.T) {
	g := open(t)
	other, phone, desk := g.user("Bertha"), g.user("Anna"), g.user("Anna")
	thief := desk.Clone()
	desk.Get("/browsers")
	p := desk.Click("Log out the others")
	if p.URL.Path != "/browsers" || see(p, message) != "One other browser is logged out." {
		t.Errorf("%v; want /browsers with a message", p)
	}
	mustBe(t, desk, "Anna")
	mustBe(t, phone, "")
	mustBe(t, thief, "")
	mustBe(t, other, "Bertha")
	if p := desk.Post("/browsers/others/logout"); see(p, message) != "There was no other browser to log out." {
		t.Errorf("the page says %q", see(p, message))
	}
}

func TestLoggingOutEverywhere(t *testing.T) {
	g := open(t)
	other, phone, desk := g.user("Bertha"), g.user("Anna"), g.user("Anna")
	thief := desk.Clone()
	desk.Get("/browsers")
	p := desk.Click("Log out everywhere")
	if p.URL.Path != "/" || see(p, message) != "You are logged out everywhere." {
		t.Errorf("%v; want / with a message", p)
	}
	for _, b := range []*ringtest.Browser{desk, thief, phone} {
		mustBe(t, b, "")
	}
	mustBe(t, other, "Bertha")
}

func TestAStrangerLogsNobodyOut(t *testing.T) {
	g := open(t)
	b := g.user("Anna")
	for _, path := range []string{"/browsers/others/logout", "/browsers/all/logout"} {
		if p := g.visitor().Post(path, "owner", "Anna"); p.URL.Path != "/login" {
			t.Errorf("%s by a stranger: %v; want /login", path, p)
		}
	}
	mustBe(t, b, "Anna")
}

func TestPlainHTTPOnANetworkTakesInsecure(t *testing.T) {
	lan := ringtest.Origin("http://192.168.1.20:8080")
	for _, insecure := range []bool{false, true} {
		g := open(t)
		g.opts.Insecure = insecure
		want := ""
		if insecure {
			want = "Anna"
		}
		mustBe(t, g.user("Anna", lan), want)
	}
}
