package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLoggingInAndOut(t *testing.T) {
	v := open(t).visitor()
	v.mustBe("")
	p := v.login("  Anna \t Karenina ")
	if p.user() != "Anna Karenina" || p.notice() != "Welcome, Anna Karenina." {
		t.Errorf("user %q, notice %q", p.user(), p.notice())
	}
	if cache := v.get("/").header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q of a user's page; want no-store, for the back button", cache)
	}
	if p := v.get("/login"); p.path != "/" {
		t.Errorf("the log-in page of who is logged in is at %s; want /", p.path)
	}
	p = v.post("/logout", nil)
	if p.user() != "" || p.notice() != "You are logged out." {
		t.Errorf("user %q, notice %q", p.user(), p.notice())
	}
	if got := v.get("/").notice(); got != "" {
		t.Errorf("after a reload the notice is %q", got)
	}
}

func TestABadNameIsNotLoggedIn(t *testing.T) {
	v := open(t).visitor()
	p := v.login(strings.Repeat("x", 41))
	if p.status != http.StatusUnprocessableEntity || len(p.find(badPart)) != 1 || !strings.Contains(p.text, strings.Repeat("x", 41)) {
		t.Errorf("status %d, problems %q", p.status, p.find(badPart))
	}
	v.mustBe("")
}

func TestACookieFromBeforeTheLogOutIsNobodys(t *testing.T) {
	v := open(t).visitor()
	v.get("/")
	stranger := v.copy()
	v.login("Anna")
	old := v.copy()
	v.post("/logout", nil)
	for name, kept := range map[string]*visitor{"before the log-in": stranger, "before the log-out": old} {
		kept.t = t
		if p := kept.get("/browsers"); p.path != "/login" || p.user() != "" {
			t.Errorf("with a cookie from %s: at %s as %q; want /login", name, p.path, p.user())
		}
		kept.mustBe("")
	}
}

func TestASessionEndsByItself(t *testing.T) {
	g := open(t)
	v := g.visitor()
	v.login("Anna")
	g.wait(sessionIdle - time.Minute)
	v.mustBe("Anna")
	g.wait(sessionIdle)
	v.mustBe("")
}

func TestTheBrowsersOfAUser(t *testing.T) {
	g := open(t)
	desk, phone, other := g.visitor(), g.visitor(), g.visitor()
	phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
	other.login("Bertha")
	phone.login("Anna")
	desk.login("Anna")
	got := desk.get("/browsers").find(loginPart)
	want := []string{`Firefox on Linux <span class="mark">this browser</span>`, "Safari on iPhone"}
	if !slices.Equal(got, want) {
		t.Errorf("browsers %q; want %q", got, want)
	}
	if p := g.visitor().get("/browsers"); p.path != "/login" || p.notice() != "Please log in first." {
		t.Errorf("a stranger is at %s with the notice %q; want /login", p.path, p.notice())
	}
	g.wait(sessionIdle)
	desk.login("Anna")
	if got := desk.get("/browsers").find(loginPart); len(got) != 1 {
		t.Errorf("browsers %q; want this one only, as the others have expired", got)
	}
}

func TestLoggingOutTheOthers(t *testing.T) {
	g := open(t)
	desk, phone, other := g.visitor(), g.visitor(), g.visitor()
	other.login("Bertha")
	phone.login("Anna")
	desk.login("Anna")
	thief := desk.copy()
	p := desk.post("/browsers/others/logout", nil)
	if p.path != "/browsers" || p.notice() != "One other browser is logged out." {
		t.Errorf("at %s with the notice %q", p.path, p.notice())
	}
	desk.mustBe("Anna")
	phone.mustBe("")
	thief.mustBe("")
	other.mustBe("Bertha")
	if p := desk.post("/browsers/others/logout", nil); p.notice() != "There was no other browser to log out." {
		t.Errorf("the notice is %q", p.notice())
	}
}

func TestLoggingOutEverywhere(t *testing.T) {
	g := open(t)
	desk, phone, other := g.visitor(), g.visitor(), g.visitor()
	other.login("Bertha")
	phone.login("Anna")
	desk.login("Anna")
	old := desk.copy()
	p := desk.post("/browsers/all/logout", nil)
	if p.path != "/" || p.user() != "" || p.notice() != "You are logged out everywhere." {
		t.Errorf("at %s as %q with the notice %q", p.path, p.user(), p.notice())
	}
	desk.mustBe("")
	old.mustBe("")
	phone.mustBe("")
	other.mustBe("Bertha")
}

func TestNobodyElsesFormIsNeededToLogOutABrowser(t *testing.T) {
	g := open(t)
	v := g.visitor()
	v.login("Anna")
	for _, path := range []string{"/browsers/others/logout", "/browsers/all/logout"} {
		if p := g.visitor().post(path, url.Values{"owner": {"Anna"}}); p.path != "/login" {
			t.Errorf("%s by a stranger leads to %s; want /login", path, p.path)
		}
	}
	v.mustBe("Anna")
}
